// Weights of 8 bits in a checkpoint: what config.json says of them, their scales, and what they stand for.
#include "flow/model/weight_format.h"

#include "flow/base/error.h"
#include "flow/base/safetensors_writer.h"
#include "tests/flow/scratch.h"

#include <catch2/catch.hpp>

using namespace flexcim;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

constexpr std::size_t kOut = 4, kIn = 6;

/// A tensor of scales 1, 2, 3...
struct Scales {
  std::string name;
  std::vector<std::size_t> shape;

  std::vector<float> values() const {
    std::size_t count = 1;
    for (const std::size_t extent : shape) count *= extent;
    std::vector<float> values;
    for (std::size_t i = 0; i < count; ++i) values.push_back(static_cast<float>(i + 1));
    return values;
  }
};

/// The weights of linear "x": bytes 0, 1... of one of the 8-bit types, with scales.
class Stored {
 public:
  Stored(Dtype type, const std::vector<Scales>& scales) {
    std::vector<TensorDeclaration> tensors{{"x.weight", type, {kOut, kIn}}};
    for (const Scales& each : scales) tensors.push_back({each.name, Dtype::f32, each.shape});
    SafetensorsWriter writer(scratch_ / "m", tensors);
    std::vector<std::uint8_t> bytes;
    for (std::size_t i = 0; i < kOut * kIn; ++i) bytes.push_back(static_cast<std::uint8_t>(i));
    writer.write("x.weight", bytes.data(), bytes.size());
    for (const Scales& each : scales) writer.write(each.name, each.values());
    writer.finish();
    store_.emplace(scratch_ / "m");
  }
  std::string error(const WeightFormat& format = {}) const {
    return message_of<InputError>([&] { require_weights(*store_, "x", kOut, kIn, format); });
  }
  /// The scale of each int8 weight, but for the first, which is 0.
  Matrix<float> weights(const WeightFormat& format = {}) const {
    CHECK(error(format).empty());
    return float_weights(*store_, "x", format);
  }

 private:
  Scratch scratch_;
  std::optional<TensorStore> store_;
};

/// Weight [o][i] of int8 numbers 0, 1... with a scale.
template <class Scale>
void check_scaled(const Matrix<float>& found, Scale scale) {
  for (std::size_t o = 0; o < kOut; ++o) {
    for (std::size_t i = 0; i < kIn; ++i) CHECK(found(o, i) == static_cast<float>((o * kIn + i) * scale(o, i)));
  }
}

}  // namespace

TEST_CASE("weight format: a scale is for all or an output or a block") {
  const std::string name = GENERATE("x.weight_scale", "x.weight_scale_inv");
  for (const std::vector<std::size_t>& shape : {std::vector<std::size_t>{}, {1}, {1, 1}}) {
    check_scaled(Stored(Dtype::i8, {{name, shape}}).weights(), [](std::size_t, std::size_t) { return 1u; });
  }
  for (const std::vector<std::size_t>& shape : {std::vector<std::size_t>{4}, {4, 1}}) {
    check_scaled(Stored(Dtype::i8, {{name, shape}}).weights(), [](std::size_t o, std::size_t) { return o + 1; });
  }
  const Stored blocks(Dtype::i8, {{name, {2, 2}}});  // of 3 x 4, the last ones cut
  check_scaled(blocks.weights({3, 4}), [](std::size_t o, std::size_t i) { return o / 3 * 2 + i / 4 + 1; });
  CHECK_THAT(blocks.error({2, 2}),
             Contains("tensor " + name + " has shape [2,2], which is not one scale, one for each"));
  CHECK_THAT(blocks.error(), Contains("has shape [2,2]"));
  check_scaled(Stored(Dtype::i8, {{name, {4, 3}}}).weights({1, 2}),
               [](std::size_t o, std::size_t i) { return o * 3 + i / 2 + 1; });
}

TEST_CASE("weight format: F8 may come without scales and int8 may not") {
  CHECK_THAT(Stored(Dtype::i8, {}).error(), Contains("tensor x.weight is I8, and there is no x.weight_scale"));
  CHECK(Stored(Dtype::f8_e4m3, {}).weights()(0, 1) == 1.0f / 512);
  CHECK(Stored(Dtype::f8_e5m2, {}).weights()(0, 1) == 1.0f / 65536);
  CHECK(Stored(Dtype::f8_e4m3, {{"x.weight_scale", {4}}}).weights()(3, 0) == 4 * (1 + 2.0f / 8) / 32);  // 0x12
  CHECK_THAT(Stored(Dtype::i8, {{"x.weight_scale", {1}}, {"x.weight_scale_inv", {1}}}).error(),
             Contains("tensor x.weight_scale_inv and x.weight_scale are both there"));
  CHECK_THAT(Stored(Dtype::u8, {{"x.weight_scale", {1}}}).error(), Contains("x.weight is U8"));
}

TEST_CASE("weight format: quantization_config is followed or refused by its key") {
  const auto read_format = [](const json& keys) {
    return weight_format(ModelConfig(json({{"quantization_config", keys}}).dump(), "config.json"));
  };
  const auto error = [&](json keys, const std::string& key, const json& value) {
    keys[json::json_pointer(key)] = value;
    return message_of<InputError>([&] { read_format(keys); });
  };
  const json fp8 = {{"quant_method", "fp8"}, {"activation_scheme", "dynamic"}, {"weight_block_size", {128, 64}}};
  CHECK((read_format(fp8).block_rows == 128 && read_format(fp8).block_cols == 64));
  CHECK(weight_format(ModelConfig("{}", "config.json")).block_rows == 0);
  CHECK_THAT(error(fp8, "/activation_scheme", "static"),
             Contains("quantization_config: activation_scheme is \"static\""));
  CHECK_THAT(error(fp8, "/weight_block_size", {128}), Contains("weight_block_size is [128], not a list of two sizes"));
  CHECK_THAT(error(fp8, "/weight_block_size", {0, 64}), Contains("weight_block_size is [0,64]"));
  CHECK_THAT(error(fp8, "/scale_fmt", "ue8m0"), Contains("scale_fmt is not known"));
  for (const std::string method : {"gptq", "awq", "bitsandbytes", ""}) {
    CHECK_THAT(error(fp8, "/quant_method", method),
               Contains("config.json: quantization_config: quant_method is \"" + method + "\"; supported are"));
  }

  const json groups = {
      {"quant_method", "compressed-tensors"},
      {"format", "int-quantized"},
      {"config_groups",
       {{"group_0",
         {{"targets", {"Linear"}},
          {"input_activations", {{"dynamic", true}, {"num_bits", 8}}},
          {"weights", {{"num_bits", 8}, {"type", "int"}, {"strategy", "group"}, {"group_size", 32}}}}}}}};
  CHECK((read_format(groups).block_rows == 1 && read_format(groups).block_cols == 32));
  const std::string weights = "/config_groups/group_0/weights/";
  CHECK_THAT(error(groups, weights + "num_bits", 4),
             Contains("config.json: quantization_config: config_groups: group_0: weights: num_bits is 4"));
  CHECK_THAT(error(groups, weights + "symmetric", false), Contains("symmetric is false"));
  CHECK_THAT(error(groups, weights + "strategy", "tokenwise"), Contains("strategy is \"tokenwise\""));
  CHECK_THAT(error(groups, weights + "actorder", "group"), Contains("actorder is not known"));
  CHECK_THAT(error(groups, "/config_groups/group_0/input_activations/dynamic", false), Contains("dynamic is false"));
  CHECK_THAT(error(groups, "/config_groups/group_1", json::object()),
             Contains("config_groups is not an object with one"));
  CHECK_THAT(error(groups, "/format", "pack-quantized"), Contains("format is \"pack-quantized\""));
  CHECK_THAT(error(groups, "/kv_cache_scheme", {{"num_bits", 8}}), Contains("kv_cache_scheme is"));
  CHECK_THAT(error(groups, "/sparsity_config", {{"format", "sparse-24-bitmask"}}), Contains("sparsity_config is"));
}
