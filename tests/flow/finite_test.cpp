// No result comes from a value that is not finite: the first is named with its place.
#include "flow/base/finite.h"

#include "flow/model/evaluate.h"
#include "flow/model/float_runner.h"
#include "flow/model/generate.h"
#include "flow/model/int8_runner.h"
#include "flow/model/load_model.h"
#include "flow/model/operators.h"
#include "flow/pack/pack_model.h"
#include "tests/flow/random_linear.h"
#include "tests/flow/tiny_model.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <limits>

using namespace flexcim;
using Catch::Matchers::Contains;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kHuge = 3e38f;
const std::string kDown = "model.layers.1.mlp.down_proj";

void scale(TinyModel& model, const std::string& tensor, float to) {
  for (float& value : model.tensors.at(tensor).values) value = std::copysign(to, value);
}

/// What `use` of the written model throws.
std::string thrown(const TinyModel& model, const std::function<void(const LanguageModel&, LinearRunner&)>& use) {
  const Scratch scratch;
  model.write(scratch.str());
  const std::unique_ptr<LanguageModel> loaded = load_model(scratch.str());
  FloatRunner runner(*loaded);
  return message_of<InputError>([&] { use(*loaded, runner); });
}

std::string evaluated(const TinyModel& model) {
  return thrown(model, [](const LanguageModel& loaded, LinearRunner& runner) {
    bits_per_token(loaded, runner, {std::vector<int>(100, 3)}, 0, 2);
  });
}

std::string generated(const TinyModel& model) {
  return thrown(model, [](const LanguageModel& loaded, LinearRunner& runner) {
    generate_greedy(loaded, runner, {1, 2, 3}, 4);
  });
}

std::string calibrated(const TinyModel& model) {
  return thrown(model, [](const LanguageModel& loaded, LinearRunner&) { calibrate(loaded, {{1, 2}, {3, 4}}, 2); });
}

}  // namespace

TEST_CASE("finite: the first of many values that is not, wherever it stands") {
  for (const float bad : {kInfinity, -kInfinity, std::nanf(""), -std::nanf("")}) {
    for (const std::size_t place : {0, 1, 15, 16, 98, 99}) {
      std::vector<float> values(100, std::numeric_limits<float>::max());
      CHECK(first_not_finite(values.data(), 100) == 100);
      values[99] = bad;
      values[place] = bad;
      CHECK(first_not_finite(values.data(), 100) == place);
      CHECK(first_not_finite(values.data(), place) == place);
    }
    CHECK(not_finite_text(bad) == (std::isnan(bad) ? "NaN" : "infinite"));
  }
  CHECK(first_not_finite(nullptr, 0) == 0);
}

TEST_CASE("finite: no runner takes an input that is not, with a static scale or per token") {
  std::mt19937 random(1);
  const LinearInfo linear{"a", 0, 0, 3, 8};
  for (const float activation_scale : {0.0f, 0.02f}) {
    PackedLinear packed = test::random_linear(random, {1, 1}, 3, 8);
    packed.name = linear.name;
    packed.activation_scale = activation_scale;
    Int8Runner runner({packed});
    for (const float bad : {kInfinity, -kInfinity, std::nanf("")}) {
      Matrix<float> x(4, 8), y(4, 3);
      x(2, 5) = bad;
      const std::string what = std::isnan(bad) ? "NaN" : "infinite";
      CHECK_THAT(message_of<NotFiniteError>([&] { runner.run(linear, x, y); }),
                 Catch::Equals("input of linear a: token 2, column 5 is " + what));
    }
  }
}

TEST_CASE("finite: a norm neither passes such a value on nor hides one that overflows") {
  const RmsNorm norm{"n", {1, 1, 1}, 1e-5f};
  const auto message = [&](float value) {
    Matrix<float> x(2, 3), y(2, 3);
    x(1, 2) = value;
    return message_of<NotFiniteError>([&] { norm.apply(x, y); });
  };
  CHECK(message(1e18f).empty());
  CHECK_THAT(message(1e20f), Catch::Equals("input of norm n: the squares of token 1 overflow"));
  CHECK_THAT(message(kInfinity), Catch::Equals("input of norm n: token 1, column 2 is infinite"));
  CHECK_THAT(message(std::nanf("")), Catch::Equals("input of norm n: token 1, column 2 is NaN"));
}

TEST_CASE("finite: logits are looked at by evaluation and generation") {
  TinyModel model = tiny_llama(70);
  scale(model, "lm_head.weight", kHuge);
  CHECK_THAT(evaluated(model), Contains("the logits of token 0 are not finite: that of id "));
  CHECK_THAT(generated(model), Contains("the logits of token 0 are not finite: that of id "));
  CHECK(calibrated(model).empty());  // has no use for them
  const std::string rows = thrown(model, [](const LanguageModel& loaded, LinearRunner& runner) {
    bits_per_token(loaded, runner, {{3}, {3, 3}}, 0, 2);
  });
  CHECK_THAT(rows, Catch::StartsWith("row 1: the logits of token 0 are not finite: that of id "));
  // One id only.
  TinyModel one = tiny_mamba(71);
  one.config["tie_word_embeddings"] = false;
  one.tensors["lm_head.weight"] = one.tensors.at("backbone.embeddings.weight");
  for (std::size_t i = 0; i < 20; ++i) {
    one.tensors["lm_head.weight"].values[20 * 49 + i] = i % 2 == 0 ? kHuge : -kHuge;
  }
  CHECK_THAT(evaluated(one), Contains("are not finite: that of id 49 is "));
}

TEST_CASE("finite: what overflows inside is named where it first goes on") {
  TinyModel model = tiny_llama(72);
  scale(model, "model.layers.1.mlp.gate_proj.weight", 1e38f);
  scale(model, "model.layers.1.mlp.up_proj.weight", 1e38f);
  const std::string place = "input of linear " + kDown + ": token 0, column ";
  CHECK_THAT(evaluated(model), Catch::StartsWith("window from token 0: " + place));
  CHECK_THAT(generated(model), Catch::StartsWith("step 0 of the generation: " + place));
  CHECK_THAT(calibrated(model), Catch::StartsWith("sequence 0: " + place));
  TinyModel embedding = tiny_llama(73);
  scale(embedding, "model.embed_tokens.weight", 1e25f);
  CHECK_THAT(evaluated(embedding), Contains("input of norm model.layers.0.input_layernorm: the squares of token 0"));
  TinyModel mamba = tiny_mamba(74);
  scale(mamba, "backbone.layers.0.mixer.in_proj.weight", kHuge);
  CHECK_THAT(evaluated(mamba), Contains("input of linear backbone.layers.0.mixer."));
}

TEST_CASE("finite: saliencies beyond float, of analysis and pruning") {
  TinyModel model = tiny_llama(75);
  scale(model, "model.embed_tokens.weight", 1.0f);
  model.tensors.at("model.layers.0.input_layernorm.weight").values.assign(20, 1e20f);
  model.tensors.at("model.layers.0.self_attn.q_proj.weight").values[20 * 3 + 7] = 1e20f;
  const Scratch scratch;
  model.write(scratch.str());
  const auto loaded = load_model(scratch.str());
  // The inputs of q_proj are about 1e20 each.
  Calibration calibration = calibrate_on_file(*loaded, "", 0, 0, 1);
  std::vector<InputStatistics>& statistics = calibration.statistics;
  statistics[0].channel_norms.assign(20, 1e20f);
  const std::string expected = "linear model.layers.0.self_attn.q_proj: the saliency of weight [3,7] is infinite";
  CHECK_THAT(
      message_of<NotFiniteError>([&] { analyze(*loaded, statistics, Saliency::wanda, 3, Granularity::block, 2); }),
      Catch::Equals(expected));
  for (const Pattern pattern : {Pattern{1, 1}, Pattern{2, 4}}) {
    ModelPruning pruning;
    pruning.patterns.assign(loaded->linears().size(), pattern);
    CHECK_THAT(message_of<NotFiniteError>(
                   [&] { write_packed_model(scratch / "packed", scratch.str(), *loaded, calibration, pruning); }),
               Catch::Equals(expected));
    CHECK_FALSE(std::filesystem::exists(scratch / "packed"));
  }
}

TEST_CASE("finite: tensors that packing only copies are looked at, too") {
  for (const std::string name : {"lm_head.weight", "model.embed_tokens.weight"}) {
    TinyModel model = tiny_llama(76);
    model.tensors.at(name).values[20 * 4 + 2] = std::nanf("");
    const Scratch scratch;
    model.write(scratch.str(), Dtype::bf16);
    const auto loaded = load_model(scratch.str());
    ModelPruning pruning;
    pruning.patterns.assign(loaded->linears().size(), Pattern{});
    pruning.static_activations = false;
    const auto statistics = calibrate_on_file(*loaded, "", 0, 0, 1);
    CHECK_THAT(message_of<InputError>(
                   [&] { write_packed_model(scratch / "packed", scratch.str(), *loaded, statistics, pruning); }),
               Contains("tensor " + name + ": element [4,2] is NaN"));
    CHECK_FALSE(std::filesystem::exists(scratch / "packed"));
  }
}
