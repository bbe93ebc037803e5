#include "flow/select/analyze.h"

#include "flow/base/error.h"
#include "flow/pack/prune_model.h"
#include "flow/pack/quantize.h"
#include "flow/select/pattern_file.h"
#include "tests/flow/scratch.h"
#include "tests/flow/toy_model.h"

#include <catch2/catch.hpp>
#include <stdexcept>

namespace flexcim {
namespace {

const std::vector<std::vector<int>> kSequences = {{1, 2, 3}, {4, 5}, {10, 0, 7, 7}};

TEST_CASE("figures of a block are those of its linears' saliencies, one after another") {
  const ToyModel model(2, 16, 24, 1);
  const auto statistics = calibrate(model, kSequences, 1);
  const auto blocks = analyze(model, statistics, Saliency::wanda, 2, Granularity::block, 2);
  REQUIRE(blocks.size() == 2);
  SaliencySum sum;
  for (const std::size_t i : {2, 3}) sum.add(model.weights(model.linears()[i]), statistics[i].channel_norms, 1);
  OutlierScan scan(2 * sum.mean());
  for (const std::size_t i : {2, 3}) scan.add(model.weights(model.linears()[i]), statistics[i].channel_norms, 1);
  CHECK(blocks[1].outlier_ratio == scan.figures().outlier_ratio);
  CHECK(blocks[1].locality == scan.figures().locality);
  CHECK(blocks[1].outlier_ratio > 0);

  const auto linears = analyze(model, statistics, Saliency::magnitude, 2, Granularity::linear, 2);
  REQUIRE(linears.size() == 4);
  SaliencySum alone;
  alone.add(model.weights(model.linears()[3]), std::vector<float>(24, 1.0f), 1);
  OutlierScan lone(2 * alone.mean());
  lone.add(model.weights(model.linears()[3]), std::vector<float>(24, 1.0f), 1);
  CHECK(linears[3].locality == lone.figures().locality);
  CHECK_THROWS_AS(analyze(model, statistics, Saliency::wanda, 0, Granularity::block, 1), InputError);
  CHECK_THROWS_AS(analyze(model, {}, Saliency::wanda, 1, Granularity::block, 1), std::logic_error);
}

TEST_CASE("selection items carry normalised figures, weights and the ends that stay dense") {
  const ToyModel model(3, 4, 8, 1);
  const std::vector<OutlierFigures> blocks = {{10, 0.5}, {30, 0.5}, {20, 0.5}};
  const auto items = selection_items(model, blocks, Granularity::block, parse_dense_ends("first"));
  CHECK(items[0].outliers == 0);
  CHECK(items[1].outliers == 1);
  CHECK(items[2].outliers == 0.5);
  CHECK(items[1].locality == 0);  // all equal
  CHECK(items[0].keep_dense);
  CHECK_FALSE(items[2].keep_dense);
  CHECK(items[1].weight == 1);
  const auto fine =
      selection_items(model, std::vector<OutlierFigures>(6), Granularity::linear, parse_dense_ends("first,last"));
  CHECK(fine[0].weight == 32);
  CHECK((fine[0].keep_dense && fine[1].keep_dense && fine[4].keep_dense && fine[5].keep_dense));
  CHECK_FALSE((fine[2].keep_dense || fine[3].keep_dense));
  const auto bare = selection_items(blocks, parse_dense_ends("last"));
  CHECK(bare[2].keep_dense);
  CHECK_FALSE(bare[0].keep_dense);
  CHECK_THROWS_AS(parse_dense_ends("some"), InputError);
  CHECK_THROWS_AS(parse_granularity("row"), InputError);
}

TEST_CASE("a block's pattern is that of all its linears") {
  const ToyModel model(2, 4, 8, 1);
  CHECK(patterns_of_linears(model, {{8, 8}, {2, 4}}, Granularity::block) ==
        std::vector<Pattern>{{}, {}, {2, 4}, {2, 4}});
  CHECK(patterns_of_linears(model, {{8, 8}, {2, 4}, {1, 4}, {4, 4}}, Granularity::linear) ==
        std::vector<Pattern>{{}, {2, 4}, {1, 4}, {}});
}

TEST_CASE("pattern files come back as written, faulty ones are named by line") {
  const Scratch scratch;
  const std::vector<Candidate> chosen = {{8, 8}, {2, 4}, {4, 4}};
  CHECK(pattern_text(chosen) == "0:8:8\n1:2:4\n2:4:4\n");
  CHECK(read_pattern_file(write_file(scratch / "p", pattern_text(chosen)), 3) == chosen);
  CHECK(read_pattern_file(write_file(scratch / "p", "\n2:4:4\r\n 0: 8:8\n\n1:2:4"), 3) == chosen);
  const auto complaint = [&](const std::string& text) {
    return message_of<InputError>([&] { read_pattern_file(write_file(scratch / "p", text), 2); });
  };
  CHECK_THAT(complaint("0:2:4\n"), Catch::Contains("index 1 is missing"));
  CHECK_THAT(complaint("0:2:4\n0:2:4\n"), Catch::Contains("p:2: index 0 comes twice"));
  CHECK_THAT(complaint("0:2:4\n2:2:4\n"), Catch::Contains("p:2: index 2 is beyond"));
  CHECK_THAT(complaint("0:2\n"), Catch::Contains("p:1:"));
  CHECK_THAT(complaint("x:2:4\n"), Catch::Contains("p:1:"));
  CHECK_THAT(complaint("0:4:2\n"), Catch::Contains("\"4:2\""));
  CHECK_THAT(complaint("0:2:4:8\n"), Catch::Contains("p:1:"));
  CHECK_THAT(complaint(""), Catch::Contains("index 0 is missing"));
}

TEST_CASE("pruning a model hands on its linears in order, each as its pattern asks") {
  const ToyModel model(2, 16, 24, 1);
  const auto statistics = calibrate(model, kSequences, 1);
  ModelPruning pruning;
  pruning.patterns = {{}, {2, 4}, {2, 8}, {4, 8}};
  std::vector<PackedLinear> packed;
  const auto reports =
      prune_model(model, statistics, pruning, [&](PackedLinear&& linear) { packed.push_back(std::move(linear)); });
  REQUIRE(packed.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(packed[i].name == model.linears()[i].name);
    CHECK(packed[i].pattern == pruning.patterns[i]);
    CHECK(packed[i].policy == reports[i].policy);
    CHECK(packed[i].activation_scale == statistics[i].max_abs / 127);
    CHECK_NOTHROW(validate(packed[i], "test"));
  }
  CHECK(packed[0].policy == IndexPolicy::element);  // dense
  CHECK(packed[1].policy == IndexPolicy::window_shared);
  CHECK(packed[2].policy == IndexPolicy::window_shared);
  CHECK(reports[0].saliency_kept == reports[0].saliency_total);
  CHECK(reports[1].saliency_kept < reports[1].saliency_total);
  CHECK(reports[1].parameters == 16 * 24);

  pruning.policy = IndexPolicy::element;
  pruning.static_activations = false;
  packed.clear();
  const auto best = prune_model(model, statistics, pruning, [&](PackedLinear&& l) { packed.push_back(std::move(l)); });
  CHECK(packed[2].policy == IndexPolicy::element);
  CHECK(packed[2].activation_scale == 0);
  CHECK(best[2].saliency_kept > reports[2].saliency_kept);

  pruning.policy = IndexPolicy::window;
  pruning.patterns[3] = {2, 5};
  packed.clear();
  CHECK_THROWS_WITH(prune_model(model, statistics, pruning, [&](PackedLinear&& l) { packed.push_back(std::move(l)); }),
                    Catch::Contains("layers.1.b"));
  CHECK(packed.empty());
}

TEST_CASE("weights that claim to be pruned already lose nothing or are refused") {
  ToyModel model(1, 8, 8, 1);
  ModelPruning pruning;
  pruning.patterns = {{2, 4}, {}};
  pruning.already_pruned = true;
  pruning.policy = IndexPolicy::element;
  const auto statistics = calibrate(model, kSequences, 1);
  const auto nothing = [](PackedLinear&&) {};
  CHECK_THROWS_WITH(prune_model(model, statistics, pruning, nothing), Catch::Contains("layers.0.a: 32 non-zero"));
  Matrix<float>& weights = model.weights(0);
  for (std::size_t r = 0; r < 8; ++r) {
    for (const std::size_t j : {0, 1, 5, 6}) weights(r, j) = 0;
  }
  CHECK_NOTHROW(prune_model(model, statistics, pruning, nothing));
  pruning.policy = IndexPolicy::window;  // elements 2 and 3 share a pair, of which a window of 1 holds one
  CHECK_THROWS_WITH(prune_model(model, statistics, pruning, nothing), Catch::Contains("8 non-zero"));
}

}  // namespace
}  // namespace flexcim
