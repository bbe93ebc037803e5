// Speed of fidelity tlm against oneDNN's dense int8 matmul: a 4096 x 4096 layer at 4:8 with 128 tokens and with one, on
// one thread each in processor time and on two threads each in wall time; and one decoder block in the shape of
// Llama-2-7B with 128 tokens. What is simulated is the accelerator with DMA, interconnect and bank-level DRAM; outputs
// are compared with oneDNN's, element by element. Packing the weights and encoding their image is done before, as
// oneDNN's reorder of its weights is.
#include "bench/tlm_system.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <fmt/format.h>
#include <numeric>
#include <omp.h>
#include <oneapi/dnnl/dnnl.hpp>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace flexcim {
namespace {

constexpr int kSize = 4096;
constexpr int kPrefillTokens = 128;
/// A token of a real model passes through many layers before it comes back to the same one: both sides take turns over
/// this many layers, more than caches hold.
constexpr int kLayers = 8;
constexpr int kPrefillRounds = 2, kDecodeRounds = 8;

/// oneDNN's second thread goes on turning for a while when it has nothing more to do, on a processor that tlm needs.
constexpr std::chrono::milliseconds kRest{20};

/// On one thread processor time of this process: what others run on the machine does not count. On more, wall time.
double seconds(int threads) {
  timespec now{};
  clock_gettime(threads == 1 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

template <class Work>
double time_of(Work work, int threads = 1) {
  const double start = seconds(threads);
  work();
  return seconds(threads) - start;
}

/// 4:8 as the policy `window` with w = 1 keeps it: one element of each pair, so that a tile runs in one phase.
PackedLinear random_linear(std::mt19937& random, int out, int in) {
  PackedLinear linear;
  linear.name = "random";
  linear.pattern = {4, 8};
  linear.policy = IndexPolicy::window;
  linear.out = out;
  linear.in = in;
  linear.scales.assign(static_cast<std::size_t>(out), 1.0f);
  const std::size_t entries = static_cast<std::size_t>(out) * static_cast<std::size_t>(linear.groups()) * 4;
  linear.values.assign(entries, 0);
  linear.indices.assign(entries, 0);
  for (std::size_t i = 0; i < entries; ++i) {
    const auto bits = static_cast<std::uint32_t>(random());
    linear.values[i] = static_cast<std::int8_t>(static_cast<int>(bits >> 8) % 255 - 127);
    linear.indices[i] = static_cast<std::uint8_t>(2 * (i % 4) + bits % 2);
  }
  return linear;
}

Matrix<std::int8_t> random_activations(std::mt19937& random, int tokens, int in) {
  Matrix<std::int8_t> x(static_cast<std::size_t>(tokens), static_cast<std::size_t>(in));
  for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = static_cast<std::int8_t>(random());
  return x;
}

/// Dense weights in the form that oneDNN likes best for this number of tokens and threads.
class DenseMatmul {
 public:
  using Type = dnnl::memory::data_type;
  using Tag = dnnl::memory::format_tag;

  DenseMatmul(int threads, int tokens, const std::vector<Matrix<std::int8_t>>& weights)
      : threads_(threads), in_(static_cast<long>(weights[0].cols())), out_(static_cast<long>(weights[0].rows())) {
    omp_set_num_threads(threads_);
    const dnnl::memory::desc source({tokens, in_}, Type::s8, Tag::ab), sums({tokens, out_}, Type::s32, Tag::ab);
    const dnnl::memory::desc best({in_, out_}, Type::s8, Tag::any), plain({in_, out_}, Type::s8, Tag::ba);
    const dnnl::matmul::primitive_desc description({source, best, sums}, engine_);
    matmul_ = dnnl::matmul(description);
    implementation_ = description.impl_info_str();
    source_ = dnnl::memory(source, engine_);
    sums_ = dnnl::memory(sums, engine_);
    for (const Matrix<std::int8_t>& each : weights) {
      dnnl::memory given(plain, engine_, const_cast<std::int8_t*>(each.data()));
      weights_.emplace_back(description.weights_desc(), engine_);
      dnnl::reorder(given, weights_.back()).execute(stream_, given, weights_.back());
    }
    stream_.wait();
  }

  void run(std::size_t layer) {
    omp_set_num_threads(threads_);
    matmul_.execute(stream_, {{DNNL_ARG_SRC, source_}, {DNNL_ARG_WEIGHTS, weights_[layer]}, {DNNL_ARG_DST, sums_}});
    stream_.wait();
  }
  void set_source(const Matrix<std::int8_t>& x) { std::memcpy(source_.get_data_handle(), x.data(), x.size()); }
  const std::int32_t* sums() const { return static_cast<const std::int32_t*>(sums_.get_data_handle()); }
  const std::string& implementation() const { return implementation_; }

 private:
  const int threads_;
  const long in_, out_;
  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_{engine_};
  dnnl::matmul matmul_;
  dnnl::memory source_, sums_;
  std::vector<dnnl::memory> weights_;
  std::string implementation_;
};

double median(std::vector<double> times) {
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2), times.end());
  return times[times.size() / 2];
}

struct Comparison {
  double first = 0;         ///< seconds of the first run of a layer, TLM
  double tlm = 0, dnn = 0;  ///< median seconds, layers in turn
  double dnn_cached = 0;    ///< median seconds, always the same layer
  std::uint64_t cycles = 0;
  double macs = 0;

  double ratio() const { return dnn / tlm; }
};

/// Both sides in turn, all layers each, so that what disturbs one disturbs the other.
Comparison compare(int threads, TlmSystem& system, const std::vector<TlmSystem::Layer>& layers, DenseMatmul& dense,
                   const Matrix<std::int8_t>& x, int rounds) {
  Comparison result;
  result.macs = static_cast<double>(x.rows()) * kSize * kSize;
  dense.set_source(x);
  std::vector<std::vector<std::int32_t>> sums;
  for (std::size_t layer = 0; layer < layers.size(); ++layer) {
    dense.run(layer);
    sums.emplace_back(dense.sums(), dense.sums() + x.rows() * kSize);
  }
  std::vector<double> tlm, dnn, cached;
  const auto rest = [&] {
    if (threads > 1) std::this_thread::sleep_for(kRest);
  };
  for (int i = 0; i < rounds; ++i) {
    rest();
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
      const TlmSystem::Command command = system.place(layers[layer], x);
      CommandRecord record;
      tlm.push_back(time_of([&] { record = system.run(command); }, threads));
      system.require_outputs(command, sums[layer].data());
      result.cycles = record.cycles();
    }
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
      dnn.push_back(time_of([&] { dense.run(layer); }, threads));
    }
  }
  for (int i = 0; i < rounds * kLayers / 2; ++i) cached.push_back(time_of([&] { dense.run(0); }, threads));
  rest();
  result.first = tlm.front();
  result.tlm = median(tlm);
  result.dnn = median(dnn);
  result.dnn_cached = median(cached);
  return result;
}

void print(const char* name, const Comparison& c) {
  fmt::print("{:<34} {:>10} {:>9.3f} {:>9.3f} {:>9.1f} {:>9.3f} {:>9.1f} {:>7.2f} {:>9.3f}\n", name, c.cycles,
             1e3 * c.first, 1e3 * c.tlm, 1e-9 * c.macs / c.tlm, 1e3 * c.dnn, 1e-9 * c.macs / c.dnn, c.ratio(),
             1e3 * c.dnn_cached);
}

struct Block {
  double offline = 0;  ///< seconds to encode the images
  double seconds = 0;  ///< of the simulation
  std::uint64_t cycles = 0;
};

/// q, k, v, o: 4096 -> 4096; gate, up: 4096 -> 11008; down: 11008 -> 4096.
Block run_block(TlmSystem& system, std::mt19937& random) {
  constexpr int kFfn = 11008;
  struct Shape {
    int out, in;
  };
  const Shape shapes[] = {{kSize, kSize}, {kSize, kSize}, {kSize, kSize}, {kSize, kSize},
                          {kFfn, kSize},  {kFfn, kSize},  {kSize, kFfn}};
  Block block;
  system.clear();
  for (const Shape& shape : shapes) {
    const PackedLinear linear = random_linear(random, shape.out, shape.in);
    TlmSystem::Layer layer;
    block.offline += time_of([&] { layer = system.add(linear); });
    const Matrix<std::int8_t> x = random_activations(random, kPrefillTokens, shape.in);
    const TlmSystem::Command command = system.place(layer, x);
    block.seconds += time_of([&] { block.cycles += system.run(command).cycles(); });
    const Matrix<std::int8_t> weights = unpack(linear);
    DenseMatmul dense(1, kPrefillTokens, {weights});
    dense.set_source(x);
    dense.run(0);
    system.require_outputs(command, dense.sums());
  }
  return block;
}

/// The default accelerator cuts the prompt into token tiles and fetches all weights for each of them; one with buffers
/// for layers of this size fetches them once.
AcceleratorParameters roomy() {
  AcceleratorParameters parameters;
  parameters.activation.bytes = 2 << 20;  // 128 tokens of 11008 inputs
  parameters.weight.bytes = 1 << 20;
  parameters.output.bytes = 256 << 10;
  return parameters;
}

/// Both accelerators with all layers, on so many threads.
struct Systems {
  TlmSystem small, large;
  std::vector<TlmSystem::Layer> small_layers, large_layers;

  explicit Systems(int threads)
      : small(fmt::format("published_{}", threads).c_str(), {}, threads),
        large(fmt::format("roomy_{}", threads).c_str(), roomy(), threads) {}
};

struct Comparisons {
  Comparison prefill, small_prefill, decode, small_decode;
};

Comparisons compare_all(int threads, Systems& systems, const std::vector<Matrix<std::int8_t>>& weights,
                        std::mt19937& random) {
  const Matrix<std::int8_t> prompt = random_activations(random, kPrefillTokens, kSize);
  const Matrix<std::int8_t> token = random_activations(random, 1, kSize);
  DenseMatmul dense_prefill(threads, kPrefillTokens, weights), dense_decode(threads, 1, weights);
  fmt::print("4096 x 4096, int8, 4:8 (window, one phase per tile), LPDDR4-3200, {}, median; oneDNN: {}\n",
             threads == 1 ? "one thread each; milliseconds of processor time"
                          : fmt::format("{} threads each; milliseconds of wall time", threads),
             dense_prefill.implementation());
  fmt::print("{:<34} {:>10} {:>9} {:>9} {:>9} {:>9} {:>9} {:>7} {:>9}\n", "", "cycles", "tlm first", "tlm", "GMAC/s",
             "oneDNN", "GMAC/s", "ratio", "in cache");
  Comparisons all;
  all.prefill = compare(threads, systems.large, systems.large_layers, dense_prefill, prompt, kPrefillRounds);
  print("128 tokens, buffers for the layer", all.prefill);
  all.small_prefill = compare(threads, systems.small, systems.small_layers, dense_prefill, prompt, kPrefillRounds);
  print("128 tokens, 64 KiB buffers", all.small_prefill);
  all.decode = compare(threads, systems.large, systems.large_layers, dense_decode, token, kDecodeRounds);
  print("1 token, buffers for the layer", all.decode);
  all.small_decode = compare(threads, systems.small, systems.small_layers, dense_decode, token, kDecodeRounds);
  print("1 token, 64 KiB buffers", all.small_decode);
  return all;
}

int run() {
  Systems one(1), two(2);
  std::mt19937 random(1);
  std::vector<Matrix<std::int8_t>> weights;
  for (int i = 0; i < kLayers; ++i) {
    const PackedLinear linear = random_linear(random, kSize, kSize);
    for (Systems* systems : {&one, &two}) {
      systems->small_layers.push_back(systems->small.add(linear));
      systems->large_layers.push_back(systems->large.add(linear));
    }
    weights.push_back(unpack(linear));
  }
  const Comparisons single = compare_all(1, one, weights, random), dual = compare_all(2, two, weights, random);

  const Block block = run_block(one.small, random), roomy_block = run_block(one.large, random);
  fmt::print(
      "Llama-2-7B block, 128 tokens, one thread: buffers for the layer {:.2f} s for {} cycles; 64 KiB buffers {:.2f} s "
      "for {} cycles; encoding the images before: {:.2f} s\n",
      roomy_block.seconds, roomy_block.cycles, block.seconds, block.cycles, block.offline);
  fmt::print(
      "{{\"prefill_ratio\": {:.4f}, \"decode_ratio\": {:.4f}, \"prefill_gmac_per_s\": {:.2f}, "
      "\"decode_gmac_per_s\": {:.2f}, \"block_7b_seconds\": {:.3f}, \"block_7b_encode_seconds\": {:.3f}, "
      "\"prefill_ratio_64kib\": {:.4f}, \"decode_ratio_64kib\": {:.4f}, \"prefill_ratio_two_threads\": {:.4f}, "
      "\"prefill_default_ratio_two_threads\": {:.4f}, \"decode_ratio_two_threads\": {:.4f}, "
      "\"decode_default_ratio_two_threads\": {:.4f}}}\n",
      single.prefill.ratio(), single.decode.ratio(), 1e-9 * single.prefill.macs / single.prefill.tlm,
      1e-9 * single.decode.macs / single.decode.tlm, block.seconds, block.offline, single.small_prefill.ratio(),
      single.small_decode.ratio(), dual.prefill.ratio(), dual.small_prefill.ratio(), dual.decode.ratio(),
      dual.small_decode.ratio());
  return 0;
}

}  // namespace
}  // namespace flexcim

int sc_main(int, char**) {
  try {
    return flexcim::run();
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench/tlm: {}\n", error.what());
    return 1;
  }
}
