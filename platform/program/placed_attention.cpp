#include "platform/program/placed_attention.h"

#include "flow/map/image.h"
#include "platform/config/block_parameters.h"

#include <algorithm>
#include <cstring>

namespace flexcim {
namespace {

using Product = AttentionProduct;

constexpr Product kProducts[] = {Product::scores, Product::weighted_values};

const char* name_of(Product product) { return product == Product::scores ? "scores" : "weighted_values"; }

DenseImage image_of(const Architecture& architecture, std::size_t out, std::size_t in) {
  return {architecture.macro, architecture.merge, static_cast<int>(out), static_cast<int>(in)};
}

/// "model.layers.0.self_attn" of a linear that is called so and more.
std::string module_of(const LanguageModel& model, int block) {
  const std::vector<LinearInfo>& linears = model.linears();
  const auto first =
      std::find_if(linears.begin(), linears.end(), [&](const auto& each) { return each.block == block; });
  return first->name.substr(0, first->name.rfind('.'));
}

/// Writes what the directory has become of what it was.
void write_directory(ProgramHost& host, std::uint64_t address, const std::vector<std::uint8_t>& before,
                     const std::vector<std::uint8_t>& now) {
  const auto differs = [&](std::size_t at) {
    return at >= before.size() || std::memcmp(&before[at], &now[at], kDirectoryEntryBytes) != 0;
  };
  for (std::size_t at = 0, end = 0; at < now.size(); at = end) {
    end = at + kDirectoryEntryBytes;
    if (!differs(at)) continue;
    while (end < now.size() && differs(end)) end += kDirectoryEntryBytes;
    host.write(address + at, &now[at], end - at);
  }
}

/// Writes inputs [first, end) of output channel `o`, of which weight(i) is the i-th: in each tile all bytes from the
/// first to the last new one.
template <class Weight>
void write_inputs(ProgramHost& host, const DenseImage& image, std::uint64_t address, int o, int first, int end,
                  const Weight& weight) {
  const int width = image.tile_inputs();
  for (int begin = first / width * width; begin < end; begin += width) {
    std::vector<std::uint8_t> column(static_cast<std::size_t>(width));
    const std::uint64_t start = image.offset(o, begin);
    std::uint64_t low = column.size(), high = 0;
    for (int i = begin; i < std::min(begin + width, end); ++i) {
      const std::uint64_t at = image.offset(o, i) - start;
      column[at] = static_cast<std::uint8_t>(weight(i));
      if (i < first) continue;
      low = std::min(low, at);
      high = std::max(high, at + 1);
    }
    host.write(address + start + low, &column[low], high - low);
  }
}

}  // namespace

PlacedAttention::PlacedAttention(const Scenario& scenario, MemoryImage& memory, const LanguageModel& model,
                                 std::size_t prompt, std::size_t tokens, std::uint32_t tag)
    : scenario_(scenario),
      shape_(model.attention()),
      tokens_(tokens),
      rows_(std::min(prompt, kQueryTokens) * static_cast<std::size_t>(shape_.heads / shape_.kv_heads)),
      tag_(tag),
      keys_(image_of(scenario.architecture, tokens, static_cast<std::size_t>(shape_.head))),
      values_(image_of(scenario.architecture, static_cast<std::size_t>(shape_.head), tokens)) {
  for (int block = 0; block < model.blocks(); ++block) {
    for (const Product product : kProducts) {
      PackedLinear& linear = linears_.emplace_back();
      linear.name = module_of(model, block) + "." + name_of(product);
      linear.out = product == Product::scores ? 1 : shape_.head;
      linear.in = product == Product::scores ? shape_.head : 1;
      for (int h = 0; h < shape_.kv_heads; ++h) {
        images_.push_back(memory.reserve("keys or values of a head", image(product).bytes()));
      }
    }
  }
  const Descriptor scores = command(Product::scores, rows_, tokens_);
  const Descriptor values = command(Product::weighted_values, rows_, tokens_);
  for (Slot& slot : slots_) {
    const auto larger = [&](std::uint32_t a, std::uint32_t b) { return std::uint64_t{rows_} * std::max(a, b); };
    slot.inputs = memory.reserve("inputs of attention", larger(scores.activation_stride, values.activation_stride));
    slot.outputs = memory.reserve("outputs of attention", larger(scores.output_stride, values.output_stride));
  }
}

void PlacedAttention::write(ProgramHost& host, int block, const Int8Cache& cache, std::size_t tokens) const {
  const int head = shape_.head, end = static_cast<int>(cache.length()), first = end - static_cast<int>(tokens);
  for (std::size_t h = 0; h < cache.kv_heads(); ++h) {
    const MatrixView<const std::int8_t> keys = cache.keys(h), values = cache.values(h);
    const auto at = [](const MatrixView<const std::int8_t>& rows, int row, int i) {
      return rows(static_cast<std::size_t>(row), static_cast<std::size_t>(i));
    };
    const std::uint64_t to_keys = address(block, Product::scores, h);
    for (int s = first; s < end; ++s) {
      write_inputs(host, keys_, to_keys, s, 0, head, [&](int i) { return at(keys, s, i); });
    }
    write_directory(host, to_keys, first == 0 ? std::vector<std::uint8_t>() : keys_.directory(first, head),
                    keys_.directory(end, head));
    const std::uint64_t to_values = address(block, Product::weighted_values, h);
    for (int i = 0; i < head; ++i) {
      write_inputs(host, values_, to_values, i, first, end, [&](int s) { return at(values, s, i); });
    }
    write_directory(host, to_values, first == 0 ? std::vector<std::uint8_t>() : values_.directory(head, first),
                    values_.directory(head, end));
  }
}

/// Without addresses.
Descriptor PlacedAttention::command(AttentionProduct product, std::size_t rows, std::size_t seen) const {
  const bool scores = product == Product::scores;
  const int out = scores ? static_cast<int>(seen) : shape_.head, in = scores ? shape_.head : static_cast<int>(seen);
  Descriptor command =
      gemm_descriptor(scenario_.architecture, scenario_.sequencing, Pattern{}, out, in, static_cast<int>(rows), 8);
  command.flags |= kFlagStreamWeights;
  command.weights_bytes = static_cast<std::uint32_t>(image(product).bytes());
  return command;
}

Descriptor PlacedAttention::command(int block, const AttentionTask& task, std::size_t rows, std::size_t slot) const {
  Descriptor command = this->command(task.product, rows, task.seen);
  command.weights = address(block, task.product, task.kv_head);
  command.activations = slots_[slot].inputs;
  command.outputs = slots_[slot].outputs;
  command.tag = tag_ + static_cast<std::uint32_t>(index(block, task.product));
  return command;
}

void PlacedAttention::check(CommandCheck& check) const {
  for (const Product product : kProducts) {
    const bool scores = product == Product::scores;
    const auto tokens = static_cast<int>(tokens_);
    const std::vector<std::uint8_t> directory =
        scores ? keys_.directory(tokens, shape_.head) : values_.directory(shape_.head, tokens);
    check.add(linear(0, product).name, command(product, rows_, tokens_), directory.data());
  }
}

}  // namespace flexcim
