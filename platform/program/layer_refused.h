// The accelerator ended a command with an error.
#pragma once

#include "tlm/interface/error_code.h"

#include <string>

namespace flexcim {

struct LayerRefused {
  std::string layer;
  ErrorCode error = ErrorCode::none;
};

}  // namespace flexcim
