#include "flow/model/mamba.h"

#include "flow/model/common_keys.h"
#include "flow/model/operators.h"

#include <algorithm>
#include <limits>

namespace flexcim {
namespace {

constexpr int kLargest = 1 << 20;  // of any dimension
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
  return config.integer("time_step_rank", 1, kLargest, automatic);
}

/// Keys that cannot change what a trained Mamba computes.
constexpr std::string_view kIdleKeys[] = {
    // How its weights began.
    "rescale_prenorm_residual", "time_step_floor", "time_step_init_scheme", "time_step_max", "time_step_min",
    "time_step_scale",
    // Kernels, types of sums, sizes that vocab_size already has.
    "fused_add_norm", "pad_vocab_size_multiple", "residual_in_fp32", "use_associative_scan", "use_mambapy"};

/// Columns [first, first + count).
MatrixView<const float> columns(const Matrix<float>& m, std::size_t first, std::size_t count) {
  return {m.data() + first, m.rows(), count, m.cols()};
}

}  // namespace

MambaConfig::MambaConfig(const ModelConfig& config)
    : hidden(config.integer("hidden_size", 1, kLargest / 2)),
      inner(config.integer("intermediate_size", 1, kLargest / 2,
                           static_cast<int>(std::min<std::int64_t>(
                               static_cast<std::int64_t>(config.integer("expand", 1, 64, 2)) * hidden, kLargest / 2)))),
      layers(config.integer("num_hidden_layers", 1, 10000)),
      states(config.integer("state_size", 1, 4096)),
      taps(config.integer("conv_kernel", 1, 64)),
      rank(time_step_rank(config, hidden)),
      vocabulary(config.integer("vocab_size", 1, 1 << 24)),
      context(config.integer("max_position_embeddings", 1, kLargest, kDefaultContext)),
      epsilon(static_cast<float>(config.number("layer_norm_epsilon", 1e-12, 1.0, 1e-5))),
      conv_bias(config.boolean("use_conv_bias", true)),
      tied(config.boolean("tie_word_embeddings", true)) {
  config.require("hidden_act", "silu");
  config.require("use_bias", false);
  config.require("rms_norm", true);
  config.require("ssm_cfg", nlohmann::json::object());
  config.require("time_step_limit", {0.0, std::numeric_limits<double>::infinity()});
  // Names of the first implementation, which published files repeat.
  config.require("d_model", hidden);
  config.require("d_inner", inner);
  config.require("n_layer", layers);
  require_known_keys(config, {std::begin(kIdleKeys), std::end(kIdleKeys)});
}

Mamba::Mamba(const std::string& path, const MambaConfig& config)
    : config_(config),
      tensors_(path),
      ends_(tensors_, {"backbone.embeddings.weight", "backbone.norm_f", "lm_head.weight"}, config_.tied,
            config_.vocabulary, config_.hidden, config_.epsilon) {
  const std::size_t inner = config_.inner, taps = config_.taps, states = config_.states;
  for (int block = 0; block < config_.layers; ++block) {
    const std::string layer = "backbone.layers." + std::to_string(block) + ".";
    const std::string mixer = layer + "mixer.";
    const Matrix<float> conv = to_float(tensors_.get(mixer + "conv1d.weight", {inner, 1, taps}));
    const Matrix<float> a_log = to_float(tensors_.get(mixer + "A_log", {inner, states}));
    layers_.push_back(
        {tensors_.norm(layer + "norm", config_.hidden, config_.epsilon),
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

std::unique_ptr<BlockState> Mamba::new_state(int block) const {
  auto state = std::make_unique<MambaState>();
  state->convolution = layers_[block].convolution.initial_state();
  state->scan = layers_[block].scan.initial_state();
  return state;
}

void Mamba::run_block(int block, MatrixView<float> x, BlockState& state, LinearRunner& runner) const {
  MambaState& past = dynamic_cast<MambaState&>(state);
  const Layer& layer = layers_[block];
  const auto run = [&](Linear which, MatrixView<const float> input) {
    const LinearInfo& linear = linears_[static_cast<std::size_t>(block) * kLinears + which];
    Matrix<float> y(input.rows, linear.out);
    runner.run(linear, input, y);
    return y;
  };
  const std::size_t inner = config_.inner, states = config_.states, rank = config_.rank;

  Matrix<float> normed(x.rows, x.cols);
  layer.norm.apply(x, normed);
  runner.on_operator(OperatorClass::norm, normed.size());
  const Matrix<float> both = run(kIn, normed);
  Matrix<float> u(x.rows, inner);
  layer.convolution.apply(columns(both, 0, inner), past.convolution, u);
  silu(u);
  runner.on_operator(OperatorClass::convolution, u.size() * static_cast<std::uint64_t>(config_.taps));
  runner.on_operator(OperatorClass::activation, u.size());

  const Matrix<float> parameters = run(kParameters, u);
  Matrix<float> delta = run(kStep, columns(parameters, 0, rank));
  softplus_with_bias(delta, layer.step_bias);
  runner.on_operator(OperatorClass::activation, delta.size());
  Matrix<float> y(x.rows, inner);
  layer.scan.apply(u, delta, columns(parameters, rank, states), columns(parameters, rank + states, states), past.scan,
                   y);
  runner.on_operator(OperatorClass::scan, u.size() * states);

  Matrix<float> gate(x.rows, inner);
  for (std::size_t t = 0; t < x.rows; ++t) std::copy_n(both.row(t) + inner, inner, gate.row(t));
  silu(gate);
  multiply(y, gate);
  runner.on_operator(OperatorClass::activation, gate.size());
  runner.on_operator(OperatorClass::elementwise, gate.size());
  add(x, run(kOut, y));
  runner.on_operator(OperatorClass::elementwise, normed.size());
}

}  // namespace flexcim
