#include "flow/model/decoder.h"

#include "flow/base/error.h"
#include "flow/model/attention.h"
#include "flow/model/int8_attention.h"
#include "flow/model/rope_config.h"

#include <algorithm>

namespace flexcim {
namespace {

/// Of the table of learned positions, the rows before that of the first token: OPT counts from 2.
constexpr std::size_t kFirstPosition = 2;

/// The linears of one block in the model's own order; a network without a gate leaves that one out.
enum Linear { kQuery, kKey, kValue, kOutput, kGate, kUp, kDown };

struct DecoderState : BlockState {
  DecoderState(std::size_t kv_heads, std::size_t head) : cache(kv_heads, head), int8(kv_heads, head) {}
  std::size_t length() const { return std::max(cache.length(), int8.length()); }

  KeyValueCache cache;
  Int8Cache int8;  ///< in place of the other where the products of attention are formed in int8
};

/// Each head as a row.
MatrixView<float> by_head(Matrix<float>& x, std::size_t head) { return {x.data(), x.size() / head, head}; }

}  // namespace

Decoder::Decoder(const std::string& path, const DecoderConfig& config)
    : config_(config),
      tensors_(path, config.weights),
      prefix_(tensors_.has(config.names.embedding) ? "" : "model."),
      ends_(tensors_, {prefix_ + config.names.embedding, "lm_head.weight"}, config_.tied, config_.vocabulary,
            config_.hidden, norm_behind_blocks()) {
  const auto hidden = static_cast<std::size_t>(config_.hidden), head = static_cast<std::size_t>(config_.head);
  const auto context = static_cast<std::size_t>(config_.context);
  if (config_.rope) {
    rope_.emplace(head, context, *config_.rope);
  } else {
    const Tensor& table = tensors_.get(prefix_ + "decoder.embed_positions.weight", {kFirstPosition + context, hidden});
    positions_ = to_float(table, kFirstPosition, context);
  }
  for (int block = 0; block < config_.layers; ++block) {
    const std::string layer = prefix_ + config_.names.layers + std::to_string(block) + ".";
    Norms norms{norm(layer + config_.names.attention_norm), norm(layer + config_.names.mlp_norm), {}};
    if (config_.head_norms) {
      norms.heads = {tensors_.rms_norm(layer + "self_attn.q_norm", head, config_.epsilon),
                     tensors_.rms_norm(layer + "self_attn.k_norm", head, config_.epsilon)};
    }
    norms_.push_back(std::move(norms));
    if (config_.rope) require_frequencies(layer + "self_attn.rotary_emb.inv_freq");
    add_linears(block);
  }
  if (config_.rope) require_frequencies(prefix_ + "rotary_emb.inv_freq");
  tensors_.require_no_others();
}

Norm Decoder::norm(const std::string& name) {
  const auto hidden = static_cast<std::size_t>(config_.hidden);
  if (config_.norm == NormKind::layer) return tensors_.layer_norm(name, hidden, config_.epsilon);
  return tensors_.rms_norm(name, hidden, config_.epsilon);
}

std::optional<Norm> Decoder::norm_behind_blocks() {
  if (!config_.final_norm) return {};
  return norm(prefix_ + config_.names.norm);
}

void Decoder::add_linears(int block) {
  const DecoderConfig& c = config_;
  const std::string layer = prefix_ + c.names.layers + std::to_string(block) + ".";
  const int queries = c.heads * c.head, keys = c.kv_heads * c.head;
  int index = 0;
  const auto add = [&](const std::string& name, int out, int in, int stage, bool bias) {
    linears_.push_back({layer + name, block, index++, out, in, stage});
    tensors_.require_linear(linears_.back());
    biases_.emplace_back();
    if (bias) biases_.back() = tensors_.vector(layer + name + ".bias", static_cast<std::size_t>(out));
  };
  add("self_attn.q_proj", queries, c.hidden, 0, c.biases.inputs);
  add("self_attn.k_proj", keys, c.hidden, 0, c.biases.inputs);
  add("self_attn.v_proj", keys, c.hidden, 0, c.biases.inputs);
  add(c.names.output, c.hidden, queries, 1, c.biases.output);
  if (c.gated()) add(c.names.gate, c.intermediate, c.hidden, 2, c.biases.mlp);
  add(c.names.up, c.intermediate, c.hidden, 2, c.biases.mlp);
  add(c.names.down, c.hidden, c.intermediate, 3, c.biases.mlp);
}

/// Frequencies of the rotary positions, which some checkpoints hold, are computed: they must be the same, not scaled.
void Decoder::require_frequencies(const std::string& name) {
  const Tensor* tensor = tensors_.optional(name);
  if (tensor != nullptr) require_rope_frequencies(*tensor, config_.head, config_.rope->base);
}

std::unique_ptr<BlockState> Decoder::new_state(int /*block*/) const {
  return std::make_unique<DecoderState>(config_.kv_heads, config_.head);
}

/// One block: queries, keys and values; the output of attention; the network's first linears; down.
class Decoder::Pass final : public BlockPass {
 public:
  Pass(const Decoder& model, int block, MatrixView<float> x, DecoderState& state, LinearRunner& runner)
      : model_(model), block_(static_cast<std::size_t>(block)), norms_(model.norms_[block_]), x_(x), state_(state) {
    if (block == 0 && !model_.config_.rope) add_positions(runner);
    begin_part(norms_.attention, runner);
  }

  MatrixView<const float> input() const override { return input_; }

  bool advance(LinearRunner& runner) override {
    switch (linear_) {
      case kQuery:
        attend(runner);
        linear_ = kOutput;
        return true;
      case kOutput:
        end_part(kOutput, norms_.attention, runner);
        begin_part(norms_.mlp, runner);
        linear_ = kUp;
        return true;
      case kUp:
        activate(runner);
        linear_ = kDown;
        return true;
      default:
        end_part(kDown, norms_.mlp, runner);
        return false;
    }
  }

 private:
  /// The output of a linear with its bias.
  Matrix<float> run(Linear which, LinearRunner& runner) const {
    const std::size_t per_block = model_.config_.gated() ? 7 : 6;
    const std::size_t place = which > kGate && !model_.config_.gated() ? which - 1 : which;
    const std::size_t index = block_ * per_block + place;
    const LinearInfo& linear = model_.linears_[index];
    Matrix<float> y(input_.rows(), static_cast<std::size_t>(linear.out));
    runner.run(linear, input_, y);
    const std::vector<float>& bias = model_.biases_[index];
    if (bias.empty()) return y;
    add_bias(y, bias);
    runner.on_operator(OperatorClass::elementwise, y.size());
    return y;
  }

  void add_positions(LinearRunner& runner) {
    add(x_, MatrixView<const float>(model_.positions_).row_range(state_.length(), x_.rows));
    runner.on_operator(OperatorClass::elementwise, x_.rows * x_.cols);
  }

  void normalise(const Norm& norm, MatrixView<float> y, LinearRunner& runner) {
    apply(norm, x_, y);
    runner.on_operator(OperatorClass::norm, x_.rows * x_.cols);
  }

  /// What the next linears read: the stream, through the norm where that comes first.
  void begin_part(const Norm& norm, LinearRunner& runner) {
    input_ = Matrix<float>(x_.rows, x_.cols);
    if (model_.config_.norm_first) {
      normalise(norm, input_, runner);
    } else {
      for (std::size_t t = 0; t < x_.rows; ++t) std::copy_n(x_.row(t), x_.cols, input_.row(t));
    }
  }

  /// Adds a linear's output to the stream, which then goes through the norm where that comes last.
  void end_part(Linear which, const Norm& norm, LinearRunner& runner) {
    add(x_, run(which, runner));
    runner.on_operator(OperatorClass::elementwise, x_.rows * x_.cols);
    if (!model_.config_.norm_first) normalise(norm, x_, runner);
  }

  void attend(LinearRunner& runner) {
    const auto head = static_cast<std::size_t>(model_.config_.head);
    Matrix<float> queries = run(kQuery, runner);
    Matrix<float> keys = run(kKey, runner);
    const Matrix<float> values = run(kValue, runner);
    const std::uint64_t turned = queries.size() + keys.size();
    if (norms_.heads) {
      norms_.heads->query.apply(by_head(queries, head), by_head(queries, head));
      norms_.heads->key.apply(by_head(keys, head), by_head(keys, head));
      runner.on_operator(OperatorClass::norm, turned);
    }
    if (model_.rope_) {
      model_.rope_->apply(queries, state_.length());
      model_.rope_->apply(keys, state_.length());
      runner.on_operator(OperatorClass::rope, turned);
    }
    input_ = Matrix<float>(queries.rows(), queries.cols());
    if (const std::unique_ptr<AttentionProducts> products = runner.attention(static_cast<int>(block_))) {
      attend(queries, keys, values, *products, runner);
    } else {
      attend(queries, keys, values, runner);
    }
  }

  void attend(const Matrix<float>& queries, const Matrix<float>& keys, const Matrix<float>& values,
              LinearRunner& runner) {
    const std::size_t window = model_.config_.windows[block_];
    state_.cache.append(keys, values);
    state_.cache.attend(queries, input_, window);
    const std::uint64_t visible = visible_pairs(state_.cache.length(), x_.rows, window);
    const std::uint64_t scores = visible * static_cast<std::uint64_t>(model_.config_.heads);
    runner.on_operator(OperatorClass::attention, 2 * scores * static_cast<std::uint64_t>(model_.config_.head),
                       {visible, x_.rows});
    runner.on_operator(OperatorClass::softmax, scores);
  }

  /// The products in int8.
  void attend(const Matrix<float>& queries, const Matrix<float>& keys, const Matrix<float>& values,
              AttentionProducts& products, LinearRunner& runner) {
    const std::string what = "attention of block " + std::to_string(block_) + ":";
    state_.int8.append(what, keys, values);
    runner.on_operator(OperatorClass::quantize, keys.size() + values.size());
    products.appended(state_.int8, x_.rows);
    attend_int8(what, state_.int8, queries, input_, model_.config_.windows[block_], products, runner);
  }

  void activate(LinearRunner& runner) {
    if (model_.config_.gated()) {
      Matrix<float> gate = run(kGate, runner);
      silu(gate);
      runner.on_operator(OperatorClass::activation, gate.size());
      multiply(gate, run(kUp, runner));
      runner.on_operator(OperatorClass::elementwise, gate.size());
      input_ = std::move(gate);
    } else {
      Matrix<float> up = run(kUp, runner);
      relu(up);
      runner.on_operator(OperatorClass::elementwise, up.size());
      input_ = std::move(up);
    }
  }

  const Decoder& model_;
  std::size_t block_;
  const Norms& norms_;
  MatrixView<float> x_;
  DecoderState& state_;
  Linear linear_ = kQuery;  ///< of the next stage; kUp stands for that of the gate, too
  Matrix<float> input_;
};

std::unique_ptr<BlockPass> Decoder::begin_block(int block, MatrixView<float> x, BlockState& state,
                                                LinearRunner& runner) const {
  auto& own = dynamic_cast<DecoderState&>(state);
  if (own.length() + x.rows > static_cast<std::size_t>(config_.context)) {
    throw InputError("the sequence is longer than the model's context of " + std::to_string(config_.context) +
                     " tokens");
  }
  return std::make_unique<Pass>(*this, block, x, own, runner);
}

}  // namespace flexcim
