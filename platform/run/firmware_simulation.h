// A run of firmware: a SoC whose host is a RISC-V hart, until the firmware asks the test finisher to end.
#pragma once

#include "platform/host/riscv_host.h"
#include "platform/program/layer_figures.h"
#include "platform/program/placed_linears.h"
#include "platform/run/boot_block.h"
#include "platform/run/pseudo_terminal.h"
#include "platform/run/soc_simulation.h"
#include "platform/workload/generate_job.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <ostream>
#include <streambuf>
#include <string>
#include <utility>
#include <vector>

namespace flexcim {

/// What the firmware finds to do: jobs of its own data, or the linears of a model that generates text, or nothing.
struct FirmwareWork {
  std::vector<const GemmJob*> jobs;
  const GenerateJob* generation = nullptr;
};

class FirmwareSimulation : public SocSimulation {
 public:
  /// Puts the firmware into DRAM and work SRAM, and `work` with its boot block behind it. What the UART sends goes
  /// where host.uart says, and into the result. Throws InputError naming the ELF file where it cannot be run, and where
  /// the hardware cannot run a linear. All that is referred to outlives the simulation; `debugger`: null for none.
  /// `folder`: of results.
  FirmwareSimulation(const std::string& name, const Scenario& scenario, Fidelity fidelity, const FirmwareWork& work,
                     const std::filesystem::path& folder = {}, debug::Debugger* debugger = nullptr);

  bool ended() const override { return soc().finisher().exit_code().has_value(); }
  void check(Findings& findings) override;
  void sample(std::uint64_t window) override;
  /// A layer for each linear that has run: the sums of every command with its tag have been compared with the golden
  /// model's, for the inputs that were in memory, and these with the scenario's. `output` is what the last of them
  /// left, empty for a generation.
  SimulationResult result() const override;

 private:
  std::vector<std::string> layer_names() const override { return linears_.names(); }
  std::uint32_t first_tag() const override;
  /// Passes characters on and keeps them.
  class Console : public std::streambuf {
   public:
    explicit Console(std::function<void(char)> shown) : show_(std::move(shown)) {}
    const std::string& text() const { return text_; }

   private:
    int_type overflow(int_type character) override;
    int sync() override;

    const std::function<void(char)> show_;
    std::string text_;
  };

  /// A linear, at its place among the linears.
  struct Layer {
    const PackedLinear* weights;
    GemmTotals totals;
    std::string mismatch;         ///< of the first command whose sums differ
    Matrix<std::int32_t> output;  ///< of the last one
  };

  std::uint64_t place(MemoryImage& memory);
  BootJob place_job(MemoryImage& memory, const GemmJob& job);
  void show(char character) const;
  void command_ended(const CommandRecord& record);
  const std::uint8_t* memory_at(std::uint64_t address, std::uint64_t bytes) const;
  bool has_activations(std::size_t job) const;
  FirmwareText text() const;

  const FirmwareWork work_;
  PlacedLinears linears_;
  std::uint64_t dram_needed_ = 0;  ///< bytes
  std::vector<Layer> layers_;
  SocCounts seen_;                            ///< up to the last command
  std::uint64_t generated_ = 0;               ///< address of the tokens
  std::unique_ptr<PseudoTerminal> terminal_;  ///< of host.uart: pty
  Console console_;
  std::ostream console_stream_;
};

}  // namespace flexcim
