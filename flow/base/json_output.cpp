#include "flow/base/json_output.h"

#include "flow/base/finite.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace flexcim {
namespace {

using Json = nlohmann::ordered_json;

void require_finite_numbers(const Json& value, const std::string& place) {
  if (value.is_number_float() && !std::isfinite(value.get<double>())) {
    throw NotFiniteError("the result's " + place + " is not a finite number");
  }
  if (!value.is_structured()) return;
  for (const auto& item : value.items()) {
    require_finite_numbers(item.value(), (place.empty() ? "" : place + ".") + item.key());
  }
}

}  // namespace

std::string result_text(const Json& result, int indent) {
  require_finite_numbers(result, "");
  return result.dump(indent, ' ', false, Json::error_handler_t::replace);
}

std::string json_string(std::string_view text) { return result_text(std::string(text)); }

}  // namespace flexcim
