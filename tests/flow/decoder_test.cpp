#include "flow/model/decoder.h"

#include "flow/base/error.h"
#include "flow/model/float_runner.h"
#include "flow/model/load_model.h"
#include "tests/flow/reference.h"
#include "tests/flow/tiny_model.h"

#include <catch2/catch.hpp>
#include <cmath>

using namespace flexcim;
using Catch::Matchers::Contains;

namespace {

/// The definition of the architecture, plainly and in double: logits of every position.
class LlamaReference : public Reference {
 public:
  using Reference::Reference;

  Rows logits(const std::vector<int>& tokens) const {
    const int layers = model_.config["num_hidden_layers"];
    Rows x;
    for (const int token : tokens) x.push_back(row("model.embed_tokens.weight", token));
    for (int l = 0; l < layers; ++l) {
      const std::string layer = "model.layers." + std::to_string(l) + ".";
      add(x, linear(layer + "self_attn.o_proj", attention(layer, norm(layer + "input_layernorm", x))));
      const Rows h = norm(layer + "post_attention_layernorm", x);
      Rows gate = linear(layer + "mlp.gate_proj", h);
      const Rows up = linear(layer + "mlp.up_proj", h);
      for (std::size_t t = 0; t < gate.size(); ++t) {
        for (std::size_t i = 0; i < gate[t].size(); ++i) gate[t][i] *= up[t][i] / (1 + std::exp(-gate[t][i]));
      }
      add(x, linear(layer + "mlp.down_proj", gate));
    }
    const bool tied = model_.config["tie_word_embeddings"];
    return linear(tied ? "model.embed_tokens" : "lm_head", norm("model.norm", x));
  }

 private:
  Rows attention(const std::string& layer, const Rows& x) const {
    const int heads = model_.config["num_attention_heads"], kv_heads = model_.config["num_key_value_heads"];
    const int head = model_.config["head_dim"];
    const double theta = model_.config["rope_theta"];
    Rows q = linear(layer + "self_attn.q_proj", x), k = linear(layer + "self_attn.k_proj", x);
    const Rows v = linear(layer + "self_attn.v_proj", x);
    for (Rows* rows : {&q, &k}) {
      for (std::size_t t = 0; t < rows->size(); ++t) {
        std::vector<double>& values = (*rows)[t];
        const std::vector<double> before = values;
        for (std::size_t i = 0; i < values.size(); ++i) {
          const int within = static_cast<int>(i) % head, pair = within % (head / 2);
          const double angle = static_cast<double>(t) * std::pow(theta, -2.0 * pair / head);
          const bool low = within < head / 2;
          const double other = before[low ? i + head / 2 : i - head / 2];
          values[i] = before[i] * std::cos(angle) + (low ? -other : other) * std::sin(angle);
        }
      }
    }
    Rows out(x.size(), std::vector<double>(heads * head, 0.0));
    for (int h = 0; h < heads; ++h) {
      const int kv = h / (heads / kv_heads);
      for (std::size_t t = 0; t < x.size(); ++t) {
        std::vector<double> weight(t + 1);
        double total = 0;
        for (std::size_t s = 0; s <= t; ++s) {
          double score = 0;
          for (int i = 0; i < head; ++i) score += q[t][h * head + i] * k[s][kv * head + i];
          total += weight[s] = std::exp(score / std::sqrt(head));
        }
        for (std::size_t s = 0; s <= t; ++s) {
          for (int i = 0; i < head; ++i) out[t][h * head + i] += weight[s] / total * v[s][kv * head + i];
        }
      }
    }
    return out;
  }
};

}  // namespace

TEST_CASE("llama: the forward pass equals the definition") {
  for (const bool tied : {false, true}) {
    const TinyModel tiny = tiny_llama(4, tied);
    const Scratch scratch;
    tiny.write(scratch.str());
    const std::unique_ptr<LanguageModel> model = load_model(scratch.str());
    const std::vector<int> tokens = random_tokens(61);
    const Matrix<float> found = run(*model, {tokens});
    check_close(found, LlamaReference(tiny).logits(tokens));
  }
}

TEST_CASE("llama: a sequence in pieces gives the same bits as in one go") {
  const Scratch scratch;
  tiny_llama(5).write(scratch.str());
  const std::unique_ptr<LanguageModel> model = load_model(scratch.str());
  check_pieces(*model, random_tokens(50), {17, 18});
}

TEST_CASE("llama: file types, shards and linears") {
  const TinyModel tiny = tiny_llama(6);
  const Scratch f32, bf16, f16, sharded;
  tiny.write(f32.str());
  tiny.write(bf16.str(), Dtype::bf16);
  tiny.write(f16.str(), Dtype::f16);
  tiny.write(sharded.str());
  std::filesystem::remove(sharded / "model.safetensors");
  nlohmann::json map;
  std::vector<std::string> names[2];
  for (const auto& tensor : tiny.tensors) {
    const std::size_t shard = tensor.first.find("layers.1") != std::string::npos ? 1 : 0;
    names[shard].push_back(tensor.first);
    map[tensor.first] = "model-" + std::to_string(shard) + ".safetensors";
  }
  for (const int shard : {0, 1}) {
    tiny.write_tensors(sharded / ("model-" + std::to_string(shard) + ".safetensors"), Dtype::f32, names[shard]);
  }
  write_file(sharded / "model.safetensors.index.json", nlohmann::json({{"weight_map", map}}).dump());

  const std::vector<int> tokens = random_tokens(10);
  const std::unique_ptr<LanguageModel> model = load_model(f32.str());
  const Matrix<float> expected = run(*model, {tokens});
  for (const Scratch* other : {&bf16, &f16, &sharded}) CHECK(run(*load_model(other->str()), {tokens}) == expected);

  REQUIRE(model->linears().size() == 14);
  const LinearInfo& down = model->linears()[13];
  CHECK(down.name == "model.layers.1.mlp.down_proj");
  CHECK((down.block == 1 && down.index == 6 && down.out == 20 && down.in == 27));
  const Matrix<float> weights = model->weights(down);
  REQUIRE((weights.rows() == 20 && weights.cols() == 27));
  CHECK(std::vector<float>(weights.data(), weights.data() + 540) == tiny.tensors.at(down.name + ".weight").values);
  CHECK((model->blocks() == 2 && model->hidden() == 20 && model->vocabulary() == 50 && model->context() == 64));
}

TEST_CASE("llama: bad configurations name the key") {
  const auto error_with = [](const std::string& key, const nlohmann::json& value) {
    const Scratch scratch;
    TinyModel tiny = tiny_llama(7);
    if (value == "absent") {
      tiny.config.erase(key);
    } else {
      tiny.config[key] = value;
    }
    tiny.write(scratch.str());
    const std::string message = message_of<InputError>([&] { load_model(scratch.str()); });
    CHECK((message.empty() || message.rfind(scratch.str(), 0) == 0));
    return message;
  };
  CHECK(error_with("architectures", "absent").empty());
  CHECK_FALSE(error_with("num_key_value_heads", "absent").empty());  // shapes of k and v then do not fit
  CHECK(error_with("rope_scaling", nullptr).empty());
  CHECK(error_with("rope_parameters", {{"rope_type", "default"}, {"rope_theta", 100.0}}).empty());
  CHECK_THAT(
      error_with("rope_parameters", {{"rope_type", "yarn"}, {"factor", 2}}),
      Contains("config.json: rope_parameters: rope_type is \"yarn\"; supported are default, linear, dynamic and"));
  CHECK_THAT(error_with("rope_parameters", {{"rope_theta", "x"}}),
             Contains("config.json: rope_parameters: rope_theta is \"x\", not a number"));
  CHECK_THAT(error_with("architectures", {"GPT"}), Contains("architectures is \"GPT\"; supported are"));
  CHECK_THAT(error_with("architectures", 3), Contains("architectures is 3"));
  for (const char* key : {"hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "vocab_size",
                          "max_position_embeddings"}) {
    CHECK_THAT(error_with(key, "absent"), Contains(std::string(key) + " is missing"));
    for (const nlohmann::json& absurd :
         {nlohmann::json(0), nlohmann::json(-1), nlohmann::json(1e30), nlohmann::json(2.5), nlohmann::json("8"),
          nlohmann::json(18446744073709551615u), nlohmann::json(9223372036854775807), nlohmann::json(2147483647)}) {
      CHECK_THAT(error_with(key, absurd), Contains(std::string(key) + " is " + absurd.dump()));
    }
  }
  CHECK_THAT(error_with("num_key_value_heads", 3), Contains("num_key_value_heads does not divide"));
  CHECK_THAT(error_with("head_dim", 5), Contains("head_dim is 5"));
  CHECK_THAT(error_with("head_dim", 4), Contains("q_proj.weight has shape [24,20] where [16,20]"));
  CHECK_THAT(error_with("max_position_embeddings", 1000000), !Contains("absurd"));
  CHECK_THAT(error_with("rms_norm_eps", 0), Contains("rms_norm_eps is 0"));
  CHECK_THAT(error_with("hidden_act", "gelu"), Contains("hidden_act is \"gelu\""));
  CHECK_THAT(error_with("attention_bias", true), Contains("tensor model.layers.0.self_attn.q_proj.bias is missing"));
  CHECK_THAT(error_with("mlp_bias", true), Contains("tensor model.layers.0.mlp.gate_proj.bias is missing"));
  CHECK_THAT(error_with("tie_word_embeddings", 1), Contains("tie_word_embeddings is 1"));
  CHECK_THAT(error_with("hidden_size", 24), Contains("model.norm.weight has shape [20] where [24]"));
  CHECK_THAT(error_with("num_hidden_layers", 3), Contains("tensor model.layers.2.input_layernorm.weight is missing"));
}

TEST_CASE("llama: bad weights, tokens and lengths are refused") {
  const Scratch scratch;
  TinyModel tiny = tiny_llama(8);
  tiny.tensors["model.layers.1.mlp.up_proj.weight"].values[23] = std::nanf("");
  tiny.write(scratch.str());
  const std::unique_ptr<LanguageModel> model = load_model(scratch.str());
  CHECK_THAT(message_of<InputError>([&] { run(*model, {{1}}); }),
             Contains("tensor model.layers.1.mlp.up_proj.weight: element [1,3] is NaN"));
  CHECK_THAT(message_of<InputError>([&] { model->embed({1, 50}); }), Contains("token 1 is 50, outside"));
  CHECK_THAT(message_of<InputError>([&] { model->embed({-1}); }), Contains("token 0 is -1, outside"));
  FloatRunner runner(*model);
  const auto state = model->new_state(0);
  Matrix<float> x = model->embed(std::vector<int>(65, 1));
  CHECK_THAT(message_of<InputError>([&] { model->run_block(0, x, *state, runner); }), Contains("context of 64 tokens"));
  CHECK_THAT(message_of<InputError>([&] { load_model(scratch / "nowhere"); }), Contains("nowhere: cannot be opened"));
  CHECK_THAT(message_of<InputError>([&] { load_model(scratch / "config.json"); }), Contains("config.json"));
  CHECK_THAT(message_of<InputError>([&] { load_model(scratch / "model.safetensors"); }),
             Contains("nor a packed model"));
}
