#include "tlm/interface/error_code.h"

#include <fmt/format.h>
#include <iterator>
#include <stdexcept>

namespace flexcim {

namespace {

constexpr bool codes_in_order() {
  for (std::size_t i = 0; i < std::size(kErrorCodes); ++i) {
    if (static_cast<std::size_t>(kErrorCodes[i].code) != i) return false;
  }
  return true;
}
static_assert(codes_in_order());

const ErrorInfo& info_of(ErrorCode code) {
  const auto number = static_cast<std::size_t>(code);
  if (number >= std::size(kErrorCodes)) throw std::logic_error("error code");
  return kErrorCodes[number];
}

}  // namespace

std::string_view to_string(ErrorCode code) { return info_of(code).name; }
std::string_view description(ErrorCode code) { return info_of(code).description; }

std::string error_c_header() {
  std::string text;
  for (const ErrorInfo& info : kErrorCodes) {
    text += fmt::format("#define FLEXCIM_ERROR_{} {}u /* {} */\n", info.name, static_cast<std::uint32_t>(info.code),
                        info.description);
  }
  return text;
}

std::string error_table() {
  std::string text = "| code | name | meaning |\n| --- | --- | --- |\n";
  for (const ErrorInfo& info : kErrorCodes) {
    text += fmt::format("| {} | `{}` | {} |\n", static_cast<std::uint32_t>(info.code), info.name, info.description);
  }
  return text;
}

ErrorCode to_error_code(ImageError error) {
  switch (error) {
    case ImageError::none:
      return ErrorCode::none;
    case ImageError::size:
      return ErrorCode::image_size;
    case ImageError::least_weight:
      return ErrorCode::image_weight;
    case ImageError::column_mask:
      return ErrorCode::image_columns;
  }
  throw std::logic_error("image error");
}

}  // namespace flexcim
