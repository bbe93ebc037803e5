// The boot block: what firmware finds in memory of its scenario (platform/firmware/driver/flexcim_boot.h).
#pragma once

#include "flow/base/matrix.h"
#include "flow/model/language_model.h"
#include "flow/pack/packed_linear.h"
#include "platform/workload/generate_job.h"
#include "platform/workload/memory_image.h"
#include "tlm/interface/descriptor.h"

#include <cstdint>
#include <string>
#include <vector>

namespace flexcim {

/// A job as the firmware sees it. The weights outlive the call that takes it.
struct BootJob {
  const PackedLinear* weights = nullptr;
  Descriptor command;                              ///< its addresses are set; the tag is the boot block's
  const Matrix<std::int32_t>* expected = nullptr;  ///< outputs of the golden model; null where they are not known
};

/// Where the model's generated tokens lie, and the address of its description.
struct BootModel {
  std::uint64_t address = 0;
  std::uint64_t generated = 0;
};

/// Puts what a Llama has besides its linears, prompt and golden text into `memory`. Throws InputError naming what the
/// model has beyond a Llama: biases, windows that the text will exceed and others, of which flexcim_model says nothing.
BootModel add_boot_model(MemoryImage& memory, const GenerateJob& job);

/// Puts the boot block and all that it refers to into `memory`. `arguments` are argv; `model` is the address of one, 0
/// for none. Returns the boot block's address.
std::uint64_t add_boot_block(MemoryImage& memory, const std::vector<std::string>& arguments,
                             const std::vector<BootJob>& jobs, std::uint64_t model);

}  // namespace flexcim
