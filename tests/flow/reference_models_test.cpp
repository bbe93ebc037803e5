// A small model of every family against the logits that an independent implementation in PyTorch gives
// (check_reference_models.py, which has made the fixtures), through every step from the float model to the packed one.
#include "flow/base/json_input.h"
#include "flow/base/safetensors.h"
#include "flow/model/evaluate.h"
#include "flow/model/int8_runner.h"
#include "flow/model/load_model.h"
#include "flow/pack/pack_model.h"
#include "tests/flow/reference.h"

#include <catch2/catch.hpp>
#include <filesystem>

using namespace flexcim;
using nlohmann::json;

namespace {

const std::string kFixtures = std::string(FLEXCIM_SOURCE_DIR) + "/tests/flow/models/";

struct Fixture {
  explicit Fixture(const std::string& name)
      : directory(kFixtures + name),
        variants(read_json(directory + "/variants.json")),
        expected(directory + "/expected.safetensors") {
    const auto stored = expected.at("tokens").copy<std::int32_t>();
    tokens.assign(stored.data(), stored.data() + stored.size());
  }
  /// The model with the changes of a variant, in `scratch`.
  std::unique_ptr<LanguageModel> model(const std::string& variant, const Scratch& scratch) const {
    json config = read_json(directory + "/config.json");
    for (const auto& change : variants.at(variant).items()) {
      config[change.key()] = change.value();
      if (change.value() == "missing") config.erase(change.key());
    }
    write_file(scratch / "config.json", config.dump());
    std::filesystem::copy_file(directory + "/model.safetensors", scratch / "model.safetensors");
    return load_model(scratch.str());
  }

  std::string directory;
  json variants;
  SafetensorsFile expected;
  std::vector<int> tokens;
};

const char* const kNames[] = {"llama", "llama_biases", "llama_int8",    "llama_f8", "mistral",     "qwen2",
                              "qwen3", "opt",          "opt_norm_last", "mamba",    "falcon_mamba"};

/// Prunes and quantizes the model in `scratch` on its own tokens and writes it to "packed" there.
void pack(const Scratch& scratch, const LanguageModel& model, const std::vector<int>& tokens, Pattern pattern) {
  Calibration calibration;
  calibration.sequences = {tokens};
  calibration.statistics = calibrate(model, calibration.sequences, 1);
  ModelPruning pruning;
  pruning.patterns.assign(model.linears().size(), pattern);
  pruning.update = pattern.dense() ? Update::none : Update::compensate;
  pruning.threads = 1;
  pruning.static_activations = false;
  write_packed_model(scratch / "packed", scratch.str(), model, calibration, pruning);
}

/// Of a difference, as a share of the power of `exact`.
double error_power(const Matrix<float>& found, const Matrix<float>& exact) {
  double error = 0, power = 0;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    error += std::pow(static_cast<double>(found.data()[i]) - exact.data()[i], 2);
    power += std::pow(static_cast<double>(exact.data()[i]), 2);
  }
  return error / power;
}

}  // namespace

TEST_CASE("models: logits are those of the reference in every variant") {
  for (const std::string name : kNames) {
    const Fixture fixture(name);
    for (const auto& variant : fixture.variants.items()) {
      INFO(name << " " << variant.key());
      const Scratch scratch;
      const std::unique_ptr<LanguageModel> model = fixture.model(variant.key(), scratch);
      const auto expected = fixture.expected.at("logits." + variant.key()).copy<float>();
      Rows rows;
      for (std::size_t t = 0; t < expected.rows(); ++t) {
        rows.emplace_back(expected.row(t), expected.row(t) + expected.cols());
      }
      FloatRunner runner(*model);
      check_close(sequence_logits(*model, runner, fixture.tokens, fixture.tokens.size() - rows.size()), rows);
    }
  }
}

TEST_CASE("models: variants differ from each other") {
  for (const std::string name : kNames) {
    const Fixture fixture(name);
    const auto base = fixture.expected.at("logits.").copy<float>();
    for (const auto& variant : fixture.variants.items()) {
      if (variant.key().empty()) continue;
      INFO(name << " " << variant.key());
      CHECK(fixture.expected.at("logits." + variant.key()).copy<float>() != base);
    }
  }
}

TEST_CASE("models: a sequence in pieces gives the same bits as in one go") {
  for (const std::string name : kNames) {
    const Fixture fixture(name);
    for (const auto& variant : fixture.variants.items()) {
      INFO(name << " " << variant.key());
      const Scratch scratch;
      const std::unique_ptr<LanguageModel> model = fixture.model(variant.key(), scratch);
      // With dynamic scaling, only as long as it does not scale.
      const bool dynamic = variant.key() == "dynamic";
      check_pieces(*model, {fixture.tokens.begin(), fixture.tokens.end() - (dynamic ? 8 : 0)}, {9});
    }
  }
}

TEST_CASE("models: each is packed whole and runs in int8") {
  for (const std::string name : kNames) {
    INFO(name);
    const Fixture fixture(name);
    const Scratch scratch;
    const std::unique_ptr<LanguageModel> model = fixture.model("", scratch);
    FloatRunner exact(*model);
    const Matrix<float> dense = sequence_logits(*model, exact, fixture.tokens);
    for (const Pattern pattern : {Pattern{}, Pattern{2, 4}}) {
      INFO(to_string(pattern));
      pack(scratch, *model, fixture.tokens, pattern);
      const std::unique_ptr<LanguageModel> packed = load_model(scratch / "packed");
      const std::vector<PackedLinear> linears = load_packed_linears(scratch / "packed", *packed);
      REQUIRE(linears.size() == model->linears().size());
      Int8Runner int8(linears);
      const Matrix<float> found = sequence_logits(*packed, int8, fixture.tokens);
      CHECK(found == sequence_logits(*model, int8, fixture.tokens));
      CHECK(error_power(found, dense) > 0);
      if (pattern.dense()) CHECK(error_power(found, dense) < 0.02);
    }
  }
}
