// The accelerator's SRAM buffers at fidelity rtl: pin-accurate modules that the schedule drives (architecture.md §7).
#pragma once

#include "platform/soc/rtl_buffer.h"
#include "platform/soc/rtl_macro_engine.h"
#include "tlm/timing/command_plan.h"

#include <systemc>

#include <memory>
#include <vector>

namespace flexcim {

/// The activation buffer, and one module per part of the weight and the output buffer; no weight buffer where weights
/// are resident. They share the clock of the macros and keep it running while they are at work. To be set as the
/// accelerator's BufferListener.
class RtlBuffers : public sc_core::sc_module, public BufferListener {
 public:
  /// `engine` outlives it. Throws InputError for parameters out of range.
  RtlBuffers(const sc_core::sc_module_name& name, const AcceleratorParameters& parameters, RtlMacroEngine& engine);

  void on_access(const BufferAccess& access) override;
  void on_free(BufferId, std::uint64_t, Cycle) override {}  // bytes stay until others are written over them
  void on_abort() override;

  /// For waveforms.
  const std::vector<std::unique_ptr<RtlBuffer>>& all() const { return buffers_; }

 private:
  void add(BufferId id, const BufferParameters& parameters, int parts, const char* name);
  bool needs_clock();
  void on_clock();
  void start_clock();

  RtlMacroEngine& engine_;
  std::vector<std::unique_ptr<RtlBuffer>> buffers_;
  sc_core::sc_event wanted_;          ///< the clock
  std::size_t first_[kBuffers] = {};  ///< part 0 of a buffer in buffers_
};

}  // namespace flexcim
