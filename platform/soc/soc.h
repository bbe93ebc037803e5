// The SoC: host, interconnect, DRAM, accelerator and peripherals, wired (docs/architecture.md §8).
#pragma once

#include "platform/config/architecture.h"
#include "platform/config/fidelity.h"
#include "platform/host/host.h"
#include "platform/soc/observers.h"
#include "platform/soc/rtl_buffers.h"
#include "platform/soc/rtl_macro_engine.h"
#include "platform/soc/soc_machine.h"
#include "tlm/accelerator/accelerator.h"
#include "tlm/fabric/interconnect.h"
#include "tlm/faults/faulty_engine.h"
#include "tlm/memory/dram.h"
#include "tlm/memory/sram.h"
#include "tlm/peripherals/interrupt_controller.h"
#include "tlm/peripherals/test_finisher.h"
#include "tlm/peripherals/timer.h"
#include "tlm/peripherals/uart.h"

#include <systemc>

#include <cstddef>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace flexcim {

/// A level, and who drives it: a source of the interrupt controller by its name in memory_map::source_names, or
/// "timer", "software", "external" into the host.
struct InterruptLine {
  const char* name;
  const sc_core::sc_signal<bool>& level;
};

class Soc : public sc_core::sc_module {
 public:
  /// `make_host` makes who drives it; `dram_bytes` is the size of the DRAM at memory_map::dram; `console` takes what
  /// the UART sends; `observe` acts on the accelerator's port to memory and on that of the DRAM. `faults` are those of
  /// the accelerator and of what it reads. `verilog`, which outlives it: of Fidelity::verilog. Throws InputError for
  /// parameters that a block refuses.
  Soc(const sc_core::sc_module_name& name, const Architecture& architecture, Fidelity fidelity,
      std::uint64_t dram_bytes, const HostMaker& make_host, std::ostream& console, const ObserveConfig& observe = {},
      const std::optional<FaultParameters>& faults = {}, const RtlLibrary* verilog = nullptr);

  /// AheadParameters::threads of its engine, before the simulation begins.
  void use_threads(int threads) {
    if (ProductsAhead* const ahead = engine_->ahead()) ahead->use_threads(threads);
  }

  Host& host() { return *host_; }
  const Host& host() const { return *host_; }
  Dram& dram() { return dram_; }
  Sram& sram() { return sram_; }
  Uart& uart() { return uart_; }
  Interconnect& interconnect() { return interconnect_; }
  static constexpr std::size_t host_port = 0, accelerator_port = 1;  ///< initiators of the interconnect
  Accelerator& accelerator() { return *accelerator_; }
  const TestFinisher& finisher() const { return finisher_; }
  Observers& observers() { return observers_; }
  std::vector<InterruptLine> interrupt_lines() const;
  SocMachine& machine() { return *machine_; }
  /// What host and accelerator wait for, one sentence, and how the host's program has come there.
  std::string waiting_for() const {
    return host_->waiting_for() + "; " + accelerator_->waiting_for() + host_->backtrace();
  }
  /// The pin-accurate macros; null at tlm.
  RtlMacroEngine* rtl_engine() { return rtl_engine_; }
  /// Null where there are none.
  const FaultInjector* faults() const { return faults_.get(); }
  /// The pin-accurate SRAM buffers; null at tlm.
  const RtlBuffers* rtl_buffers() const { return rtl_buffers_.get(); }

 private:
  std::unique_ptr<Host> host_;
  Interconnect interconnect_;
  Dram dram_;
  Sram sram_;
  InterruptController interrupt_controller_;
  TestFinisher finisher_;
  Timer timer_;
  Uart uart_;
  std::unique_ptr<MacroEngine> engine_;
  std::unique_ptr<FaultInjector> faults_;
  std::unique_ptr<FaultyEngine> faulty_engine_;  ///< with engine_ under it
  RtlMacroEngine* rtl_engine_ = nullptr;
  std::unique_ptr<RtlBuffers> rtl_buffers_;
  std::unique_ptr<Accelerator> accelerator_;
  Observers observers_;
  std::unique_ptr<SocMachine> machine_;
  // Into the interrupt controller.
  sc_core::sc_signal<bool> accelerator_irq_{"accelerator_irq"}, uart_irq_{"uart_irq"};
  // Into the host.
  sc_core::sc_signal<bool> external_irq_{"external_irq"}, timer_irq_{"timer_irq"}, software_irq_{"software_irq"};
};

}  // namespace flexcim
