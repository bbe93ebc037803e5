// The linears of a language model on the accelerator, everything else on its host.
#pragma once

#include "flow/model/int8_runner.h"
#include "flow/model/language_model.h"
#include "platform/config/host_costs.h"
#include "platform/driver/firmware_driver.h"
#include "platform/program/accelerator_attention.h"
#include "platform/program/host_memory.h"
#include "platform/program/layer_refused.h"
#include "platform/program/placed_linears.h"
#include "tlm/timing/dram_timing.h"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace flexcim {

/// What the host has computed of one class.
struct OperatorWork {
  std::uint64_t units = 0;
  std::uint64_t cycles = 0;         ///< of the host
  std::uint64_t read_bytes = 0;     ///< from DRAM ...
  std::uint64_t written_bytes = 0;  ///< ... and to it, of the model's memory
  std::uint64_t wait_ps = 0;        ///< for these, beyond the cycles
  DramEvents dram;                  ///< with them
};

template <>
struct StatisticList<OperatorWork> {
  static constexpr auto list =
      joined(statistics<OperatorWork>({
                 {"units", "units", "of work", count<&OperatorWork::units>},
                 {"cycles", "cycles", "of the host", count<&OperatorWork::cycles>},
                 {"read_bytes", "bytes", "read from DRAM", count<&OperatorWork::read_bytes>},
                 {"written_bytes", "bytes", "written to DRAM", count<&OperatorWork::written_bytes>},
                 {"wait_ps", "ps", "waited for DRAM", count<&OperatorWork::wait_ps>},
             }),
             statistics_of_part<&OperatorWork::dram>());
};

/// To be used from the program of `host`. A linear: the host quantizes its inputs and writes them to DRAM, the driver
/// submits a command and sleeps until it has ended, the host reads the accumulators back and dequantizes them. With
/// DriverMode::queued the commands of linears that read the same inputs are submitted together with the first of them,
/// and what the host does for one, or between two, it does while others run. Other operators have been computed by the
/// model itself, natively; here they only take simulated time: what they move of the model's memory comes as a stream
/// while they compute, and no command runs then.
class AcceleratorRunner : public LinearRunner {
 public:
  /// Who hears of what has been done.
  class Listener {
   public:
    virtual ~Listener() = default;
    /// A command of a linear, by its position, has ended, with the int8 inputs and the accumulators. In the order of
    /// the commands.
    virtual void command_done(std::size_t linear, const Matrix<std::int8_t>& inputs,
                              const Matrix<std::int32_t>& sums) = 0;
    /// The same of a product of attention.
    virtual void product_done(int block, const AttentionTask& task, const Int8Cache& cache,
                              const Matrix<std::int8_t>& inputs, const Matrix<std::int32_t>& sums) = 0;
    /// An operator of `time` has ended now while commands were in flight when it began.
    virtual void worked_meanwhile(OperatorClass operators, Picoseconds time) = 0;
    /// The host begins to stream.
    virtual void streams() = 0;
    /// It has, in `time`. Returns what DRAM has done meanwhile.
    virtual DramEvents streamed(Picoseconds time) = 0;
  };

  /// What the accelerator runs.
  struct Placed {
    const std::vector<PlacedLinear>& linears;
    std::vector<std::size_t> groups;   ///< so many linears from each on read the same inputs; 1 where each is alone
    const PlacedAttention* attention;  ///< null where the model's own
  };

  /// All that is referred to outlives the runner. `goes_on`: behind a command that the accelerator has ended with an
  /// error, with zeros for its outputs.
  AcceleratorRunner(ProgramHost& host, FirmwareDriver& driver, Placed placed, DriverMode mode, const HostCosts& costs,
                    HostMemory& memory, Listener& listener, bool goes_on);

  /// Throws LayerRefused, unless it goes on.
  void run(const LinearInfo& linear, MatrixView<const float> x, MatrixView<float> y) override;
  std::unique_ptr<AttentionProducts> attention(int block) override;
  bool runs_head() const override { return positions_.count(kHeadLinear) > 0; }

  const std::array<OperatorWork, kOperatorClasses>& work() const { return work_; }

 private:
  void count(OperatorClass operators, std::uint64_t units, const MemoryUse& use) override;
  Picoseconds stream(const std::vector<MemorySpan>& spans, OperatorWork& work);
  void submit(std::size_t position, MatrixView<const float> x);
  bool working() const { return !tickets_.empty() || products_in_flight_ > 0; }

  ProgramHost& host_;
  FirmwareDriver& driver_;
  const Placed placed_;
  const DriverMode mode_;
  const HostCosts costs_;
  HostMemory& memory_;
  Listener& listener_;
  const bool goes_on_;
  std::map<std::string, std::size_t> positions_;  ///< of linears, by name
  int block_ = 0;                                 ///< of the last linear or attention
  QuantizedInput input_;                          ///< of the commands in flight
  std::map<std::size_t, std::uint32_t> tickets_;  ///< of these, by position
  std::size_t products_in_flight_ = 0;            ///< of attention
  std::array<OperatorWork, kOperatorClasses> work_{};
};

}  // namespace flexcim
