#include "flow/model/mamba.h"

#include "flow/base/error.h"
#include "flow/model/load_model.h"
#include "tests/flow/reference.h"
#include "tests/flow/tiny_model.h"

#include <catch2/catch.hpp>

using namespace flexcim;
using Catch::Matchers::Contains;

namespace {

/// The definition of the architecture, plainly and in double: logits of every position.
class MambaReference : public Reference {
 public:
  using Reference::Reference;

  Rows logits(const std::vector<int>& tokens) const {
    Rows x;
    for (const int token : tokens) x.push_back(row("backbone.embeddings.weight", token));
    for (const std::string layer : {"backbone.layers.0.", "backbone.layers.1."}) {
      add(x, mixer(layer + "mixer.", norm(layer + "norm", x)));
    }
    return linear("backbone.embeddings", norm("backbone.norm_f", x));
  }

 private:
  static double silu(double x) { return x / (1 + std::exp(-x)); }

  Rows mixer(const std::string& name, const Rows& x) const {
    const int inner = model_.config["intermediate_size"], states = model_.config["state_size"];
    const int rank = model_.config["time_step_rank"], taps = model_.config["conv_kernel"];
    const Rows both = linear(name + "in_proj", x);
    const std::vector<double> conv_bias = row(name + "conv1d.bias", 0), step_bias = row(name + "dt_proj.bias", 0);
    const std::vector<double> d = row(name + "D", 0);
    const int length = static_cast<int>(x.size());
    Rows u(length, std::vector<double>(inner));
    for (int t = 0; t < length; ++t) {
      for (int c = 0; c < inner; ++c) {
        double sum = conv_bias[c];
        for (int back = 0; back < taps && back <= t; ++back) {
          sum += model_.tensors.at(name + "conv1d.weight").values[c * taps + taps - 1 - back] * both[t - back][c];
        }
        u[t][c] = silu(sum);
      }
    }
    const Rows parameters = linear(name + "x_proj", u);
    Rows steps;
    for (const std::vector<double>& p : parameters) steps.emplace_back(p.begin(), p.begin() + rank);
    const Rows raw = linear(name + "dt_proj", steps);
    Rows y(length, std::vector<double>(inner));
    for (int c = 0; c < inner; ++c) {
      const std::vector<double> a_log = row(name + "A_log", c);
      std::vector<double> h(states, 0.0);
      for (int t = 0; t < length; ++t) {
        const double delta = std::log1p(std::exp(raw[t][c] + step_bias[c]));
        double sum = d[c] * u[t][c];
        for (int n = 0; n < states; ++n) {
          h[n] = std::exp(-delta * std::exp(a_log[n])) * h[n] + delta * parameters[t][rank + n] * u[t][c];
          sum += parameters[t][rank + states + n] * h[n];
        }
        y[t][c] = sum * silu(both[t][inner + c]);
      }
    }
    return linear(name + "out_proj", y);
  }
};

std::string error_with(const std::string& key, const nlohmann::json& value) {
  const Scratch scratch;
  TinyModel tiny = tiny_mamba(7);
  tiny.config[key] = value;
  tiny.write(scratch.str());
  return message_of<InputError>([&] { load_model(scratch.str()); });
}

}  // namespace

TEST_CASE("mamba: the forward pass equals the definition") {
  for (const bool conv_bias : {true, false}) {
    TinyModel tiny = tiny_mamba(4);
    const Scratch scratch;
    tiny.config["use_conv_bias"] = conv_bias;
    TinyModel written = tiny;
    for (const std::string layer : {"backbone.layers.0.", "backbone.layers.1."}) {
      if (conv_bias) continue;
      written.tensors.erase(layer + "mixer.conv1d.bias");
      for (float& value : tiny.tensors.at(layer + "mixer.conv1d.bias").values) value = 0;
    }
    written.write(scratch.str());
    const std::vector<int> tokens = random_tokens(61);
    check_close(run(*load_model(scratch.str()), {tokens}), MambaReference(tiny).logits(tokens));
  }
}

TEST_CASE("mamba: a sequence in pieces gives the same bits as in one go") {
  const Scratch scratch;
  tiny_mamba(5).write(scratch.str());
  const std::unique_ptr<LanguageModel> model = load_model(scratch.str());
  check_pieces(*model, random_tokens(40), {2, 17, 18});
}

TEST_CASE("mamba: its linears") {
  const Scratch scratch;
  const TinyModel tiny = tiny_mamba(6);
  tiny.write(scratch.str());
  const std::unique_ptr<LanguageModel> model = load_model(scratch.str());
  REQUIRE(model->linears().size() == 8);
  const char* names[] = {"in_proj", "x_proj", "dt_proj", "out_proj"};
  const int shapes[][2] = {{74, 20}, {11, 37}, {37, 5}, {20, 37}};
  for (int i = 0; i < 8; ++i) {
    const LinearInfo& linear = model->linears()[i];
    CHECK(linear.name == "backbone.layers." + std::to_string(i / 4) + ".mixer." + names[i % 4]);
    CHECK((linear.block == i / 4 && linear.index == i % 4));
    CHECK((linear.out == shapes[i % 4][0] && linear.in == shapes[i % 4][1]));
    const Matrix<float> weights = model->weights(linear);
    CHECK(std::vector<float>(weights.data(), weights.data() + weights.size()) ==
          tiny.tensors.at(linear.name + ".weight").values);
  }
}

TEST_CASE("mamba: bad configurations name the key") {
  CHECK(error_with("architectures", nullptr).empty());
  CHECK(error_with("max_position_embeddings", nullptr).empty());
  CHECK_THAT(error_with("time_step_rank", "auto"), Contains("x_proj.weight has shape [11,37] where [8,37]"));  // rank 2
  CHECK_THAT(error_with("time_step_rank", "none"), Contains("time_step_rank is \"none\""));
  CHECK_THAT(error_with("intermediate_size", nullptr), Contains("where [40,1,4] is needed"));  // expand 2
  CHECK_THAT(error_with("state_size", 0), Contains("state_size is 0"));
  CHECK_THAT(error_with("conv_kernel", 1000), Contains("conv_kernel is 1000"));
  CHECK_THAT(error_with("hidden_size", nullptr), Contains("hidden_size is missing"));
  CHECK_THAT(error_with("use_bias", true), Contains("tensor backbone.layers.0.mixer.in_proj.bias is missing"));
  CHECK_THAT(error_with("hidden_act", "relu"), Contains("hidden_act is \"relu\""));
  CHECK_THAT(error_with("tie_word_embeddings", false), Contains("tensor lm_head.weight is missing"));
}
