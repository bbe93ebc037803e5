#include "flow/pack/pack_model.h"

#include "flow/base/error.h"
#include "flow/model/end_tokens.h"
#include "flow/model/evaluate.h"
#include "flow/model/float_runner.h"
#include "flow/model/int8_runner.h"
#include "flow/model/load_model.h"
#include "flow/pack/choose_patterns.h"
#include "flow/select/token_file.h"
#include "tests/flow/scratch.h"
#include "tests/flow/tiny_model.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

namespace flexcim {
namespace {

const std::string kModel = FLEXCIM_SOURCE_DIR "/scenarios/models/tiny-llama";

Calibration calibration_of(const LanguageModel& model, int threads) {
  return calibrate_on_file(model, kModel + "/calibration.txt", 4, 64, threads);
}

std::vector<LinearReport> pack(const std::string& path, Pattern pattern, IndexPolicy policy, int threads) {
  const auto model = load_model(kModel);
  ModelPruning pruning;
  pruning.patterns.assign(model->linears().size(), pattern);
  pruning.policy = policy;
  pruning.threads = threads;
  return write_packed_model(path, kModel, *model, calibration_of(*model, threads), pruning);
}

TEST_CASE("a packed file is a whole model, and the same bytes for any number of threads") {
  const Scratch scratch;
  const auto reports = pack(scratch / "one", {2, 4}, IndexPolicy::window_shared, 1);
  pack(scratch / "three", {2, 4}, IndexPolicy::window_shared, 3);
  CHECK(file_bytes(scratch / "one") == file_bytes(scratch / "three"));

  const auto dense = load_model(kModel);
  const PackedModel packed(scratch / "one");
  const auto model = load_model(scratch / "one");
  REQUIRE(packed.linears().size() == dense->linears().size());
  REQUIRE(reports.size() == dense->linears().size());
  std::vector<PackedLinear> linears;
  for (std::size_t i = 0; i < packed.linears().size(); ++i) {
    linears.push_back(packed.load(i));
    CHECK(linears[i].name == dense->linears()[i].name);
    CHECK(linears[i].pattern == Pattern{2, 4});
    CHECK(linears[i].policy == IndexPolicy::window_shared);
    CHECK(linears[i].activation_scale > 0);
    CHECK(reports[i].saliency_kept < reports[i].saliency_total);
  }
  CHECK(packed.texts().config == file_bytes(kModel + "/config.json"));

  // The unpacked weights, as floats under the dense model, and the packed model in int8 say nearly the same.
  auto tokens = read_tokens(kModel + "/evaluation.txt", model->text()).front();
  tokens.resize(400);
  Int8Runner int8(linears);
  FloatRunner floats(*dense, [&](const LinearInfo& linear) {
    const PackedLinear& own = *std::find_if(linears.begin(), linears.end(),
                                            [&](const PackedLinear& each) { return each.name == linear.name; });
    const Matrix<std::int8_t> values = unpack(own);
    Matrix<float> weights(values.rows(), values.cols());
    for (std::size_t r = 0; r < values.rows(); ++r) {
      for (std::size_t c = 0; c < values.cols(); ++c) weights(r, c) = static_cast<float>(values(r, c)) * own.scales[r];
    }
    return weights;
  });
  const double bits = bits_per_token(*model, int8, {tokens}, 128, 2);
  CHECK(bits == Approx(bits_per_token(*dense, floats, {tokens}, 128, 2)).epsilon(0.03));
}

TEST_CASE("a packed file keeps what ends a text") {
  const Scratch scratch;
  TinyModel tiny = tiny_llama(1);
  tiny.config["eos_token_id"] = 4;
  tiny.write(scratch.str());
  const auto packed_ends = [&] {
    const auto model = load_model(scratch.str());
    ModelPruning pruning;
    pruning.patterns.assign(model->linears().size(), Pattern{});
    pruning.static_activations = false;
    write_packed_model(scratch / "m", scratch.str(), *model, calibrate_on_file(*model, "", 0, 0, 1), pruning);
    return end_tokens(scratch / "m");
  };
  CHECK(packed_ends() == std::vector<int>{4});
  CHECK(PackedModel(scratch / "m").texts().generation_config.empty());
  const std::string generation = R"({"eos_token_id": [7, 4], "temperature": 0.6})";
  write_file(scratch / "generation_config.json", generation);
  CHECK(packed_ends() == std::vector<int>{7, 4});
  CHECK(PackedModel(scratch / "m").texts().generation_config == generation);
}

TEST_CASE("nothing is left of a packed file that could not be made") {
  const Scratch scratch;
  CHECK_THROWS_AS(pack(scratch / "m", {2, 5}, IndexPolicy::window, 1), InputError);
  CHECK_FALSE(std::filesystem::exists(scratch / "m"));
  CHECK(std::filesystem::is_empty(scratch.str()));
}

TEST_CASE("the published choice for the trained model meets its target and keeps its ends dense") {
  const auto model = load_model(kModel);
  const Calibration calibration = calibration_of(*model, 2);
  ChoiceOptions options;
  options.objective = PatternObjective::published;
  CHECK(granularity_of(*model, options) == Granularity::block);
  for (const Granularity granularity : {Granularity::block, Granularity::linear}) {
    options.granularity = granularity;
    const PatternChooser chooser(*model, calibration, options, {});
    const Choice choice = chooser.choose(0.5);
    CHECK(choice.selection.reached >= 0.5);
    CHECK(choice.selection.reached < 0.51);
    CHECK(choice.patterns.front().dense());
    CHECK(choice.patterns.back().dense());
    CHECK(choice.trials.empty());
    CHECK(chooser.figures().size() == (granularity == Granularity::block ? 6u : 42u));
  }
}

TEST_CASE("candidates that the hardware cannot run are named") {
  CHECK_NOTHROW(require_candidates({}, default_candidates()));
  CHECK_THROWS_WITH(require_candidates({}, {{2, 4}, {8, 16}}), Catch::Contains("candidate 8:16"));
}

}  // namespace
}  // namespace flexcim
