// A live accelerator for a fuzzer: elaborated once, with a small macro, a memory of 1 MiB and two layers in it, and put
// back into its first state before every input.
#pragma once

#include "flow/base/matrix.h"
#include "tlm/accelerator/accelerator.h"
#include "tlm/engine/fast_engine.h"
#include "tlm/fabric/interconnect.h"
#include "tlm/memory/dram.h"
#include "tlm/observe/protocol_checker.h"

#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>

#include <cstdint>
#include <functional>
#include <vector>

namespace flexcim::fuzz {

constexpr std::uint64_t kMemory = 0x8000'0000, kMemoryBytes = 1 << 20;
constexpr std::uint32_t kRingEntries = 8;
constexpr std::uint64_t kFirstLayer = kMemory + 0x1000, kLayerBytes = 0x2000;
constexpr int kLayers = 3;  ///< dense, grouped, scan; the first is the one that has to go on working

class AcceleratorBench : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<AcceleratorBench> registers{"registers"};

  explicit AcceleratorBench(const sc_core::sc_module_name& name);

  /// Runs `program` in simulated time, in a thread, until it returns. What it throws ends the process.
  void run(std::function<void()> program);
  /// For programs: memory and registers as in the beginning, descriptors of the layers in the first entries of the
  /// ring.
  void restart();
  /// For programs: one access, as it is asked for.
  tlm::tlm_response_status access(tlm::tlm_generic_payload& transaction);
  std::uint32_t read(std::uint32_t offset);
  void write(std::uint32_t offset, std::uint32_t value);
  /// For programs: resets the accelerator, whatever it is doing, and lets the first layer run: a finding unless its
  /// outputs are the right ones.
  void check_recovery();

  std::uint8_t* at(std::uint64_t address) { return dram_.store().data() + (address - kMemory); }
  const Accelerator& accelerator() const { return accelerator_; }

 private:
  void work();
  void place(int layer, Pattern pattern, Sequencing sequencing);

  AcceleratorParameters parameters_;
  FastEngine engine_;
  Interconnect bus_{"bus", InterconnectParameters{1000, 32, 4}};
  Dram dram_;
  Accelerator accelerator_;
  ProtocolChecker checker_{"checker"};
  sc_core::sc_signal<bool> irq_{"irq"};
  std::function<void()> program_;
  std::vector<std::uint8_t> pristine_;  ///< the memory before the first input
  Matrix<std::int32_t> expected_;       ///< of the first layer
  std::uint64_t outputs_ = 0;
};

}  // namespace flexcim::fuzz
