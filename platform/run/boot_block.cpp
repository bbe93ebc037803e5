#include "platform/run/boot_block.h"

#include "flow/base/error.h"
#include "flow/model/decoder.h"
#include "platform/firmware/driver/flexcim_boot.h"

#include <algorithm>
#include <cstring>

namespace flexcim {
namespace {

using Bytes = std::vector<std::uint8_t>;

static_assert(sizeof(flexcim_descriptor) == kDescriptorBytes);

template <class T>
Bytes bytes_of(const T* values, std::size_t count) {
  Bytes bytes(count * sizeof(T));
  if (!bytes.empty()) std::memcpy(bytes.data(), values, bytes.size());
  return bytes;
}
template <class T>
Bytes bytes_of(const std::vector<T>& values) {
  return bytes_of(values.data(), values.size());
}
template <class T>
Bytes bytes_of(const Matrix<T>& values) {
  return bytes_of(values.data(), values.size());
}

/// Strings behind each other, and where each begins.
struct Strings {
  Bytes bytes;
  std::vector<std::uint64_t> offsets;

  void add(const std::string& text) {
    offsets.push_back(bytes.size());
    bytes.insert(bytes.end(), text.begin(), text.end());
    bytes.push_back(0);
  }
};

/// The first `rows` of a table.
Bytes rows_of(const Matrix<float>& table, std::size_t rows) {
  return bytes_of(table.data(), std::min(rows, table.rows()) * table.cols());
}

[[noreturn]] void refuse(const std::string& problem) {
  throw InputError("firmware can be given a Llama only, and the model " + problem);
}

/// The model as a Llama, for all of the positions that will be used.
const Decoder& as_llama(const LanguageModel& model, std::size_t positions) {
  const auto* decoder = dynamic_cast<const Decoder*>(&model);
  if (decoder == nullptr) refuse("is another");
  const DecoderConfig& config = decoder->config();
  if (config.norm != NormKind::rms || !config.norm_first || !config.final_norm) refuse("has other norms");
  if (!config.rope) refuse("has learned positions");
  if (!config.gated()) refuse("has a network without gate");
  if (config.biases.inputs || config.biases.output || config.biases.mlp) refuse("has biases");
  if (config.head_norms) refuse("has norms of queries and keys");
  for (const std::size_t window : config.windows) {
    if (window < positions) refuse("has a sliding window of " + std::to_string(window) + " tokens");
  }
  if (positions > decoder->rope()->cosines().rows()) refuse("has rotary positions that depend on the length");
  return *decoder;
}

}  // namespace

BootModel add_boot_model(MemoryImage& memory, const GenerateJob& job) {
  const std::size_t positions = job.prompt.size() + static_cast<std::size_t>(job.tokens);
  const Decoder& model = as_llama(*job.model, positions);
  const DecoderConfig& config = model.config();
  flexcim_model image{};
  const auto count = [](std::size_t size) { return static_cast<std::uint32_t>(size); };
  image.hidden = count(config.hidden);
  image.intermediate = count(config.intermediate);
  image.layers = count(config.layers);
  image.heads = count(config.heads);
  image.kv_heads = count(config.kv_heads);
  image.vocabulary = count(config.vocabulary);
  image.head = count(config.head);
  image.epsilon = config.epsilon;

  std::vector<float> norms;
  const auto add_norm = [&norms](const Norm& norm) {
    const std::vector<float>& weight = std::get<RmsNorm>(norm).weight;
    norms.insert(norms.end(), weight.begin(), weight.end());
  };
  for (const Decoder::Norms& block : model.norms()) {
    add_norm(block.attention);
    add_norm(block.mlp);
  }
  add_norm(*model.ends().norm());

  image.embedding = memory.append("the model's embedding", bytes_of(model.ends().embedding()));
  image.norms = memory.append("the model's norms", bytes_of(norms));
  image.output_head = memory.append("the model's output head", bytes_of(model.ends().head()));
  image.cosines = memory.append("cosines of positions", rows_of(model.rope()->cosines(), positions));
  image.sines = memory.append("sines of positions", rows_of(model.rope()->sines(), positions));
  image.prompt = memory.append("the prompt", bytes_of(job.prompt));
  image.ends = memory.append("tokens that end the text", bytes_of(job.ends));
  image.expected = memory.append("the golden text", bytes_of(job.golden));
  image.generated = memory.reserve("the generated text", static_cast<std::uint64_t>(job.tokens) * sizeof(std::int32_t));
  image.prompt_tokens = count(job.prompt.size());
  image.new_tokens = count(job.tokens);
  image.end_tokens = count(job.ends.size());
  image.expected_tokens = count(job.golden.size());
  return {memory.append("the model's description", bytes_of(&image, 1)), image.generated};
}

std::uint64_t add_boot_block(MemoryImage& memory, const std::vector<std::string>& arguments,
                             const std::vector<BootJob>& jobs, std::uint64_t model) {
  Strings strings;
  for (const std::string& argument : arguments) strings.add(argument);
  for (const BootJob& job : jobs) strings.add(job.weights->name);
  const std::uint64_t text = memory.append("strings of the boot block", strings.bytes);

  std::vector<std::uint32_t> argv;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    argv.push_back(static_cast<std::uint32_t>(text + strings.offsets[i]));
  }
  argv.push_back(0);

  std::vector<flexcim_job> table;
  for (const BootJob& job : jobs) {
    const std::string& name = job.weights->name;
    flexcim_job entry{};
    Descriptor command = job.command;
    command.tag = FLEXCIM_JOB_TAG + static_cast<std::uint32_t>(table.size());
    const DescriptorImage descriptor = encode(command);
    std::memcpy(&entry.command, descriptor.data(), descriptor.size());
    entry.name = text + strings.offsets[arguments.size() + table.size()];
    if (job.expected != nullptr) entry.expected = memory.append("golden outputs of " + name, bytes_of(*job.expected));
    entry.scales = memory.append("scales of " + name, bytes_of(job.weights->scales));
    entry.activation_scale = job.weights->activation_scale;
    table.push_back(entry);
  }

  flexcim_boot boot{};
  boot.magic = FLEXCIM_BOOT_MAGIC;
  boot.version = FLEXCIM_BOOT_VERSION;
  boot.arguments = memory.append("arguments of the boot block", bytes_of(argv));
  boot.argument_count = static_cast<std::uint32_t>(arguments.size());
  boot.job_count = static_cast<std::uint32_t>(table.size());
  boot.jobs = memory.append("jobs of the boot block", bytes_of(table));
  boot.model = model;
  return memory.append("the boot block", bytes_of(&boot, 1));
}

}  // namespace flexcim
