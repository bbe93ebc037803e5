// What a run of the workload `generate` gives beside its layers.
#pragma once

#include "flow/model/operator_class.h"
#include "platform/energy/energy_report.h"
#include "platform/results/roofline.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace flexcim {

/// Where simulated time went. The parts are disjoint and add up to the whole: what the host does while the accelerator
/// works is in the accelerator's.
struct TimeSplit {
  std::int64_t gemm_ps = 0;         ///< the accelerator computes or loads cells
  std::int64_t memory_ps = 0;       ///< the accelerator waits for memory
  std::int64_t operators_ps = 0;    ///< the host computes operators
  std::int64_t host_memory_ps = 0;  ///< the host waits for memory that its operators read and write
  std::int64_t driver_ps = 0;       ///< the host moves activations and outputs and drives the accelerator
  std::int64_t hidden_ps = 0;       ///< of no part: the host computes operators while the accelerator works

  std::int64_t host_ps() const { return operators_ps + host_memory_ps + driver_ps; }
  std::int64_t total_ps() const { return gemm_ps + memory_ps + host_ps(); }
};

/// Work of one class on the host.
struct OperatorResult {
  std::uint64_t units = 0;
  std::uint64_t cycles = 0;         ///< of the host
  std::uint64_t read_bytes = 0;     ///< from DRAM ...
  std::uint64_t written_bytes = 0;  ///< ... and to it: cache, state, embedding, head
  std::int64_t compute_ps = 0;      ///< of its cycles
  std::int64_t wait_ps = 0;         ///< for DRAM beyond that
  std::int64_t hidden_ps = 0;       ///< of both, while the accelerator works
  EnergyReport energy;              ///< its instructions and bytes, and what the rest of the SoC costs in alone_ps()

  std::int64_t time_ps() const { return compute_ps + wait_ps; }
  std::int64_t alone_ps() const { return time_ps() - hidden_ps; }
};

inline constexpr const char* kPartNames[] = {"prefill", "decode"};

/// The prompt in one pass, or the steps of one token after it.
struct GenerationPart {
  std::string name;  ///< one of kPartNames
  int tokens = 0;    ///< that were read
  TimeSplit time;    ///< its total_ps() is the part's duration
  Roofline roofline;
  std::array<OperatorResult, kOperatorClasses> operators{};
  EnergyReport driver;  ///< of the rest: the host moves activations and outputs and drives the accelerator
  EnergyReport gemms;   ///< of the part's layers, their sum
  EnergyReport energy;  ///< of the whole: gemms, operators and driver

  double tokens_per_second() const {
    return time.total_ps() > 0 ? tokens / static_cast<double>(time.total_ps()) * 1e12 : 0;
  }
  /// If nothing waited for anything but the roofline's bound.
  double bound_tokens_per_second() const {
    return roofline.bound_ps() > 0 ? tokens / static_cast<double>(roofline.bound_ps()) * 1e12 : 0;
  }
  double energy_per_token_pj() const { return tokens > 0 ? energy.total_pj() / tokens : 0; }
};

struct GenerationResult {
  std::vector<int> prompt;
  std::vector<int> tokens;  ///< generated; none in an estimate, as are the golden ones and all texts but the prompt's
  std::vector<int> golden;  ///< what the golden int8 model generates
  int asked = 0;            ///< tokens to generate at most
  bool ended = false;       ///< the last token is an end-of-text token
  std::string prompt_text;
  std::string text;
  std::string whole_text;  ///< of the prompt and the generated tokens
  std::string golden_text;
  std::vector<GenerationPart> parts;  ///< as kPartNames

  bool match() const { return tokens == golden; }
};

}  // namespace flexcim
