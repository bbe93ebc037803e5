// Why a command ended early: codes of the accelerator's ERROR_CODE register (docs/architecture.md §7).
#pragma once

#include "flow/map/image.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace flexcim {

enum class ErrorCode : std::uint32_t {
  none = 0,
  bad_opcode = 1,
  bad_flags = 2,            ///< a reserved flag or reserved field is set
  unsupported_pattern = 3,  ///< the macro does not run it with this sequencing and merge mode
  bad_sequencing = 4,
  bad_merge = 5,
  bad_window = 6,               ///< not the macro's window
  bad_shape = 7,                ///< out, in or tokens is 0 or beyond the limit
  misaligned = 8,               ///< an address or stride
  bad_stride = 9,               ///< shorter than a row
  bad_requantization = 10,      ///< a mantissa or shift out of range
  activations_do_not_fit = 11,  ///< one token's inputs exceed the activation buffer
  outputs_do_not_fit = 12,      ///< one token's accumulators of an array tile exceed half of the output buffer
  weights_do_not_fit = 13,      ///< an array tile's blobs exceed half of the weight buffer
  image_bounds = 14,            ///< a directory entry points outside of the image or is misaligned
  image_size = 15,              ///< a blob's size or number of phases is not what its tile needs
  image_weight = 16,            ///< a weight is -128
  image_columns = 17,           ///< column masks do not partition the columns
  dma_address = 18,             ///< nothing answers at an address
  dma_failed = 19,              ///< any other error response
  bad_doorbell = 20,            ///< a tail outside of the ring
  bad_ring = 21,                ///< a ring that is misaligned, empty or too large
};

struct ErrorInfo {
  ErrorCode code;
  std::string_view name;
  std::string_view description;
};

/// All codes in order; the one list from which names, the C header and the documentation come.
const std::vector<ErrorInfo>& error_codes();

std::string_view to_string(ErrorCode code);

ErrorCode to_error_code(ImageError error);

}  // namespace flexcim
