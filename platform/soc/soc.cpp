#include "platform/soc/soc.h"

#include "platform/config/block_parameters.h"
#include "tlm/engine/fast_engine.h"
#include "tlm/fabric/picoseconds.h"
#include "tlm/interface/memory_map.h"

namespace flexcim {
namespace {

constexpr double kTimerTickNs = 100;  // 10 MHz, as RISC-V boards have it

sc_core::sc_time period(const Architecture& architecture) { return from_picoseconds(architecture.clock().ps()); }

}  // namespace

Soc::Soc(const sc_core::sc_module_name& name, const Architecture& architecture, Fidelity fidelity,
         std::uint64_t dram_bytes, const HostMaker& make_host, std::ostream& console, const ObserveConfig& observe,
         const std::optional<FaultParameters>& faults, const RtlLibrary* verilog)
    : sc_module(name),
      host_(make_host("host")),
      interconnect_("interconnect", interconnect_parameters(architecture)),
      dram_("dram", dram_parameters(architecture), dram_bytes),
      sram_("sram", memory_map::sram_size, period(architecture)),
      interrupt_controller_("interrupt_controller", memory_map::source_count),
      finisher_("finisher"),
      timer_("timer", sc_core::sc_time(kTimerTickNs, sc_core::SC_NS)),
      uart_("uart", period(architecture), console),
      observers_(observe) {
  if (fidelity == Fidelity::rtl || fidelity == Fidelity::verilog) {
    auto engine =
        std::make_unique<RtlMacroEngine>("macros", architecture.macro, architecture.macros, period(architecture),
                                         architecture.weight_update, fidelity == Fidelity::verilog ? verilog : nullptr);
    rtl_engine_ = engine.get();
    rtl_buffers_ = std::make_unique<RtlBuffers>("buffers", accelerator_parameters(architecture), *engine);
    engine_ = std::move(engine);
  } else {
    engine_ = std::make_unique<FastEngine>(architecture.macro, architecture.macros);
  }
  MacroEngine* engine = engine_.get();
  if (faults) {
    faults_ =
        std::make_unique<FaultInjector>(*faults, accelerator_parameters(architecture), architecture.dram.protection);
    faulty_engine_ = std::make_unique<FaultyEngine>(*engine_, *faults_);
    engine = faulty_engine_.get();
  }
  accelerator_ = std::make_unique<Accelerator>("accelerator", accelerator_parameters(architecture), architecture.dma,
                                               *engine, faults_.get());

  if (rtl_buffers_) accelerator_->add_buffer_listener(*rtl_buffers_);
  interconnect_.connect(host_->socket);
  interconnect_.connect(observers_.behind(accelerator_->memory_socket(), "accelerator_port"));
  namespace map = memory_map;
  interconnect_.map(finisher_.socket, map::finisher, map::finisher_size, "finisher");
  interconnect_.map(timer_.socket, map::timer, map::timer_size, "timer");
  interconnect_.map(sram_.socket, map::sram, map::sram_size, "sram");
  interconnect_.map(interrupt_controller_.socket, map::interrupt_controller, map::interrupt_controller_size,
                    "interrupt controller");
  interconnect_.map(uart_.socket, map::uart, map::uart_size, "uart");
  interconnect_.map(accelerator_->registers_socket, map::accelerator, map::accelerator_size, "accelerator");
  interconnect_.map(observers_.before(dram_.socket, "dram_port"), map::dram, dram_bytes, "dram");

  accelerator_->irq(accelerator_irq_);
  uart_.interrupt(uart_irq_);
  interrupt_controller_.sources[map::accelerator_source](accelerator_irq_);
  interrupt_controller_.sources[map::uart_source](uart_irq_);
  interrupt_controller_.interrupt(external_irq_);
  timer_.interrupt(timer_irq_);
  timer_.software_interrupt(software_irq_);
  host_->external_interrupt(external_irq_);
  host_->timer_interrupt(timer_irq_);
  host_->software_interrupt(software_irq_);

  machine_ = std::make_unique<SocMachine>(*accelerator_, interrupt_controller_, timer_, uart_);
  if (observe.transactions != TransactionFormat::none || observe.timeline) machine_->add(observers_);
  host_->set_machine(*machine_);

  const auto listener = host_->memory_listener();
  if (!listener) return;
  const auto at = [&listener](std::uint64_t base) {
    return [listener, base](std::uint64_t address, std::uint64_t bytes) {
      listener(base + address, base + address + (bytes - 1));
    };
  };
  dram_.store().set_write_listener(at(map::dram));
  sram_.store().set_write_listener(at(map::sram));
}

std::vector<InterruptLine> Soc::interrupt_lines() const {
  return {{memory_map::source_names[memory_map::accelerator_source], accelerator_irq_},
          {memory_map::source_names[memory_map::uart_source], uart_irq_},
          {"timer", timer_irq_},
          {"software", software_irq_},
          {"external", external_irq_}};
}

}  // namespace flexcim
