// Why a command ended early: codes of the accelerator's ERROR_CODE register (docs/architecture.md §7).
#pragma once

#include "flow/map/image.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace flexcim {

/// kErrorCodes says what each means.
enum class ErrorCode : std::uint32_t {
  none = 0,
  bad_opcode = 1,
  bad_flags = 2,
  unsupported_pattern = 3,
  bad_sequencing = 4,
  bad_merge = 5,
  bad_window = 6,
  bad_shape = 7,
  misaligned = 8,
  bad_stride = 9,
  bad_requantization = 10,
  activations_do_not_fit = 11,
  outputs_do_not_fit = 12,
  weights_do_not_fit = 13,
  image_bounds = 14,
  image_size = 15,
  image_weight = 16,
  image_columns = 17,
  dma_address = 18,
  dma_failed = 19,
  bad_doorbell = 20,
  bad_ring = 21,
  data_error = 22,
};

struct ErrorInfo {
  ErrorCode code;
  std::string_view name;
  std::string_view description;
};

/// All codes in order: the one list from which names, messages, the C header and the documentation come.
inline constexpr ErrorInfo kErrorCodes[] = {
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
    {ErrorCode::outputs_do_not_fit, "OUTPUTS_DO_NOT_FIT", "one token's accumulators exceed half of the output buffer"},
    {ErrorCode::weights_do_not_fit, "WEIGHTS_DO_NOT_FIT", "an array tile exceeds half of the weight buffer"},
    {ErrorCode::image_bounds, "IMAGE_BOUNDS", "a directory entry is misaligned or points outside of the image"},
    {ErrorCode::image_size, "IMAGE_SIZE", "a blob has not the size or the phases of its tile"},
    {ErrorCode::image_weight, "IMAGE_WEIGHT", "a weight is -128"},
    {ErrorCode::image_columns, "IMAGE_COLUMNS", "column masks do not select every column exactly once"},
    {ErrorCode::dma_address, "DMA_ADDRESS", "nothing answers at an address"},
    {ErrorCode::dma_failed, "DMA_FAILED", "a target refused a transfer"},
    {ErrorCode::bad_doorbell, "BAD_DOORBELL", "the tail lies outside of the ring"},
    {ErrorCode::bad_ring, "BAD_RING", "the ring is misaligned, empty or too large"},
    {ErrorCode::data_error, "DATA_ERROR", "a memory's code has detected wrong bits that it cannot correct"},
};

/// "BAD_OPCODE". Throws std::logic_error for a number that is no code, as description() does.
std::string_view to_string(ErrorCode code);
/// "the opcode is not known"
std::string_view description(ErrorCode code);

/// The codes as C text for the driver, and as a Markdown table.
std::string error_c_header();
std::string error_table();

ErrorCode to_error_code(ImageError error);

}  // namespace flexcim
