#include "flow/model/mamba.h"

#include "flow/model/common_keys.h"
#include "flow/model/operators.h"

#include <algorithm>
#include <limits>

namespace flexcim {
namespace {

constexpr int kDefaultContext = 2048;

/// The linears of one block in the model's own order.
enum Linear { kIn, kParameters, kStep, kOut, kLinears };

struct MambaState : BlockState {
  Matrix<float> convolution;
  Matrix<float> scan;
};

int time_step_rank(const ModelConfig& config, int hidden) {
  const int automatic = (hidden + 15) / 16;
  if (config.raw("time_step_rank") == "auto") return automatic;
  return config.integer("time_step_rank", 1, kLargestDimension, automatic);
}

/// Keys that cannot change what a trained Mamba computes.
constexpr std::string_view kIdleKeys[] = {
    // How its weights began.
    "rescale_prenorm_residual", "time_step_floor", "time_step_init_scheme", "time_step_max", "time_step_min",
    "time_step_scale",
    // Kernels, types of sums, sizes that vocab_size already has.
    "fused_add_norm", "pad_vocab_size_multiple", "residual_in_fp32", "use_associative_scan", "use_falcon_mambapy",
    "use_mambapy"};

/// What both families have, but for the check of keys that nobody knows.
MambaConfig common(const ModelConfig& config) {
  MambaConfig c;
  c.hidden = config.integer("hidden_size", 1, kLargestDimension / 2);
  const std::int64_t expanded = static_cast<std::int64_t>(config.integer("expand", 1, 64, 2)) * c.hidden;
  c.inner = config.integer("intermediate_size", 1, kLargestDimension / 2,
                           static_cast<int>(std::min<std::int64_t>(expanded, kLargestDimension / 2)));
  c.layers = config.integer("num_hidden_layers", 1, 10000);
  c.states = config.integer("state_size", 1, 4096);
  c.taps = config.integer("conv_kernel", 1, 64);
  c.rank = time_step_rank(config, c.hidden);
  c.vocabulary = config.integer("vocab_size", 1, 1 << 24);
  c.context = config.integer("max_position_embeddings", 1, kLargestDimension, kDefaultContext);
  c.epsilon = static_cast<float>(config.number("layer_norm_epsilon", 1e-12, 1.0, 1e-5));
  c.bias = config.boolean("use_bias", false);
  c.conv_bias = config.boolean("use_conv_bias", true);
  c.tied = config.boolean("tie_word_embeddings", true);
  c.weights = weight_format(config);
  config.require("hidden_act", "silu");
  config.require("rms_norm", true);
  config.require("ssm_cfg", nlohmann::json::object());
  config.require("time_step_limit", {0.0, std::numeric_limits<double>::infinity()});
  // Names of the first implementation, which published files repeat.
  config.require("d_model", c.hidden);
  config.require("d_inner", c.inner);
  config.require("n_layer", c.layers);
  return c;
}

void require_known(const ModelConfig& config) {
  require_known_keys(config, {std::begin(kIdleKeys), std::end(kIdleKeys)});
}

/// The norms, without weights, of what a block's scan is given.
std::vector<RmsNorm> parameter_norms(const std::string& mixer, const MambaConfig& c) {
  if (!c.parameter_epsilon) return {};
  const auto norm = [&](const char* name, int size) {
    return RmsNorm{mixer + name, std::vector<float>(static_cast<std::size_t>(size), 1.0f), *c.parameter_epsilon};
  };
  return {norm("dt_norm", c.rank), norm("b_norm", c.states), norm("c_norm", c.states)};
}

/// Columns [first, first + count).
MatrixView<const float> columns(const Matrix<float>& m, std::size_t first, std::size_t count) {
  return {m.data() + first, m.rows(), count, m.cols()};
}
MatrixView<float> columns(Matrix<float>& m, std::size_t first, std::size_t count) {
  return {m.data() + first, m.rows(), count, m.cols()};
}

}  // namespace

MambaConfig mamba_config(const ModelConfig& config) {
  const MambaConfig c = common(config);
  require_known(config);
  return c;
}

MambaConfig falcon_mamba_config(const ModelConfig& config) {
  MambaConfig c = common(config);
  c.parameter_epsilon = static_cast<float>(config.number("mixer_rms_eps", 1e-12, 1.0, 1e-6));
  require_known(config);
  return c;
}

Mamba::Mamba(const std::string& path, const MambaConfig& config)
    : config_(config),
      tensors_(path, config.weights),
      ends_(tensors_, {"backbone.embeddings.weight", "lm_head.weight"}, config_.tied, config_.vocabulary,
            config_.hidden, tensors_.rms_norm("backbone.norm_f", config_.hidden, config_.epsilon)) {
  const std::size_t inner = config_.inner, taps = config_.taps, states = config_.states;
  for (int block = 0; block < config_.layers; ++block) {
    const std::string layer = "backbone.layers." + std::to_string(block) + ".";
    const std::string mixer = layer + "mixer.";
    const Matrix<float> conv = to_float(tensors_.get(mixer + "conv1d.weight", {inner, 1, taps}));
    const Matrix<float> a_log = to_float(tensors_.get(mixer + "A_log", {inner, states}));
    layers_.push_back(
        {tensors_.rms_norm(layer + "norm", config_.hidden, config_.epsilon),
         config_.bias ? tensors_.vector(mixer + "in_proj.bias", 2 * inner) : std::vector<float>(),
         config_.bias ? tensors_.vector(mixer + "out_proj.bias", config_.hidden) : std::vector<float>(),
         parameter_norms(mixer, config_),
         {conv, config_.conv_bias ? tensors_.vector(mixer + "conv1d.bias", inner) : std::vector<float>(inner)},
         tensors_.vector(mixer + "dt_proj.bias", inner),
         {a_log, tensors_.vector(mixer + "D", inner)}});
    const LinearInfo linears[kLinears] = {
        {mixer + "in_proj", block, kIn, 2 * config_.inner, config_.hidden, 0},
        {mixer + "x_proj", block, kParameters, config_.rank + 2 * config_.states, config_.inner, 1},
        {mixer + "dt_proj", block, kStep, config_.inner, config_.rank, 2},
        {mixer + "out_proj", block, kOut, config_.hidden, config_.inner, 3},
    };
    for (const LinearInfo& linear : linears) {
      tensors_.require_linear(linear);
      linears_.push_back(linear);
    }
  }
  tensors_.require_no_others();
}

SequenceMemory Mamba::sequence_memory() const {
  return {{},
          static_cast<std::uint64_t>(config_.inner) * static_cast<std::uint64_t>(config_.taps - 1 + config_.states)};
}

std::unique_ptr<BlockState> Mamba::new_state(int block) const {
  auto state = std::make_unique<MambaState>();
  state->convolution = layers_[block].convolution.initial_state();
  state->scan = layers_[block].scan.initial_state();
  return state;
}

/// One block: the projection in, the parameters, the time step, the projection out, a stage each.
class Mamba::Pass final : public BlockPass {
 public:
  Pass(const Mamba& model, int block, MatrixView<float> x, MambaState& past, LinearRunner& runner)
      : model_(model),
        block_(static_cast<std::size_t>(block)),
        layer_(model.layers_[block_]),
        x_(x),
        past_(past),
        values_(x.rows, x.cols) {
    layer_.norm.apply(x_, values_);
    runner.on_operator(OperatorClass::norm, values_.size());
  }

  MatrixView<const float> input() const override {
    return linear_ == kStep ? columns(parameters_, 0, static_cast<std::size_t>(model_.config_.rank)) : values_.view();
  }

  bool advance(LinearRunner& runner) override {
    switch (linear_) {
      case kIn:
        convolve(runner);
        linear_ = kParameters;
        return true;
      case kParameters:
        find_parameters(runner);
        linear_ = kStep;
        return true;
      case kStep:
        scan(runner);
        linear_ = kOut;
        return true;
      default:
        add(x_, run(runner, layer_.out_bias));
        runner.on_operator(OperatorClass::elementwise, x_.rows * x_.cols);
        return false;
    }
  }

 private:
  Matrix<float> run(LinearRunner& runner, const std::vector<float>& bias = {}) const {
    const LinearInfo& linear = model_.linears_[block_ * kLinears + linear_];
    Matrix<float> y(x_.rows, linear.out);
    runner.run(linear, input(), y);
    if (bias.empty()) return y;
    add_bias(y, bias);
    runner.on_operator(OperatorClass::elementwise, y.size());
    return y;
  }

  void convolve(LinearRunner& runner) {
    const auto inner = static_cast<std::size_t>(model_.config_.inner);
    const Matrix<float> both = run(runner, layer_.in_bias);
    gate_ = Matrix<float>(x_.rows, inner);
    for (std::size_t t = 0; t < x_.rows; ++t) std::copy_n(both.row(t) + inner, inner, gate_.row(t));
    values_ = Matrix<float>(x_.rows, inner);
    layer_.convolution.apply(columns(both, 0, inner), past_.convolution, values_);
    silu(values_);
    const std::uint64_t past = past_.convolution.size();
    runner.on_operator(OperatorClass::convolution, values_.size() * static_cast<std::uint64_t>(model_.config_.taps),
                       {past, past});
    runner.on_operator(OperatorClass::activation, values_.size());
  }

  void find_parameters(LinearRunner& runner) {
    parameters_ = run(runner);
    std::size_t first = 0;
    for (const RmsNorm& norm : layer_.parameter_norms) {
      const MatrixView<float> part = columns(parameters_, first, norm.weight.size());
      norm.apply(part, part);
      runner.on_operator(OperatorClass::norm, part.rows * part.cols);
      first += part.cols;
    }
  }

  void scan(LinearRunner& runner) {
    const auto states = static_cast<std::size_t>(model_.config_.states);
    const auto rank = static_cast<std::size_t>(model_.config_.rank);
    Matrix<float> delta = run(runner);
    softplus_with_bias(delta, layer_.step_bias);
    runner.on_operator(OperatorClass::activation, delta.size());
    Matrix<float> y(values_.rows(), values_.cols());
    layer_.scan.apply(values_, delta, columns(parameters_, rank, states), columns(parameters_, rank + states, states),
                      past_.scan, y);
    runner.on_operator(OperatorClass::scan, values_.size() * states, {past_.scan.size(), past_.scan.size()});
    silu(gate_);
    multiply(y, gate_);
    runner.on_operator(OperatorClass::activation, gate_.size());
    runner.on_operator(OperatorClass::elementwise, gate_.size());
    values_ = std::move(y);
  }

  const Mamba& model_;
  std::size_t block_;
  const Layer& layer_;
  MatrixView<float> x_;
  MambaState& past_;
  Linear linear_ = kIn;   ///< the next
  Matrix<float> values_;  ///< what the next linear reads, but for that of the time step
  Matrix<float> gate_;
  Matrix<float> parameters_;
};

std::unique_ptr<BlockPass> Mamba::begin_block(int block, MatrixView<float> x, BlockState& state,
                                              LinearRunner& runner) const {
  return std::make_unique<Pass>(*this, block, x, dynamic_cast<MambaState&>(state), runner);
}

}  // namespace flexcim
