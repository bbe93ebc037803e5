// What the native host runs, on a simulated SoC or on one of arithmetic alone, and what comes of it.
#pragma once

#include "platform/driver/firmware_driver.h"
#include "platform/program/placed_linears.h"
#include "platform/program/soc_meter.h"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace flexcim {

/// Puts the weights of its linears into DRAM while it is constructed.
class NativeProgram {
 public:
  virtual ~NativeProgram() = default;

  /// DRAM as it is in the beginning, to be moved or copied there.
  MemoryImage& memory() { return memory_; }
  /// By the tags of their commands.
  virtual std::vector<std::string> layer_names() const { return linears_.names(); }
  /// Finds what the hardware would refuse. `dram`: the bytes of memory(), loaded.
  void check(const std::uint8_t* dram, Findings& findings) const;

  /// To be run once, on `host` of the SoC that `meter` listens to.
  virtual void run(ProgramHost& host, const SocMeter& meter) = 0;
  /// How many of its layers run() has completed, where the result is as valid with those alone.
  virtual std::size_t complete_layers() const { return 0; }
  /// After a run() that was cut short: the command under way is given up.
  void stop(ProgramHost& host) const;
  /// Layers, cycles and what belongs to no layer, after the run. `dram`: its bytes; null where no data have been
  /// computed. Throws InputError naming the layer that the accelerator refused.
  virtual void add_result(SimulationResult& result, const SocMeter& meter, const std::uint8_t* dram) const = 0;

 protected:
  /// `scenario` outlives it.
  explicit NativeProgram(const Scenario& scenario);

  /// The driver, with the accelerator ready for commands.
  FirmwareDriver start_driver(ProgramHost& host) const;
  const Scenario& scenario() const { return scenario_; }

  MemoryImage memory_;
  PlacedLinears linears_;

 private:
  /// Adds its commands of what is no linear.
  virtual void check_others(CommandCheck& /*commands*/) const {}

  const Scenario& scenario_;
  std::uint64_t ring_ = 0;  ///< address
};

}  // namespace flexcim
