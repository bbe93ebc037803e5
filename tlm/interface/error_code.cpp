#include "tlm/interface/error_code.h"

#include <stdexcept>

namespace flexcim {

const std::vector<ErrorInfo>& error_codes() {
  static const std::vector<ErrorInfo> codes = {
      {ErrorCode::none, "NONE", "no error"},
      {ErrorCode::bad_opcode, "BAD_OPCODE", "the opcode is not known"},
      {ErrorCode::bad_flags, "BAD_FLAGS", "a reserved flag or a reserved field is not 0"},
      {ErrorCode::unsupported_pattern, "UNSUPPORTED_PATTERN", "the macro does not run this N:M"},
      {ErrorCode::bad_sequencing, "BAD_SEQUENCING", "the sequencing is not known"},
      {ErrorCode::bad_merge, "BAD_MERGE", "the merge mode is not known"},
      {ErrorCode::bad_window, "BAD_WINDOW", "the window is not the macro's"},
      {ErrorCode::bad_shape, "BAD_SHAPE", "out, in or tokens is 0 or beyond its limit"},
      {ErrorCode::misaligned, "MISALIGNED", "an address or stride is not aligned"},
      {ErrorCode::bad_stride, "BAD_STRIDE", "a stride is shorter than its row"},
      {ErrorCode::bad_requantization, "BAD_REQUANTIZATION", "a mantissa or shift is out of range"},
      {ErrorCode::activations_do_not_fit, "ACTIVATIONS_DO_NOT_FIT", "one token's inputs exceed the activation buffer"},
      {ErrorCode::outputs_do_not_fit, "OUTPUTS_DO_NOT_FIT",
       "one token's accumulators exceed half of the output buffer"},
      {ErrorCode::weights_do_not_fit, "WEIGHTS_DO_NOT_FIT", "an array tile exceeds half of the weight buffer"},
      {ErrorCode::image_bounds, "IMAGE_BOUNDS", "a directory entry is misaligned or points outside of the image"},
      {ErrorCode::image_size, "IMAGE_SIZE", "a blob has not the size or the phases of its tile"},
      {ErrorCode::image_weight, "IMAGE_WEIGHT", "a weight is -128"},
      {ErrorCode::image_columns, "IMAGE_COLUMNS", "column masks do not select every column exactly once"},
      {ErrorCode::dma_address, "DMA_ADDRESS", "nothing answers at an address"},
      {ErrorCode::dma_failed, "DMA_FAILED", "a target refused a transfer"},
      {ErrorCode::bad_doorbell, "BAD_DOORBELL", "the tail lies outside of the ring"},
      {ErrorCode::bad_ring, "BAD_RING", "the ring is misaligned, empty or too large"},
  };
  return codes;
}

std::string_view to_string(ErrorCode code) {
  for (const ErrorInfo& info : error_codes()) {
    if (info.code == code) return info.name;
  }
  throw std::logic_error("error code");
}

ErrorCode to_error_code(ImageError error) {
  switch (error) {
    case ImageError::none:
      return ErrorCode::none;
    case ImageError::size:
      return ErrorCode::image_size;
    case ImageError::weight_minus_128:
      return ErrorCode::image_weight;
    case ImageError::column_mask:
      return ErrorCode::image_columns;
  }
  throw std::logic_error("image error");
}

}  // namespace flexcim
