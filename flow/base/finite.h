// Values that are not finite, found and named: no result may come from one.
#pragma once

#include "flow/base/error.h"
#include "flow/base/matrix.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace flexcim {

/// A computation gave a value that is not finite. `what()` says where inside the computation; the caller, who knows
/// what was computed, puts that in front (naming_not_finite).
class NotFiniteError : public InputError {
 public:
  using InputError::InputError;
};

/// Returns what `body` returns. A NotFiniteError from it is thrown again as "WHERE: ...".
template <class Body>
auto naming_not_finite(const std::string& where, Body body) {
  try {
    return body();
  } catch (const NotFiniteError& error) {
    throw NotFiniteError(where + ": " + error.what());
  }
}

/// The position of the first NaN or infinity among `count` values; `count` where there is none.
std::size_t first_not_finite(const float* values, std::size_t count);

/// "NaN" or "infinite", what such a value is.
std::string_view not_finite_text(float value);

/// Throws NotFiniteError "WHAT NAME: token T, column C is NaN" for the first value of x (tokens x columns) that is not
/// finite.
void require_finite(MatrixView<const float> x, std::string_view what, const std::string& name);

}  // namespace flexcim
