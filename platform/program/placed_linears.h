// The linears of a run: their weights in DRAM, their commands.
#pragma once

#include "flow/pack/packed_linear.h"
#include "platform/config/findings.h"
#include "platform/config/scenario.h"
#include "platform/program/command_check.h"
#include "platform/workload/gemm_job.h"
#include "platform/workload/memory_image.h"
#include "tlm/interface/descriptor.h"
#include "tlm/interface/error_code.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace flexcim {

/// A linear whose weight image is in DRAM.
struct PlacedLinear {
  const PackedLinear* weights = nullptr;
  Descriptor command;  ///< complete but for the number of tokens
};

class PlacedLinears {
 public:
  /// `scenario` outlives it.
  explicit PlacedLinears(const Scenario& scenario) : scenario_(scenario) {}

  /// Puts the weights of `linear`, which outlives it, into `memory` and the linear behind all(). Its command for
  /// `tokens` is complete but for the addresses of activations and outputs. Throws InputError where the hardware cannot
  /// run it.
  /// `image`: the weights as they lie in DRAM; empty where they are still to be encoded.
  PlacedLinear& add(MemoryImage& memory, const PackedLinear& linear, std::size_t tokens,
                    MappedVector<std::uint8_t> image = {});
  /// The same for a job, with its activations and the memory of its outputs: the command is complete.
  PlacedLinear& add(MemoryImage& memory, const GemmJob& job);

  const std::vector<PlacedLinear>& all() const { return linears_; }
  std::vector<PlacedLinear>& all() { return linears_; }
  std::vector<std::string> names() const;  ///< by tag

  /// Finds what the accelerator would refuse when it comes to them: nothing runs. `dram`: the bytes of the memory that
  /// they were put into.
  void check(const std::uint8_t* dram, CommandCheck& check) const;

 private:
  const Scenario& scenario_;
  std::vector<PlacedLinear> linears_;
};

/// Finds that `needed` bytes, those of `what`, weights, activations and outputs, do not fit the scenario's DRAM.
void check_dram(const Scenario& scenario, std::uint64_t needed, const char* what, Findings& findings);

/// Throws InputError that says which layer the accelerator refused and why.
[[noreturn]] void refuse_layer(const Scenario& scenario, const std::string& layer, ErrorCode error);

}  // namespace flexcim
