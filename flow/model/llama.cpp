#include "flow/model/llama.h"

#include "flow/base/error.h"
#include "flow/model/attention.h"
#include "flow/model/common_keys.h"
#include "flow/model/rope_config.h"

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

/// Keys that cannot change what a Llama computes: pretraining_tp splits sums, the time steps are a Mamba's.
constexpr std::string_view kIdleKeys[] = {"is_llama_config", "max_window_layers", "pretraining_tp", "time_step_floor",
                                          "time_step_limit", "time_step_max",     "time_step_min"};

/// What a Llama does not have and models derived from it do, each with the value that changes nothing.
void require_plain_llama(const ModelConfig& config, int context) {
  config.require("hidden_act", "silu");
  for (const char* key :
       {"attention_bias", "bias", "mlp_bias", "qk_layer_norms", "qk_norm", "qkv_bias", "use_qk_norm"}) {
    config.require(key, false);
  }
  for (const char* key : {"embedding_multiplier", "logit_scale", "logits_scaling", "residual_multiplier"}) {
    config.require(key, 1);
  }
  for (const nlohmann::json& type : config.raw("layer_types")) {
    if (type != "full_attention") config.fail("layer_types", "has others than \"full_attention\"");
  }
  // A window that holds the whole context, or is switched off, is none.
  const bool used = config.boolean("use_sliding_window", true);
  if (config.integer("sliding_window", 0, INT32_MAX, context) < context && used) {
    config.fail("sliding_window", "is less than max_position_embeddings, which is not supported");
  }
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
      theta(rope_base(config)),
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
  require_plain_llama(config, context);
  require_known_keys(config, {std::begin(kIdleKeys), std::end(kIdleKeys)});
}

Llama::Llama(const std::string& path, const LlamaConfig& config)
    : config_(config),
      tensors_(path),
      ends_(tensors_, {"model.embed_tokens.weight", "model.norm", "lm_head.weight"}, config_.tied, config_.vocabulary,
            config_.hidden, config_.epsilon),
      rope_(config_.head, config_.context, config_.theta) {
  const int queries = config_.heads * config_.head;
  const int keys = config_.kv_heads * config_.head;
  for (int block = 0; block < config_.layers; ++block) {
    const std::string layer = layer_name(block);
    norms_.push_back({tensors_.norm(layer + "input_layernorm", config_.hidden, config_.epsilon),
                      tensors_.norm(layer + "post_attention_layernorm", config_.hidden, config_.epsilon)});
    require_frequencies(layer + "self_attn.rotary_emb.inv_freq");
    const LinearInfo linears[kLinears] = {
        {layer + "self_attn.q_proj", block, kQuery, queries, config_.hidden, 0},
        {layer + "self_attn.k_proj", block, kKey, keys, config_.hidden, 0},
        {layer + "self_attn.v_proj", block, kValue, keys, config_.hidden, 0},
        {layer + "self_attn.o_proj", block, kOutput, config_.hidden, queries, 1},
        {layer + "mlp.gate_proj", block, kGate, config_.intermediate, config_.hidden, 2},
        {layer + "mlp.up_proj", block, kUp, config_.intermediate, config_.hidden, 2},
        {layer + "mlp.down_proj", block, kDown, config_.hidden, config_.intermediate, 3},
    };
    for (const LinearInfo& linear : linears) {
      tensors_.require_linear(linear);
      linears_.push_back(linear);
    }
  }
  require_frequencies("model.rotary_emb.inv_freq");
  tensors_.require_no_others();
}

/// Frequencies of the rotary positions, which some checkpoints hold, are computed: they must be the same.
void Llama::require_frequencies(const std::string& name) {
  const Tensor* tensor = tensors_.optional(name);
  if (tensor != nullptr) require_rope_frequencies(*tensor, config_.head, config_.theta);
}

std::unique_ptr<BlockState> Llama::new_state(int /*block*/) const {
  return std::make_unique<LlamaState>(config_.kv_heads, config_.head);
}

/// One block: queries, keys and values; the output of attention; gate and up; down.
class Llama::Pass final : public BlockPass {
 public:
  Pass(const Llama& model, int block, MatrixView<float> x, KeyValueCache& cache, LinearRunner& runner)
      : model_(model), block_(static_cast<std::size_t>(block)), x_(x), cache_(cache), input_(x.rows, x.cols) {
    normalise(model_.norms_[block_].attention, runner);
  }

  MatrixView<const float> input() const override { return input_; }

  bool advance(LinearRunner& runner) override {
    switch (linear_) {
      case kQuery:
        attend(runner);
        linear_ = kOutput;
        return true;
      case kOutput:
        add_to_stream(kOutput, runner);
        normalise(model_.norms_[block_].mlp, runner);
        linear_ = kGate;
        return true;
      case kGate:
        gate(runner);
        linear_ = kDown;
        return true;
      default:
        add_to_stream(kDown, runner);
        return false;
    }
  }

 private:
  Matrix<float> run(Linear which, LinearRunner& runner) const {
    const LinearInfo& linear = model_.linears_[block_ * kLinears + which];
    Matrix<float> y(input_.rows(), linear.out);
    runner.run(linear, input_, y);
    return y;
  }

  void normalise(const RmsNorm& norm, LinearRunner& runner) {
    input_ = Matrix<float>(x_.rows, x_.cols);
    norm.apply(x_, input_);
    runner.on_operator(OperatorClass::norm, input_.size());
  }

  void attend(LinearRunner& runner) {
    const auto heads = static_cast<std::uint64_t>(model_.config_.heads);
    const auto head = static_cast<std::uint64_t>(model_.config_.head);
    Matrix<float> queries = run(kQuery, runner);
    Matrix<float> keys = run(kKey, runner);
    const Matrix<float> values = run(kValue, runner);
    model_.rope_.apply(queries, cache_.length());
    model_.rope_.apply(keys, cache_.length());
    runner.on_operator(OperatorClass::rope, queries.size() + keys.size());
    cache_.append(keys, values);
    input_ = Matrix<float>(queries.rows(), queries.cols());
    cache_.attend(queries, input_);
    const std::uint64_t visible = visible_scores(cache_.length(), x_.rows), scores = visible * heads;
    runner.on_operator(OperatorClass::attention, 2 * scores * head, {visible, x_.rows});
    runner.on_operator(OperatorClass::softmax, scores);
  }

  void gate(LinearRunner& runner) {
    Matrix<float> gate = run(kGate, runner);
    silu(gate);
    runner.on_operator(OperatorClass::activation, gate.size());
    multiply(gate, run(kUp, runner));
    runner.on_operator(OperatorClass::elementwise, gate.size());
    input_ = std::move(gate);
  }

  void add_to_stream(Linear which, LinearRunner& runner) {
    add(x_, run(which, runner));
    runner.on_operator(OperatorClass::elementwise, x_.rows * x_.cols);
  }

  const Llama& model_;
  std::size_t block_;
  MatrixView<float> x_;
  KeyValueCache& cache_;
  Linear linear_ = kQuery;  ///< the first of the next stage
  Matrix<float> input_;
};

std::unique_ptr<BlockPass> Llama::begin_block(int block, MatrixView<float> x, BlockState& state,
                                              LinearRunner& runner) const {
  KeyValueCache& cache = dynamic_cast<LlamaState&>(state).cache;
  if (cache.length() + x.rows > static_cast<std::size_t>(config_.context)) {
    throw InputError("the sequence is longer than the model's context of " + std::to_string(config_.context) +
                     " tokens");
  }
  return std::make_unique<Pass>(*this, block, x, cache, runner);
}

}  // namespace flexcim
