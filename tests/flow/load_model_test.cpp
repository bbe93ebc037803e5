#include "flow/model/load_model.h"

#include "flow/base/error.h"
#include "flow/base/tensor_store.h"
#include "flow/model/evaluate.h"
#include "flow/model/float_runner.h"
#include "flow/model/int8_runner.h"
#include "flow/pack/pack_model.h"
#include "flow/pack/packed_model.h"
#include "flow/pack/quantize.h"
#include "tests/flow/tiny_model.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <random>

using namespace flexcim;
using Catch::Matchers::Contains;

namespace {

/// Every linear of a model, densely packed.
std::vector<PackedLinear> packed_linears(const LanguageModel& model) {
  std::vector<PackedLinear> all;
  for (const LinearInfo& linear : model.linears()) {
    const Matrix<float> weights = model.weights(linear);
    Matrix<std::int8_t> values(weights.rows(), weights.cols());
    std::vector<float> scales;
    for (std::size_t o = 0; o < weights.rows(); ++o) {
      scales.push_back(int8_scale(max_abs(weights.row(o), weights.cols())));
      quantize_weights(weights.row(o), weights.cols(), scales.back(), values.row(o));
    }
    all.push_back(pack_int8(values, {1, 1}, linear.name));
    all.back().name = linear.name;
    all.back().scales = scales;
  }
  return all;
}

/// Writes them with all else of the model in `directory` to one packed file.
void write_packed(const std::string& path, const std::string& directory, const std::vector<PackedLinear>& linears) {
  std::vector<PackedLinearInfo> infos;
  for (const PackedLinear& l : linears) {
    infos.push_back({l.name, l.pattern, l.policy, l.window, l.weight_bits, l.out, l.in});
  }
  const TensorStore store(directory);
  std::vector<Tensor> others;
  for (const auto& entry : store.tensors()) {
    bool is_linear = false;
    for (const PackedLinear& l : linears) is_linear = is_linear || entry.first == l.name + ".weight";
    if (!is_linear) others.push_back(*entry.second);
  }
  PackedModelWriter writer(path, infos, others, {file_bytes(directory + "/config.json"), "{}"});
  for (const PackedLinear& linear : linears) writer.write(linear);
  writer.finish();
}

/// `bytes` with up to three of them changed, some into characters that a header has many of, and sometimes cut short.
std::string mutated(std::string bytes, std::size_t within, std::mt19937& random) {
  const std::string alphabet = "0123456789[]{}\",:-.eFtn\\\xFF";
  for (auto changes = 1 + random() % 3; changes > 0; --changes) {
    char& byte = bytes[random() % within];
    byte = random() % 2 == 0 ? alphabet[random() % alphabet.size()] : static_cast<char>(random() % 256);
  }
  if (random() % 10 == 0) bytes.resize(random() % bytes.size());
  return bytes;
}

/// Has `read` read a file that is mutated again and again: it must do so or throw InputError, and does both at times.
void check_mutated(const std::string& path, unsigned seed, const std::function<void()>& read) {
  const std::string good = file_bytes(path);
  // Mostly where the structure is: a changed weight is but another weight.
  const std::size_t header = std::min<std::size_t>(good.size(), 3000);
  std::mt19937 random(seed);
  constexpr int kRounds = 300;
  int refused = 0;
  for (int round = 0; round < kRounds; ++round) {
    INFO(path << ", seed " << seed << ", round " << round);
    write_file(path, mutated(good, random() % 4 == 0 ? good.size() : header, random));
    refused += message_of<InputError>(read).empty() ? 0 : 1;
  }
  INFO(path << ", seed " << seed);
  CHECK(refused > 0);
  CHECK(refused < kRounds);
  write_file(path, good);
}

}  // namespace

TEST_CASE("mutated models load and run, or are refused, nothing else") {
  for (const TinyModel& tiny : {tiny_llama(21), tiny_mamba(22)}) {
    const Scratch scratch;
    tiny.write(scratch.str());
    const auto run = [&] {
      const std::unique_ptr<LanguageModel> model = load_model(scratch.str());
      FloatRunner runner(*model);
      sequence_logits(*model, runner, {1, 2, 3});
    };
    check_mutated(scratch / "config.json", 1, run);
    check_mutated(scratch / "model.safetensors", 2, run);

    write_packed(scratch / "packed", scratch.str(), packed_linears(*load_model(scratch.str())));
    check_mutated(scratch / "packed", 3, [&] {
      const std::unique_ptr<LanguageModel> model = load_model(scratch / "packed");
      Int8Runner runner(load_packed_linears(scratch / "packed", *model));
      sequence_logits(*model, runner, {1, 2, 3});
    });
  }
}

TEST_CASE("a packed file opens as the model it was made of, for both architectures") {
  for (const TinyModel& tiny : {tiny_llama(1), tiny_llama(2, true), tiny_mamba(3)}) {
    const Scratch scratch;
    tiny.write(scratch.str());
    const std::unique_ptr<LanguageModel> original = load_model(scratch.str());
    const std::vector<PackedLinear> linears = packed_linears(*original);
    write_packed(scratch / "packed", scratch.str(), linears);
    const std::unique_ptr<LanguageModel> packed = load_model(scratch / "packed");
    Int8Runner runner(linears);
    const std::vector<int> tokens = {1, 5, 20, 49, 3, 3, 7};
    CHECK(sequence_logits(*packed, runner, tokens) == sequence_logits(*original, runner, tokens));
    CHECK_THAT(message_of<InputError>([&] { packed->weights(packed->linears()[1]); }),
               Contains(packed->linears()[1].name + ".weight is missing"));
  }
}

TEST_CASE("a packed file whose linears are not those of its configuration is refused") {
  const Scratch scratch;
  const TinyModel tiny = tiny_llama(23);
  tiny.write(scratch.str());
  const std::unique_ptr<LanguageModel> model = load_model(scratch.str());
  const auto message = [&](std::vector<PackedLinear> linears) {
    write_packed(scratch / "packed", scratch.str(), linears);
    return message_of<InputError>([&] { load_packed_linears(scratch / "packed", *model); });
  };
  const std::vector<PackedLinear> good = packed_linears(*model);
  CHECK(message(good).empty());
  CHECK(load_packed_linears(scratch / "packed", *model, 0).size() == 7);
  CHECK_THAT(message({good.begin(), good.end() - 1}), Contains("packed: has 13 linears where its config has 14"));
  std::vector<PackedLinear> swapped = good;
  std::swap(swapped[1], swapped[2]);
  CHECK_THAT(message(swapped), Contains("linear 1 is model.layers.0.self_attn.v_proj [12,20] where its config has "
                                        "model.layers.0.self_attn.k_proj [12,20]"));
  std::vector<PackedLinear> narrow = good;
  narrow[3] = pack_int8(Matrix<std::int8_t>(20, 8), {1, 1}, "test");
  narrow[3].name = good[3].name;
  CHECK_THAT(message(narrow), Contains("o_proj [20,8] where its config has model.layers.0.self_attn.o_proj [20,24]"));
}

TEST_CASE("int8 with per-token activation scales stays close to float") {
  for (const TinyModel& tiny : {tiny_llama(1), tiny_mamba(3)}) {
    const Scratch scratch;
    tiny.write(scratch.str());
    const std::unique_ptr<LanguageModel> model = load_model(scratch.str());
    FloatRunner exact(*model);
    Int8Runner rounded(packed_linears(*model));
    const std::vector<int> tokens = {1, 5, 20, 49, 3, 3, 7, 11, 12, 13};
    const Matrix<float> expected = sequence_logits(*model, exact, tokens);
    const Matrix<float> found = sequence_logits(*model, rounded, tokens);
    double error = 0, power = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
      error += std::pow(found.data()[i] - expected.data()[i], 2);
      power += std::pow(expected.data()[i], 2);
    }
    CHECK(error > 0);
    CHECK(error < 0.01 * power);
  }
}
