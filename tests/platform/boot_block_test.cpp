#include "platform/run/boot_block.h"

#include "flow/base/error.h"
#include "flow/model/decoder.h"
#include "flow/model/load_model.h"
#include "platform/firmware/driver/flexcim_boot.h"
#include "tests/flow/tiny_model.h"

#include <catch2/catch.hpp>
#include <cstring>

using namespace flexcim;

namespace {

constexpr std::uint64_t kBase = 0x8000'0000;

/// A memory image as firmware reads it.
class Memory {
 public:
  explicit Memory(const MemoryImage& image) : bytes_(image.bytes()) { image.load(bytes_.data(), bytes_.size()); }

  template <class T>
  T at(std::uint64_t address, std::size_t index = 0) const {
    T value;
    const std::uint64_t offset = address - kBase + index * sizeof(T);
    REQUIRE(offset + sizeof(T) <= bytes_.size());
    std::memcpy(&value, &bytes_[offset], sizeof(T));
    return value;
  }
  std::string text(std::uint64_t address) const { return reinterpret_cast<const char*>(&bytes_[address - kBase]); }

 private:
  std::vector<std::uint8_t> bytes_;
};

PackedLinear linear(const std::string& name, int out) {
  PackedLinear linear;
  linear.name = name;
  linear.out = out;
  for (int o = 0; o < out; ++o) linear.scales.push_back(0.5f + static_cast<float>(o));
  linear.activation_scale = 0.25f;
  return linear;
}

}  // namespace

TEST_CASE("Boot block: arguments and jobs are found from its address") {
  MemoryImage image(kBase);
  image.reserve("firmware", 5000);
  const PackedLinear first = linear("q_proj", 2), second = linear("k_proj", 3);
  Matrix<std::int32_t> golden(1, 2);
  golden(0, 1) = -7;
  Descriptor command;
  command.opcode = 1;
  command.tag = 99;
  command.weights = 0x8123'4560;
  const std::uint64_t address = add_boot_block(image, {"f.elf", "two words", ""},
                                               {{&first, command, &golden}, {&second, command, nullptr}}, 0x42);
  const Memory memory(image);
  const auto boot = memory.at<flexcim_boot>(address);
  CHECK(boot.magic == FLEXCIM_BOOT_MAGIC);
  CHECK(boot.version == FLEXCIM_BOOT_VERSION);
  CHECK(boot.model == 0x42);
  REQUIRE(boot.argument_count == 3);
  CHECK(memory.text(memory.at<std::uint32_t>(boot.arguments, 0)) == "f.elf");
  CHECK(memory.text(memory.at<std::uint32_t>(boot.arguments, 1)) == "two words");
  CHECK(memory.text(memory.at<std::uint32_t>(boot.arguments, 2)).empty());
  CHECK(memory.at<std::uint32_t>(boot.arguments, 3) == 0);
  REQUIRE(boot.job_count == 2);
  const auto one = memory.at<flexcim_job>(boot.jobs, 0), two = memory.at<flexcim_job>(boot.jobs, 1);
  CHECK(memory.text(one.name) == "q_proj");
  CHECK(memory.text(two.name) == "k_proj");
  CHECK(one.command.opcode == 1);
  CHECK(one.command.weights == command.weights);
  CHECK(one.command.tag == FLEXCIM_JOB_TAG);
  CHECK(two.command.tag == FLEXCIM_JOB_TAG + 1);
  CHECK(memory.at<std::int32_t>(one.expected, 1) == -7);
  CHECK(two.expected == 0);
  CHECK(memory.at<float>(two.scales, 2) == 2.5f);
  CHECK(two.activation_scale == 0.25f);
}

TEST_CASE("Boot block: without jobs and arguments there is one, too") {
  MemoryImage image(kBase);
  const auto boot = [&] {
    const std::uint64_t address = add_boot_block(image, {}, {}, 0);
    return Memory(image).at<flexcim_boot>(address);
  }();
  CHECK(boot.job_count == 0);
  CHECK(boot.argument_count == 0);
  CHECK(Memory(image).at<std::uint32_t>(boot.arguments) == 0);
}

TEST_CASE("Boot block: a Llama's values are those that its forward pass uses") {
  const Scratch scratch;
  tiny_llama(3).write(scratch.str());
  GenerateJob job;
  job.model = load_model(scratch.str());
  job.prompt = {5, 6, 7};
  job.tokens = 4;
  job.ends = {2};
  job.golden = {8, 9};
  const auto& llama = dynamic_cast<const Decoder&>(*job.model);
  MemoryImage image(kBase);
  const BootModel placed = add_boot_model(image, job);
  const Memory memory(image);
  const auto model = memory.at<flexcim_model>(placed.address);
  const DecoderConfig& config = llama.config();
  CHECK(model.hidden == static_cast<unsigned>(config.hidden));
  CHECK(model.intermediate == static_cast<unsigned>(config.intermediate));
  CHECK(model.layers == static_cast<unsigned>(config.layers));
  CHECK(model.heads == static_cast<unsigned>(config.heads));
  CHECK(model.kv_heads == static_cast<unsigned>(config.kv_heads));
  CHECK(model.vocabulary == static_cast<unsigned>(config.vocabulary));
  CHECK(model.head == static_cast<unsigned>(config.head));
  CHECK(model.epsilon == config.epsilon);
  CHECK(model.prompt_tokens == 3);
  CHECK(model.new_tokens == 4);
  CHECK(model.end_tokens == 1);
  CHECK(model.expected_tokens == 2);
  CHECK(memory.at<std::int32_t>(model.prompt, 2) == 7);
  CHECK(memory.at<std::int32_t>(model.ends) == 2);
  CHECK(memory.at<std::int32_t>(model.expected, 1) == 9);
  CHECK(memory.at<std::int32_t>(model.generated, 3) == 0);
  CHECK(model.generated == placed.generated);
  const std::size_t hidden = model.hidden, last = hidden - 1;
  CHECK(memory.at<float>(model.embedding, 6 * hidden + last) == llama.embed({6})(0, last));
  CHECK(memory.at<float>(model.norms, hidden + last) == std::get<RmsNorm>(llama.norms()[0].mlp).weight[last]);
  CHECK(memory.at<float>(model.norms, 2 * model.layers * hidden + 1) ==
        std::get<RmsNorm>(*llama.ends().norm()).weight[1]);
  CHECK(memory.at<float>(model.output_head, hidden + 1) == llama.ends().head()(1, 1));
  const std::size_t half = model.head / 2;
  for (std::size_t i = 0; i < half; ++i) {
    CHECK(memory.at<float>(model.cosines, 6 * half + i) == llama.rope()->cosines()(6, i));
    CHECK(memory.at<float>(model.sines, 6 * half + i) == llama.rope()->sines()(6, i));
  }
}

TEST_CASE("Boot block: what firmware cannot be told of a model is refused by name") {
  const auto refusal_of = [](const std::string& directory, int tokens) {
    GenerateJob job;
    job.model = load_model(directory);
    job.prompt = {5, 6, 7};
    job.tokens = tokens;
    MemoryImage image(kBase);
    return message_of<InputError>([&] { add_boot_model(image, job); });
  };
  const auto refusal = [&](const TinyModel& tiny) {
    const Scratch scratch;
    tiny.write(scratch.str());
    return refusal_of(scratch.str(), 40);
  };
  const std::string only = "firmware can be given a Llama only, and the model ";
  CHECK(refusal(tiny_llama(4)).empty());
  CHECK(refusal(tiny_mamba(4)) == only + "is another");
  CHECK(refusal(biased_llama(4)) == only + "has biases");
  CHECK(refusal_of(FLEXCIM_SCENARIOS_DIR "/../tests/flow/models/opt", 4) == only + "has other norms");

  const auto changed = [](const char* architecture, const char* type, const nlohmann::json& keys) {
    TinyModel model = tiny_llama(5);
    model.config["architectures"] = {architecture};
    model.config["model_type"] = type;
    model.config.update(keys);
    return model;
  };
  const auto mistral = [&](int window) {
    return refusal(changed("MistralForCausalLM", "mistral", {{"sliding_window", window}}));
  };
  CHECK(mistral(43).empty());
  CHECK(mistral(42) == only + "has a sliding window of 42 tokens");
  const auto dynamic = [&](int context) {
    return refusal(
        changed("LlamaForCausalLM", "llama",
                {{"max_position_embeddings", context}, {"rope_scaling", {{"type", "dynamic"}, {"factor", 3}}}}));
  };
  CHECK(dynamic(43).empty());
  CHECK(dynamic(42) == only + "has rotary positions that depend on the length");
  TinyModel qwen3 = changed("Qwen3ForCausalLM", "qwen3", nlohmann::json::object());
  std::mt19937 random(6);
  for (const char* block : {"0", "1"}) {
    for (const char* part : {"q_norm", "k_norm"}) {
      qwen3.add(std::string("model.layers.") + block + ".self_attn." + part + ".weight", {6}, 0.5f, 1.0f, random);
    }
  }
  CHECK(refusal(qwen3) == only + "has norms of queries and keys");
}
