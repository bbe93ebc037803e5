#include "flow/model/rope_config.h"

#include "flow/base/error.h"
#include "flow/model/operators.h"

#include <cmath>
#include <fmt/format.h>
#include <optional>

namespace flexcim {
namespace {

constexpr double kLow = 1.0, kHigh = 1e12, kDefault = 10000.0;  // of the base

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

/// Half a unit in the last place of what the tensor's type holds, relative; twice that, for the writer's own rounding.
double precision(Dtype type) {
  if (type == Dtype::bf16) return 1.0 / 128;
  return type == Dtype::f16 ? 1.0 / 1024 : 1e-5;
}

}  // namespace

double rope_base(const ModelConfig& config) {
  Base base;
  base.read(config);
  require_plain(config);
  for (const char* key : {"rope_parameters", "rope_scaling"}) {
    if (config.raw(key).is_null()) continue;
    const ModelConfig inner = config.object(key);
    for (const char* type : {"rope_type", "type"}) inner.require(type, "default");
    base.read(inner);
    require_plain(inner);
    inner.require_all_known({});
  }
  return base.value();
}

void require_rope_frequencies(const Tensor& tensor, int head, double base) {
  constexpr double kSmallestHalf = 1.0 / (1 << 24);  // a subnormal F16 is a multiple of it
  tensor.require_shape({static_cast<std::size_t>(head) / 2});
  const Matrix<float> found = to_float(tensor);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const double expected = Rope::frequency(i, static_cast<std::size_t>(head), base);
    const double error = std::fabs(static_cast<double>(found.data()[i]) - expected);
    const double allowed = expected * precision(tensor.dtype) + (tensor.dtype == Dtype::f16 ? kSmallestHalf : 0);
    if (error <= allowed) continue;
    throw InputError(fmt::format("{}: element [{}] is {}, but config.json gives rotary positions of frequency {:.6g}",
                                 tensor.where(), i, found.data()[i], expected));
  }
}

}  // namespace flexcim
