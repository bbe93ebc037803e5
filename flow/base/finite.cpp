#include "flow/base/finite.h"

#include "flow/base/float16.h"

namespace flexcim {
namespace {

constexpr std::uint32_t kExponent = 0x7F800000u;  // all ones: NaN or infinite

bool all_finite(const float* values, std::size_t count) {
  std::uint32_t special = 0;
  for (std::size_t i = 0; i < count; ++i) {
    special |= static_cast<std::uint32_t>((bits_of(values[i]) & kExponent) == kExponent);
  }
  return special == 0;
}

}  // namespace

std::size_t first_not_finite(const float* values, std::size_t count) {
  if (all_finite(values, count)) return count;  // nearly always, in a loop that vectorizes
  std::size_t i = 0;
  while ((bits_of(values[i]) & kExponent) != kExponent) ++i;
  return i;
}

std::string_view not_finite_text(float value) { return (bits_of(value) & 0x7FFFFFu) != 0 ? "NaN" : "infinite"; }

void require_finite(MatrixView<const float> x, std::string_view what, const std::string& name) {
  for (std::size_t t = 0; t < x.rows; ++t) {
    const std::size_t c = first_not_finite(x.row(t), x.cols);
    if (c == x.cols) continue;
    throw NotFiniteError(std::string(what) + " " + name + ": token " + std::to_string(t) + ", column " +
                         std::to_string(c) + " is " + std::string(not_finite_text(x.row(t)[c])));
  }
}

}  // namespace flexcim
