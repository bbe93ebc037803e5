#include "flow/model/llama.h"

#include "flow/error.h"
#include "flow/model/attention.h"

namespace flexcim {
namespace {

constexpr int kLargest = 1 << 20;  // of any dimension

/// The linears of one block in the model's own order.
enum Linear { kQuery, kKey, kValue, kOutput, kGate, kUp, kDown, kLinears };

std::string layer_name(int block) { return "model.layers." + std::to_string(block) + "."; }

class LlamaState : public BlockState {
 public:
  LlamaState(std::size_t kv_heads, std::size_t head) : cache(kv_heads, head) {}
  KeyValueCache cache;
};

/// Scores of one head whose last `queries` of `length` tokens look at themselves and all before them.
std::uint64_t visible_scores(std::uint64_t length, std::uint64_t queries) {
  return queries * (length - queries) + queries * (queries + 1) / 2;
}

double rope_theta(const ModelConfig& config) {
  constexpr double kLow = 1.0, kHigh = 1e12, kDefault = 10000.0;
  if (!config.raw("rope_scaling").is_null()) config.fail("rope_scaling", "is set, which is not supported");
  const nlohmann::json& parameters = config.raw("rope_parameters");  // where newer versions put it
  if (parameters.is_null()) return config.number("rope_theta", kLow, kHigh, kDefault);
  if (!parameters.is_object() || parameters.value("rope_type", nlohmann::json("default")) != "default") {
    config.fail("rope_parameters", "is " + parameters.dump() + "; only rope_type \"default\" is supported");
  }
  const nlohmann::json theta = parameters.value("rope_theta", nlohmann::json(kDefault));
  if (!theta.is_number() || !(theta >= kLow && theta <= kHigh)) {
    config.fail("rope_parameters.rope_theta", "is " + theta.dump() + ", not a number of 1 to 1e12");
  }
  return theta.get<double>();
}

}  // namespace

LlamaConfig::LlamaConfig(const ModelConfig& config)
    : hidden(config.integer("hidden_size", 1, kLargest)),
      intermediate(config.integer("intermediate_size", 1, kLargest)),
      layers(config.integer("num_hidden_layers", 1, 10000)),
      heads(config.integer("num_attention_heads", 1, hidden)),
      kv_heads(config.integer("num_key_value_heads", 1, heads, heads)),
      head(config.integer("head_dim", 2, kLargest, hidden / heads)),
      vocabulary(config.integer("vocab_size", 1, 1 << 24)),
      context(config.integer("max_position_embeddings", 1, kLargest)),
      epsilon(static_cast<float>(config.number("rms_norm_eps", 1e-12, 1.0, 1e-6))),
      theta(rope_theta(config)),
      tied(config.boolean("tie_word_embeddings", false)) {
  if (config.raw("head_dim").is_null() && hidden % heads != 0) {
    config.fail("num_attention_heads", "does not divide hidden_size");
  }
  if (heads % kv_heads != 0) config.fail("num_key_value_heads", "does not divide num_attention_heads");
  if (head % 2 != 0) config.fail("head_dim", "is " + std::to_string(head) + ", which is odd");
  if (static_cast<std::int64_t>(heads) * head > kLargest)
    config.fail("head_dim", "times num_attention_heads is absurd");
  if (static_cast<std::int64_t>(context) * head > 1 << 28)
    config.fail("max_position_embeddings", "times head_dim is absurd");
  config.require_text("hidden_act", "silu");
  config.require_flag("attention_bias", false);
  config.require_flag("mlp_bias", false);
}

Llama::Llama(const std::string& path, const LlamaConfig& config)
    : config_(config),
      store_(path),
      ends_(store_,
            {"model.embed_tokens.weight", "model.norm.weight",
             config_.tied ? "model.embed_tokens.weight" : "lm_head.weight"},
            config_.vocabulary, config_.hidden, config_.epsilon),
      rope_(config_.head, config_.context, config_.theta) {
  const int queries = config_.heads * config_.head;
  const int keys = config_.kv_heads * config_.head;
  for (int block = 0; block < config_.layers; ++block) {
    const std::string layer = layer_name(block);
    norms_.push_back({load_vector(store_, layer + "input_layernorm.weight", config_.hidden),
                      load_vector(store_, layer + "post_attention_layernorm.weight", config_.hidden)});
    const LinearInfo linears[kLinears] = {
        {layer + "self_attn.q_proj", block, kQuery, queries, config_.hidden},
        {layer + "self_attn.k_proj", block, kKey, keys, config_.hidden},
        {layer + "self_attn.v_proj", block, kValue, keys, config_.hidden},
        {layer + "self_attn.o_proj", block, kOutput, config_.hidden, queries},
        {layer + "mlp.gate_proj", block, kGate, config_.intermediate, config_.hidden},
        {layer + "mlp.up_proj", block, kUp, config_.intermediate, config_.hidden},
        {layer + "mlp.down_proj", block, kDown, config_.hidden, config_.intermediate},
    };
    for (const LinearInfo& linear : linears) {
      require_linear(store_, linear);
      linears_.push_back(linear);
    }
  }
}

std::unique_ptr<BlockState> Llama::new_state(int /*block*/) const {
  return std::make_unique<LlamaState>(config_.kv_heads, config_.head);
}

void Llama::run_block(int block, MatrixView<float> x, BlockState& state, LinearRunner& runner) const {
  KeyValueCache& cache = dynamic_cast<LlamaState&>(state).cache;
  if (cache.length() + x.rows > static_cast<std::size_t>(config_.context)) {
    throw InputError("the sequence is longer than the model's context of " + std::to_string(config_.context) +
                     " tokens");
  }
  const auto run = [&](Linear which, MatrixView<const float> input) {
    const LinearInfo& linear = linears_[static_cast<std::size_t>(block) * kLinears + which];
    Matrix<float> y(input.rows, linear.out);
    runner.run(linear, input, y);
    return y;
  };
  const Norms& norms = norms_[block];
  Matrix<float> normed(x.rows, x.cols);
  const std::uint64_t stream = normed.size();

  rms_norm(x, norms.attention, config_.epsilon, normed);
  runner.on_operator(OperatorClass::norm, stream);
  Matrix<float> queries = run(kQuery, normed);
  Matrix<float> keys = run(kKey, normed);
  const Matrix<float> values = run(kValue, normed);
  rope_.apply(queries, cache.length());
  rope_.apply(keys, cache.length());
  runner.on_operator(OperatorClass::rope, queries.size() + keys.size());
  cache.append(keys, values);
  Matrix<float> attended(x.rows, queries.cols());
  cache.attend(queries, attended);
  const std::uint64_t scores = visible_scores(cache.length(), x.rows) * static_cast<std::uint64_t>(config_.heads);
  runner.on_operator(OperatorClass::attention, 2 * scores * static_cast<std::uint64_t>(config_.head));
  runner.on_operator(OperatorClass::softmax, scores);
  add(x, run(kOutput, attended));
  runner.on_operator(OperatorClass::elementwise, stream);

  rms_norm(x, norms.mlp, config_.epsilon, normed);
  runner.on_operator(OperatorClass::norm, stream);
  Matrix<float> gate = run(kGate, normed);
  silu(gate);
  runner.on_operator(OperatorClass::activation, gate.size());
  multiply(gate, run(kUp, normed));
  runner.on_operator(OperatorClass::elementwise, gate.size());
  add(x, run(kDown, gate));
  runner.on_operator(OperatorClass::elementwise, stream);
}

}  // namespace flexcim
