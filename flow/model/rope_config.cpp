#include "flow/model/rope_config.h"

#include "flow/base/error.h"

#include <cmath>
#include <fmt/format.h>
#include <optional>

namespace flexcim {
namespace {

constexpr double kLow = 1.0, kHigh = 1e12, kDefault = 10000.0;  // of the base
constexpr double kLargestFactor = 1e6;

/// The base, once any place has named it.
class Base {
 public:
  /// Takes what one place says.
  void read(const ModelConfig& place) {
    for (const char* key : {"rope_theta", "rotary_emb_base"}) {
      if (place.raw(key).is_null()) continue;
      const double value = place.number(key, kLow, kHigh);
      if (value_ && *value_ != value) {
        place.fail(key, fmt::format("is {}, but {} is {}", value, where_, *value_));
      }
      value_ = value;
      where_ = place.place(key);
    }
  }
  double value() const { return value_.value_or(kDefault); }

 private:
  std::optional<double> value_;
  std::string where_;
};

void require_plain(const ModelConfig& place) {
  for (const char* key : {"partial_rotary_factor", "rotary_pct", "rope_ratio"}) place.require(key, 1);
  place.require("rope_interleaved", false);
}

[[noreturn]] void refuse_other_type(const ModelConfig& place, const char* key, const std::string& found,
                                    const std::string& type) {
  place.fail(key, "is \"" + found + "\", but type is \"" + type + "\"");
}

RopeScaling scaling_of(const ModelConfig& place) {
  std::string type = "default";
  for (const char* key : {"type", "rope_type"}) {
    const std::string found = place.text(key, type);
    if (key == std::string_view("rope_type") && !place.raw("type").is_null() && found != type) {
      refuse_other_type(place, key, found, type);
    }
    if (found != "default" && found != "linear" && found != "dynamic" && found != "llama3") {
      place.fail(key, "is \"" + found + "\"; supported are default, linear, dynamic and llama3");
    }
    type = found;
  }
  if (type == "linear") return RopeScaling::linear;
  if (type == "dynamic") return RopeScaling::dynamic;
  return type == "llama3" ? RopeScaling::llama3 : RopeScaling::none;
}

/// The scaling that an object describes; the base stays as it is.
RopeParameters read_scaling(const ModelConfig& place, int context) {
  RopeParameters parameters;
  parameters.scaling = scaling_of(place);
  if (parameters.scaling == RopeScaling::none) return parameters;
  parameters.factor = place.number("factor", 1, kLargestFactor);
  const char* const original = "original_max_position_embeddings";
  if (parameters.scaling == RopeScaling::dynamic) {
    place.require(original, context);
    parameters.original = context;
  }
  if (parameters.scaling == RopeScaling::llama3) {
    parameters.original = place.integer(original, 1, INT32_MAX);
    parameters.low_factor = place.number("low_freq_factor", 1e-6, kLargestFactor);
    parameters.high_factor = place.number("high_freq_factor", 1e-6, kLargestFactor);
    if (parameters.high_factor <= parameters.low_factor) {
      place.fail("high_freq_factor", "is not above low_freq_factor");
    }
  }
  return parameters;
}

/// Half a unit in the last place of what the tensor's type holds, relative; twice that, for the writer's own rounding.
double precision(Dtype type) {
  if (type == Dtype::bf16) return 1.0 / 128;
  return type == Dtype::f16 ? 1.0 / 1024 : 1e-5;
}

}  // namespace

RopeParameters rope_parameters(const ModelConfig& config, int context) {
  Base base;
  base.read(config);
  require_plain(config);
  RopeParameters parameters;
  std::string scaled_by;
  for (const char* key : {"rope_parameters", "rope_scaling"}) {
    if (config.raw(key).is_null()) continue;
    const ModelConfig inner = config.object(key);
    const RopeParameters found = read_scaling(inner, context);
    if (!scaled_by.empty() && !(found == parameters)) config.fail(key, "scales otherwise than " + scaled_by);
    parameters = found;
    scaled_by = key;
    base.read(inner);
    require_plain(inner);
    inner.require_all_known({});
  }
  parameters.base = base.value();
  return parameters;
}

void require_rope_frequencies(const Tensor& tensor, int head, double base) {
  constexpr double kSmallestHalf = 1.0 / (1 << 24);  // a subnormal F16 is a multiple of it
  tensor.require_shape({static_cast<std::size_t>(head) / 2});
  const Matrix<float> found = to_float(tensor);
  const std::vector<double> frequencies = rope_frequencies(static_cast<std::size_t>(head), {base});
  for (std::size_t i = 0; i < found.size(); ++i) {
    const double expected = frequencies[i];
    const double error = std::fabs(static_cast<double>(found.data()[i]) - expected);
    const double allowed = expected * precision(tensor.dtype) + (tensor.dtype == Dtype::f16 ? kSmallestHalf : 0);
    if (error <= allowed) continue;
    throw InputError(fmt::format("{}: element [{}] is {}, but config.json gives rotary positions of frequency {:.6g}",
                                 tensor.where(), i, found.data()[i], expected));
  }
}

}  // namespace flexcim
