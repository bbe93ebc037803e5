#include "flow/select/calibrate.h"

#include "flow/base/error.h"
#include "flow/base/safetensors_writer.h"
#include "tests/flow/scratch.h"
#include "tests/flow/toy_model.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

namespace flexcim {
namespace {

const std::vector<std::vector<int>> kCalibration = {{1, 2, 3}, {4, 5}, {10, 0, 7, 7}};

TEST_CASE("calibration equals the definition") {
  const ToyModel model(3, 6, 9, 1);
  const std::vector<InputStatistics> statistics = calibrate(model, kCalibration, 1);
  REQUIRE(statistics.size() == 6);

  // All tokens through the blocks in double, with the sums of squares of both linears' inputs.
  std::vector<std::vector<double>> squares;
  std::vector<double> largest(6, 0.0);
  for (const LinearInfo& linear : model.linears()) squares.emplace_back(static_cast<std::size_t>(linear.in));
  for (const auto& sequence : kCalibration) {
    const Matrix<float> embedded = model.embed(sequence);
    for (std::size_t t = 0; t < sequence.size(); ++t) {
      std::vector<double> x(embedded.row(t), embedded.row(t) + 6);
      for (std::size_t block = 0; block < 3; ++block) {
        std::vector<double> in = x;
        for (std::size_t index = 0; index < 2; ++index) {
          const Matrix<float> w = model.weights(model.linears()[2 * block + index]);
          std::vector<double> out(w.rows());
          for (std::size_t j = 0; j < w.cols(); ++j) {
            squares[2 * block + index][j] += in[j] * in[j];
            largest[2 * block + index] = std::max(largest[2 * block + index], std::fabs(in[j]));
            for (std::size_t o = 0; o < w.rows(); ++o) out[o] += in[j] * static_cast<double>(w(o, j));
          }
          in = out;
        }
        for (std::size_t j = 0; j < x.size(); ++j) x[j] += in[j];
      }
    }
  }
  for (std::size_t i = 0; i < 6; ++i) {
    REQUIRE(statistics[i].channel_norms.size() == squares[i].size());
    for (std::size_t j = 0; j < squares[i].size(); ++j) {
      CHECK(static_cast<double>(statistics[i].channel_norms[j]) == Approx(std::sqrt(squares[i][j] / 3)));
    }
    CHECK(static_cast<double>(statistics[i].max_abs) == Approx(largest[i]));
  }
}

TEST_CASE("calibration is the same on any number of threads") {
  const ToyModel model(2, 20, 33, 2);
  const std::vector<InputStatistics> one = calibrate(model, kCalibration, 1);
  const std::vector<InputStatistics> three = calibrate(model, kCalibration, 3);
  for (std::size_t i = 0; i < one.size(); ++i) {
    CHECK(one[i].channel_norms == three[i].channel_norms);
    CHECK(one[i].max_abs == three[i].max_abs);
  }
}

TEST_CASE("calibration reports its progress") {
  std::vector<std::pair<int, int>> steps;
  calibrate(ToyModel(2, 4, 4, 3), kCalibration, 1, [&](int done, int all) { steps.emplace_back(done, all); });
  CHECK(steps == std::vector<std::pair<int, int>>{{1, 2}, {2, 2}});
}

TEST_CASE("calibration that cannot be done is an input error") {
  ToyModel model(2, 4, 4, 4);
  CHECK_THROWS_AS(calibrate(model, {}, 1), InputError);
  CHECK_THROWS_AS(calibrate(model, {{1}, {}}, 1), InputError);
  CHECK_THROWS_AS(calibrate(model, {{1, 99}}, 1), InputError);
  model.weights(1)(0, 0) = std::numeric_limits<float>::max();  // block 0 overflows into block 1
  model.weights(0)(0, 0) = std::numeric_limits<float>::max();
  CHECK_THROWS_WITH(calibrate(model, kCalibration, 2),
                    Catch::Equals("sequence 0: input of linear layers.1.a: token 0, column 0 is infinite"));
}

TEST_CASE("text is cut into whole sequences, spread evenly") {
  std::vector<int> tokens;
  for (int i = 0; i < 23; ++i) tokens.push_back(i);
  CHECK(cut_sequences({tokens}, 10, 0, "f") ==
        std::vector<std::vector<int>>{{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {10, 11, 12, 13, 14, 15, 16, 17, 18, 19}});
  CHECK(cut_sequences({tokens}, 2, 3, "f") ==
        std::vector<std::vector<int>>{{0, 1}, {6, 7}, {14, 15}});  // of 11: 0, 3, 7
  std::vector<std::vector<int>> others;
  cut_sequences({tokens}, 2, 3, "f", &others);
  CHECK(others == std::vector<std::vector<int>>{{2, 3}, {4, 5}, {8, 9}, {12, 13}, {16, 17}, {18, 19}});  // of 8
  cut_sequences({tokens}, 10, 0, "f", &others);
  CHECK(others.empty());
  CHECK_THROWS_WITH(cut_sequences({tokens}, 24, 0, "file.txt"), Catch::StartsWith("file.txt: 23 tokens"));
  CHECK_THROWS_AS(cut_sequences({{}}, 1, 0, "file.txt"), InputError);
  CHECK_THROWS_AS(cut_sequences({}, 1, 0, "file.txt"), InputError);
}

TEST_CASE("no calibration sequence spans rows") {
  const std::vector<std::vector<int>> rows{{0, 1, 2, 3, 4}, {10, 11, 12, 13, 14}, {20, 21, 22, 23, 24}};
  using Sequences = std::vector<std::vector<int>>;
  CHECK(cut_sequences(rows, 2, 0, "f") == Sequences{{0, 1}, {2, 3}, {10, 11}, {12, 13}, {20, 21}, {22, 23}});
  CHECK(cut_sequences(rows, 2, 3, "f") == Sequences{{0, 1}, {10, 11}, {20, 21}});
  CHECK(cut_sequences(rows, 5, 0, "f") == rows);
  CHECK_THROWS_WITH(cut_sequences(rows, 6, 0, "f"), "f: rows of 5 tokens are less than one sequence of 6");
}

TEST_CASE("rows shorter than the model's context are calibration sequences as they are") {
  const Scratch scratch;
  ToyModel model(1, 4, 4, 5);  // context 64
  model.set_text(std::make_unique<const ModelText>(scratch.str(), model.vocabulary()));
  const std::string path = scratch / "t.safetensors";
  const auto write = [&](const std::vector<std::size_t>& shape, int count) {
    SafetensorsWriter writer(path, {{"tokens", Dtype::i32, shape}});
    std::vector<std::int32_t> ids;
    for (int i = 0; i < count; ++i) ids.push_back(i % 11);
    writer.write("tokens", ids);
    writer.finish();
  };
  using Sequences = std::vector<std::vector<int>>;
  write({3, 4}, 12);
  CHECK(calibration_sequences(model, path, 0, 0) == Sequences{{0, 1, 2, 3}, {4, 5, 6, 7}, {8, 9, 10, 0}});
  CHECK(calibration_sequences(model, path, 2, 2) == Sequences{{0, 1}, {6, 7}});
  CHECK_THROWS_WITH(calibration_sequences(model, path, 0, 5),
                    Catch::EndsWith("rows of 4 tokens are less than one sequence of 5"));
  write({2, 70}, 140);
  CHECK(calibration_sequences(model, path, 0, 0).size() == 2);
  CHECK(calibration_sequences(model, path, 0, 0)[1].front() == 70 % 11);
  write({12}, 12);  // a text: at least one whole sequence
  CHECK_THROWS_WITH(calibration_sequences(model, path, 0, 0),
                    Catch::EndsWith("12 tokens are less than one sequence of 64"));
}

}  // namespace
}  // namespace flexcim
