// A run of a whole language model: every linear on the accelerator, the rest on the host of the same SoC.
#pragma once

#include "platform/program/accelerator_runner.h"
#include "platform/program/layer_figures.h"
#include "platform/program/native_program.h"
#include "platform/program/sums_check.h"
#include "platform/workload/generate_job.h"
#include "platform/workload/progress_bar.h"

#include <array>
#include <exception>
#include <optional>
#include <string>
#include <vector>

namespace flexcim {

class GenerationProgram : public NativeProgram, private AcceleratorRunner::Listener {
 public:
  /// Puts the weights of all linears into DRAM. Throws InputError where the hardware cannot run a linear. `scenario`
  /// and `job` outlive it.
  GenerationProgram(const Scenario& scenario, const GenerateJob& job);

  std::vector<std::string> layer_names() const override;
  void run(ProgramHost& host, const SocMeter& meter) override;
  /// Layers are named prefill/NAME and decode/NAME; those of decode sum up all its steps. Their `output` is empty: the
  /// accumulators of every command have been compared as they came. Where the golden model has not run before and all
  /// are its own, so is the text, for all else is computed by the same code; otherwise it runs now, for its own text.
  void add_result(SimulationResult& result, const SocMeter& meter, const std::uint8_t* dram) const override;

 private:
  enum PartIndex { kPrefill, kDecode, kParts };
  struct Span {
    Picoseconds start_ps, end_ps;
  };
  struct Meanwhile {
    OperatorClass operators;
    Span span;
  };
  /// Sums of one part.
  struct Part {
    int tokens = 0;  ///< read
    std::int64_t start_ps = 0, end_ps = 0;
    SocCounts spent;
    AcceleratorEvents events;
    std::vector<GemmTotals> layers;       ///< by layer
    std::vector<LayerFaults> faults;      ///< by layer
    std::vector<std::uint64_t> outputs;   ///< by layer, accumulators
    std::vector<std::string> mismatches;  ///< by layer, of the first command whose sums differ; empty where none does
    std::array<OperatorWork, kOperatorClasses> work{};
    std::array<Picoseconds, kOperatorClasses> hidden{};  ///< of the work, while commands ran
    /// What the host did with commands in flight, and when commands ran, both in order, up to the part's end.
    std::vector<Meanwhile> meanwhile;
    std::vector<Span> commands;
  };

  void command_done(std::size_t linear, const Matrix<std::int8_t>& inputs, const Matrix<std::int32_t>& sums) override;
  void worked_meanwhile(OperatorClass operators, Picoseconds time) override;
  void streams() override;
  DramEvents streamed(Picoseconds time) override;
  void product_done(int block, const AttentionTask& task, const Int8Cache& cache, const Matrix<std::int8_t>& inputs,
                    const Matrix<std::int32_t>& sums) override;
  void check_others(CommandCheck& commands) const override;
  void place_attention(std::size_t tokens);
  void end_command(std::size_t layer, int tokens, std::uint64_t outputs);
  const PackedLinear& linear(std::size_t layer) const;
  SocCounts spent(const SocCounts& now);
  void place_inputs_and_outputs();
  std::vector<std::size_t> groups() const;
  void end_part(const AcceleratorRunner& runner);
  static void find_hidden(Part& part);
  bool all_match() const;
  std::vector<int> golden_text() const;
  GenerationPart part_result(PartIndex index) const;
  Roofline roofline(const GenerationPart& part, const Activity& activity) const;
  LayerResult layer_result(PartIndex index, std::size_t layer, const SocMeter& meter, Account& account) const;
  void add_part(PartIndex index, const SocMeter& meter, Account account, SimulationResult& result) const;
  void add_text(GenerationResult& generation) const;

  const GenerateJob& job_;
  const HostCosts costs_;
  std::optional<PlacedAttention> attention_;  ///< where the accelerator has it; its layers follow the linears
  std::optional<HostMemory> host_memory_;
  const ProgramHost* host_ = nullptr;  ///< while it runs
  const SocMeter* meter_ = nullptr;    ///< while it runs
  std::size_t commands_ = 0;           ///< that have ended ...
  std::size_t linears_done_ = 0;       ///< ... those of linears among them
  std::array<Part, kParts> parts_;
  PartIndex now_ = kPrefill;
  SocCounts seen_;  ///< up to the last call of spent()
  std::vector<int> tokens_;
  std::optional<LayerRefused> refused_;
  std::exception_ptr not_finite_;
  const Progress progress_;
  SumsCheck check_;  ///< the last member: its thread writes to the others
};

}  // namespace flexcim
