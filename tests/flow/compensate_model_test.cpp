#include "flow/compensate/compensate_model.h"

#include "flow/base/error.h"
#include "flow/compensate/calibration_loss.h"
#include "flow/compensate/candidate_costs.h"
#include "flow/model/evaluate.h"
#include "flow/model/float_runner.h"
#include "flow/model/load_model.h"
#include "flow/pack/choose_patterns.h"
#include "flow/pack/pack_model.h"
#include "tests/flow/toy_model.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <random>

namespace flexcim {
namespace {

std::vector<std::vector<int>> random_sequences(std::size_t count, std::size_t length, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> token(0, 10);
  std::vector<std::vector<int>> sequences(count, std::vector<int>(length));
  for (auto& sequence : sequences) {
    for (int& each : sequence) each = token(random);
  }
  return sequences;
}

Calibration calibration_of(const LanguageModel& model, std::vector<std::vector<int>> sequences) {
  Calibration result;
  result.statistics = calibrate(model, sequences, 1);
  result.sequences = std::move(sequences);
  return result;
}

Matrix<float> dequantized(const PackedLinear& linear) {
  const Matrix<std::int8_t> values = unpack(linear);
  Matrix<float> weights(values.rows(), values.cols());
  for (std::size_t o = 0; o < values.rows(); ++o) {
    for (std::size_t i = 0; i < values.cols(); ++i) weights(o, i) = static_cast<float>(values(o, i)) * linear.scales[o];
  }
  return weights;
}

/// Mean squared difference of the last hidden states of two weight sets.
double distance(const ToyModel& model, const std::vector<PackedLinear>& packed,
                const std::vector<std::vector<int>>& sequences) {
  std::map<std::string, Matrix<float>> weights;
  for (const PackedLinear& linear : packed) weights[linear.name] = dequantized(linear);
  FloatRunner dense(model);
  FloatRunner pruned(model, [&](const LinearInfo& linear) { return weights.at(linear.name); });
  double sum = 0;
  for (const auto& sequence : sequences) {
    Matrix<float> a = model.embed(sequence);
    Matrix<float> b = a;
    for (int block = 0; block < model.blocks(); ++block) {
      model.run_block(block, a, *model.new_state(block), dense);
      model.run_block(block, b, *model.new_state(block), pruned);
    }
    for (std::size_t k = 0; k < a.size(); ++k) {
      sum += std::pow(static_cast<double>(a.data()[k]) - static_cast<double>(b.data()[k]), 2);
    }
  }
  return sum;
}

ModelPruning pruning_of(std::vector<Pattern> patterns, Update update) {
  ModelPruning pruning;
  pruning.patterns = std::move(patterns);
  pruning.policy = IndexPolicy::element;
  pruning.update = update;
  pruning.threads = 1;
  return pruning;
}

TEST_CASE("a compensated model is nearer to the dense one, and the same for any number of threads") {
  const ToyModel model(3, 16, 24, 1);
  const Calibration calibration = calibration_of(model, random_sequences(12, 20, 2));
  const std::vector<Pattern> patterns = {{}, {2, 4}, {2, 4}, {4, 8}, {2, 8}, {}};
  ModelPruning pruning = pruning_of(patterns, Update::compensate);
  const std::vector<PackedLinear> compensated = prune_to_memory(model, calibration, pruning).linears;
  const std::vector<PackedLinear> masked =
      prune_to_memory(model, calibration, pruning_of(patterns, Update::none)).linears;
  const double error = distance(model, compensated, calibration.sequences);
  CHECK(error < 0.7 * distance(model, masked, calibration.sequences));
  REQUIRE(compensated.size() == 6);
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(compensated[i].pattern == patterns[i]);
    CHECK_NOTHROW(validate(compensated[i], "test"));
  }
  CHECK(compensated[0].values == masked[0].values);  // nothing is pruned before it
  CHECK(compensated[5].values != masked[5].values);  // dense, and refitted
  CHECK(compensated[1].activation_scale == masked[1].activation_scale);
  CHECK(compensated[5].activation_scale != masked[5].activation_scale);  // of the inputs that it has now

  pruning.threads = 3;
  const std::vector<PackedLinear> again = prune_to_memory(model, calibration, pruning).linears;
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(again[i].values == compensated[i].values);
    CHECK(again[i].indices == compensated[i].indices);
    CHECK(again[i].scales == compensated[i].scales);
  }
}

TEST_CASE("what the calibration does not determine is told") {
  const ToyModel model(2, 16, 24, 1);
  const ModelPruning pruning = pruning_of({{2, 4}, {2, 4}, {2, 4}, {2, 4}}, Update::compensate);
  const auto reports = [&](std::size_t tokens) {
    const auto sequences = random_sequences(1, tokens, 2);
    return compensate_model(model, sequences, pruning, [](PackedLinear&&) {});
  };
  for (const LinearReport& report : reports(60)) CHECK_FALSE(report.singular);
  const auto few = reports(20);
  CHECK_FALSE(few[0].singular);
  CHECK(few[1].singular);  // 24 inputs
  CHECK(few[3].singular);
}

TEST_CASE("compensation without calibration sequences is refused") {
  const ToyModel model(1, 8, 8, 1);
  const Calibration none = calibrate_on_file(model, "", 0, 0, 1);
  CHECK_THROWS_WITH(prune_to_memory(model, none, pruning_of({{2, 4}, {}}, Update::compensate)),
                    Catch::Contains("needs a calibration text"));
  ChoiceOptions options;
  options.objective = PatternObjective::error;
  CHECK_THROWS_WITH(PatternChooser(model, none, options, pruning_of({}, Update::none)),
                    Catch::Contains("objective error needs a calibration text"));
}

/// Inputs of linear `index` of block 0, all tokens of all sequences.
class Inputs final : public LinearRunner {
 public:
  Inputs(const ToyModel& model, int index) : model_(model), index_(index) {}
  void run(const LinearInfo& linear, MatrixView<const float> x, MatrixView<float> y) override {
    if (linear.index == index_) {
      for (std::size_t t = 0; t < x.rows; ++t) rows.emplace_back(x.row(t), x.row(t) + x.cols);
    }
    matmul(x, PanelMatrix(model_.weights(linear)), y);
  }
  std::vector<std::vector<float>> rows;

 private:
  const ToyModel& model_;
  int index_;
};

TEST_CASE("the error of a candidate is that of its outputs, relative, and of a dense one 0") {
  const ToyModel model(2, 16, 24, 3);
  const auto sequences = random_sequences(4, 16, 4);
  CostOptions options;
  options.candidates = {{2, 4}, {4, 4}, {1, 8}};
  const auto costs = candidate_costs(model, sequences, pruning_of({}, Update::none), options).costs();
  REQUIRE(costs.size() == 4);
  Inputs inputs(model, 1);
  for (const auto& sequence : sequences) {
    Matrix<float> x = model.embed(sequence);
    model.run_block(0, x, *model.new_state(0), inputs);
  }
  const Matrix<float> weights = model.weights(model.linears()[1]);
  const Calibration calibration = calibration_of(model, sequences);
  const Pruner pruner({{2, 4}, IndexPolicy::element, 1, 32}, "test");
  const Matrix<float> kept =
      kept_weights(weights, pruner.prune(weights, calibration.statistics[1].channel_norms, 1), {2, 4});
  double lost = 0;
  double all = 0;
  for (const auto& x : inputs.rows) {
    for (std::size_t o = 0; o < weights.rows(); ++o) {
      double was = 0;
      double is = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        was += static_cast<double>(weights(o, i)) * static_cast<double>(x[i]);
        is += static_cast<double>(kept(o, i)) * static_cast<double>(x[i]);
      }
      lost += (was - is) * (was - is);
      all += was * was;
    }
  }
  CHECK(costs[1][0] == Approx(lost / all).epsilon(1e-3));
  CHECK(costs[1][1] == 0);
  CHECK(costs[1][2] > costs[1][0]);
  const auto compensated = candidate_costs(model, sequences, pruning_of({}, Update::compensate), options).costs();
  for (std::size_t i = 0; i < 4; ++i) CHECK(compensated[i][0] < costs[i][0]);

  options.granularity = Granularity::block;
  options.left_out = {false, true};
  const auto blocks = candidate_costs(model, sequences, pruning_of({}, Update::none), options).costs();
  REQUIRE(blocks.size() == 2);
  CHECK(blocks[0][0] == Approx(costs[0][0] + costs[1][0]));
  CHECK(blocks[1] == std::vector<double>{0, 0, 0});
}

const std::string kLlama = std::string(FLEXCIM_SOURCE_DIR) + "/scenarios/models/tiny-llama";

TEST_CASE("the loss of the sparsest candidate is the measured rise, others are in proportion to their errors") {
  const auto model = load_model(kLlama);
  const auto sequences = calibration_sequences(*model, kLlama + "/calibration.txt", 2, 64);
  const ModelPruning pruning = pruning_of({}, Update::none);
  CostOptions options;
  options.candidates = {{2, 4}, {8, 8}, {2, 8}};
  options.left_out.assign(model->linears().size(), true);
  options.left_out[8] = false;  // k_proj of block 1
  const auto errors = candidate_costs(*model, sequences, pruning, options).costs();
  options.measure = CostMeasure::loss;
  const MeasuredCosts measured = candidate_costs(*model, sequences, pruning, options);
  const auto losses = measured.costs();

  const Calibration calibration = calibration_of(*model, sequences);
  ModelPruning alone = pruning;
  alone.patterns.assign(model->linears().size(), Pattern{});
  const double dense = calibration_loss(*model, calibration, alone);
  FloatRunner runner(*model);
  CHECK(dense == Approx(bits_per_token(*model, runner, sequences, 64, 1)).epsilon(1e-5));
  alone.patterns[8] = {2, 8};
  const double rise = calibration_loss(*model, calibration, alone) - dense;
  REQUIRE(rise > 0);
  CHECK(losses[8][2] == Approx(rise).epsilon(1e-4));
  CHECK(losses[8][0] == Approx(rise * errors[8][0] / errors[8][2]).epsilon(1e-4));
  CHECK(losses[8][1] == 0);
  CHECK(losses[7] == std::vector<double>{0, 0, 0});
  CHECK(measured.costs(0.5)[8][0] == Approx(errors[8][0] * std::sqrt(measured.slopes[8])));
  CHECK(measured.costs(0.5)[8][0] != Approx(losses[8][0]));
}

TEST_CASE("what has the lowest calibration loss is taken, and uniform patterns are among what is tried") {
  const auto model = load_model(kLlama);
  const auto sequences = calibration_sequences(*model, kLlama + "/calibration.txt", 2, 64);
  const Calibration calibration = calibration_of(*model, sequences);
  ChoiceOptions options;
  options.keep_dense = parse_dense_ends("auto");
  const ModelPruning pruning = pruning_of({}, Update::none);
  const PatternChooser chooser(*model, calibration, options, pruning);
  CHECK(chooser.objective() == PatternObjective::loss);
  CHECK(chooser.granularity() == Granularity::linear);
  const Choice choice = chooser.choose(0.5);
  REQUIRE(choice.trials.size() == 3);  // 4:8 holds what 2:4 can
  CHECK(choice.trials[0].name == "selected");
  CHECK(choice.trials[1].name == "calmer");
  CHECK(choice.trials[2].name == "4:8");
  const auto judged = [](const Trial& trial) { return trial.bits_per_token * (trial.name == "4:8" ? 1 : 1.0015); };
  for (const Trial& trial : choice.trials) {
    CHECK(judged(trial) >= judged(choice.trials[choice.taken]));
    CHECK(trial.reached >= 0.5 - 1e-9);
  }
  ModelPruning taken = pruning;
  taken.patterns = choice.patterns;
  CHECK(calibration_loss(*model, calibration, taken) == choice.trials[choice.taken].bits_per_token);
  REQUIRE(choice.cost_of_dense_ends);
  CHECK(*choice.cost_of_dense_ends >= 0);
  CHECK(std::isinf(*chooser.choose(0.7).cost_of_dense_ends));  // four blocks of six at 0.75 make 0.5
  CHECK(chooser.uniform_selections(0.6).size() == 1);
  CHECK(chooser.uniform_selections(0.8).empty());

  // A budget of nonzero weights: half of them is what uniform 4:8 spends, too.
  std::vector<ItemSpend> spends;
  for (const SelectionItem& item : chooser.items()) {
    ItemSpend& each = spends.emplace_back();
    each.dense = item.weight;
    for (const Candidate c : options.selection.candidates) each.candidates.push_back(item.weight * c.n / c.m);
  }
  const std::int64_t limit = dense_spend(spends) / 2;
  const BudgetedChoice within = chooser.choose_within(spends, limit, "weights");
  REQUIRE(within.choice.trials.size() == 3);
  CHECK(within.choice.trials[2].name == "4:8");
  CHECK(within.choice.trials[2].reached == 0.5);
  for (const Trial& trial : within.choice.trials) {
    CHECK(judged(trial) >= judged(within.choice.trials[within.choice.taken]));
  }
  std::int64_t spend = 0;
  for (std::size_t i = 0; i < spends.size(); ++i) {
    spend += spends[i].dense * within.choice.patterns[i].n / within.choice.patterns[i].m;
  }
  CHECK(within.spend == spend);
  CHECK(spend <= limit);
  CHECK(chooser.choose_within(spends, limit - 1, "weights").choice.trials.back().name == "2:8");
  CHECK_THROWS_WITH(chooser.choose_within(spends, limit / 4, "weights"), Catch::Contains("weights cannot be kept"));
}

}  // namespace
}  // namespace flexcim
