#include "flow/pack/packed_model.h"

#include "flow/base/error.h"
#include "flow/pack/quantize_linear.h"
#include "tests/flow/scratch.h"

#include <catch2/catch.hpp>
#include <random>
#include <stdexcept>

namespace flexcim {
namespace {

PackedLinear random_linear(const std::string& name, Pattern pattern, IndexPolicy policy, std::size_t out,
                           std::size_t in, int weight_bits = 8) {
  std::mt19937 random(static_cast<unsigned>(out * 1000 + in));
  std::normal_distribution<float> normal;
  Matrix<float> weights(out, in);
  for (std::size_t k = 0; k < weights.size(); ++k) weights.data()[k] = normal(random);
  const PruneRule rule{pattern, policy, 1, 8};
  PackedLinear packed =
      quantize_linear(name, weights, rule, Pruner(rule, name).prune(weights, std::vector<float>(in, 1.0f), 1),
                      weight_bits, 1)
          .packed;
  packed.activation_scale = 0.25f;
  return packed;
}

PackedLinearInfo info_of(const PackedLinear& linear) {
  return {linear.name, linear.pattern, linear.policy, linear.window, linear.weight_bits, linear.out, linear.in};
}

struct Example {
  std::vector<PackedLinear> linears = {random_linear("block.1.q", {2, 4}, IndexPolicy::window, 12, 18),
                                       random_linear("block.0.k", {}, IndexPolicy::element, 5, 7, 4),
                                       random_linear("a", {4, 8}, IndexPolicy::window_shared, 9, 8)};
  std::vector<float> norm = {1, 2, 3};
  PackedModelTexts texts{"{\"model_type\":\"llama\"}", "{\"kind\":\"bytes\"}"};

  std::vector<PackedLinearInfo> infos() const {
    std::vector<PackedLinearInfo> result;
    for (const PackedLinear& linear : linears) result.push_back(info_of(linear));
    return result;
  }
  std::vector<Tensor> others() const {
    Tensor tensor;
    tensor.name = "norm.weight";
    tensor.dtype = Dtype::f32;
    tensor.shape = {3};
    tensor.data = reinterpret_cast<const std::byte*>(norm.data());
    tensor.bytes = 12;
    return {tensor};
  }
  void write(const std::string& path, bool backwards = false) const {
    PackedModelWriter writer(path, infos(), others(), texts);
    for (std::size_t i = 0; i < linears.size(); ++i) writer.write(linears[backwards ? linears.size() - 1 - i : i]);
    writer.finish();
  }
};

TEST_CASE("a packed model comes back as it was written") {
  const Scratch scratch;
  const Example example;
  example.write(scratch / "m.safetensors");
  const PackedModel model(scratch / "m.safetensors");
  CHECK(model.texts().config == example.texts.config);
  CHECK(model.texts().tokenizer == example.texts.tokenizer);
  CHECK(model.linears() == example.infos());
  CHECK(model.file().at("norm.weight").copy<float>()(0, 2) == 3);
  for (std::size_t i = 0; i < example.linears.size(); ++i) {
    const PackedLinear loaded = model.load(i);
    CHECK(info_of(loaded) == example.infos()[i]);
    CHECK(loaded.values == example.linears[i].values);
    CHECK(loaded.indices == example.linears[i].indices);
    CHECK(loaded.scales == example.linears[i].scales);
    CHECK(loaded.activation_scale == 0.25f);
    CHECK(unpack(loaded) == unpack(example.linears[i]));
  }
}

TEST_CASE("the bytes of a packed model do not depend on the order of writing") {
  const Scratch scratch;
  const Example example;
  example.write(scratch / "a");
  example.write(scratch / "b", true);
  CHECK(file_bytes(scratch / "a") == file_bytes(scratch / "b"));
  CHECK(file_bytes(scratch / "a").size() > 500);
}

TEST_CASE("a linear that was not announced so is our own mistake") {
  const Scratch scratch;
  Example example;
  PackedModelWriter writer(scratch / "m", example.infos(), {}, example.texts);
  example.linears[0].window = 2;
  CHECK_THROWS_AS(writer.write(example.linears[0]), std::logic_error);
  CHECK_THROWS_AS(writer.write(PackedLinear{}), std::logic_error);
}

/// Writes the example after `spoil` changed its contents, and gives the message that reading it all ends with.
template <class Spoil>
std::string message_after(Spoil spoil) {
  const Scratch scratch;
  Example example;
  spoil(example);
  example.write(scratch / "m");
  return message_of<InputError>([&] {
    const PackedModel model(scratch / "m");
    for (std::size_t i = 0; i < model.linears().size(); ++i) model.load(i);
  });
}

TEST_CASE("what is wrong inside a packed linear is an input error with the tensor's name") {
  CHECK(message_after([](Example&) {}).empty());
  CHECK_THAT(message_after([](Example& e) { e.linears[0].values[3] = -128; }), Catch::Contains("block.1.q"));
  CHECK_THAT(message_after([](Example& e) { e.linears[0].indices[0] = 4; }), Catch::Contains("outside the group"));
  CHECK_THAT(message_after([](Example& e) { e.linears[0].indices[1] = e.linears[0].indices[0]; }),
             Catch::Contains("kept twice"));
  CHECK_THAT(message_after([](Example& e) {
               e.linears[0].indices[0] = PackedLinear::kEmpty;
               e.linears[0].values[0] = 1;
             }),
             Catch::Contains("empty slot"));
  CHECK_THAT(message_after([](Example& e) { e.linears[1].scales[4] = 0; }), Catch::Contains("block.0.k.scales [4]"));
  CHECK_THAT(message_after([](Example& e) { e.linears[1].scales[4] = std::nanf(""); }), Catch::Contains("positive"));
  CHECK_THAT(message_after([](Example& e) { e.linears[2].activation_scale = -1; }),
             Catch::Contains("a.activation_scale"));
}

/// A file with these tensors and metadata, opened.
std::string opening(const std::vector<TensorDeclaration>& tensors, const std::map<std::string, std::string>& metadata) {
  const Scratch scratch;
  SafetensorsWriter writer(scratch / "m", tensors, metadata);
  for (const TensorDeclaration& tensor : tensors) {
    std::size_t bytes = size_of(tensor.dtype);
    for (const std::size_t extent : tensor.shape) bytes *= extent;
    writer.write(tensor.name, std::string(bytes, '\0').data(), bytes);
  }
  writer.finish();
  return message_of<InputError>([&] { PackedModel(scratch / "m"); });
}

TEST_CASE("metadata is read strictly") {
  const std::vector<TensorDeclaration> tensors = {{"a.values", Dtype::i8, {2, 1, 2}},
                                                  {"a.indices", Dtype::u8, {2, 1, 2}},
                                                  {"a.scales", Dtype::f32, {2}},
                                                  {"a.activation_scale", Dtype::f32, {1}}};
  const auto with = [&](const std::string& list) {
    return opening(tensors,
                   {{"flexcim.format", "1"}, {"flexcim.linears", list}, {"config", "{}"}, {"tokenizer", "{}"}});
  };
  const std::string good = R"({"name":"a","pattern":"2:4","policy":"element","window":1,"shape":[2,3]})";
  CHECK(with("[" + good + "]").empty());
  CHECK_THAT(with("[" + good + "," + good + "]"), Catch::Contains("a comes twice"));
  CHECK_THAT(with("{}"), Catch::Contains("not a list"));
  CHECK_THAT(with("[1]"), Catch::Contains("entry 0"));
  CHECK_THAT(with("[{}]"), Catch::Contains("name is missing"));
  CHECK_THAT(with(R"([{"nam":"a"}])"), Catch::Contains("unknown key \"nam\""));
  CHECK_THAT(with(R"([{"name":"a","pattern":"5:4","policy":"element","window":1,"shape":[2,3]}])"),
             Catch::Contains("5:4"));
  CHECK_THAT(with(R"([{"name":"a","pattern":"2:4","policy":"some","window":1,"shape":[2,3]}])"),
             Catch::Contains("some"));
  CHECK_THAT(with(R"([{"name":"a","pattern":"2:4","policy":"element","window":0,"shape":[2,3]}])"),
             Catch::Contains("window"));
  CHECK_THAT(with(R"([{"name":"a","pattern":"2:4","policy":"element","window":1,"shape":[2]}])"),
             Catch::Contains("shape"));
  CHECK_THAT(with(R"([{"name":"a","pattern":"2:4","policy":"element","window":1,"shape":[2,4000000000]}])"),
             Catch::Contains("shape"));
  CHECK_THAT(with(R"([{"name":"a","pattern":"2:4","policy":"element","window":1,"shape":[2,5]}])"),
             Catch::Contains("a.values"));
  CHECK_THAT(with(R"([{"name":"b","pattern":"2:4","policy":"element","window":1,"shape":[2,3]}])"),
             Catch::Contains("b.values"));
  CHECK_THAT(opening(tensors, {{"format", "pt"}}), Catch::Contains("no packed model"));
  CHECK_THAT(opening(tensors, {{"flexcim.format", "9"}}), Catch::Contains("\"9\""));
}

}  // namespace
}  // namespace flexcim
