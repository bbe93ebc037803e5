// The order in which modules are made is the order in which the kernel first knows of their processes, and runs those
// that are due at the same time: no result may hang on it.
#include "tests/tlm/accelerator_bench.h"
#include "tests/tlm/in_process.h"

#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <random>

using namespace flexcim;
using namespace flexcim::test;

namespace {

constexpr std::uint64_t kMemoryBytes = 4 << 20;

/// Two accelerators on one crossbar and DRAM, so that their bursts meet; `order` of the modules.
class TwoAccelerators {
 public:
  explicit TwoAccelerators(const std::vector<int>& order) {
    for (const int which : order) make(which);
    for (std::size_t i = 0; i < 2; ++i) {
      accelerators_[i]->memory_socket().bind(checkers_[i]->from_initiator);
      crossbar_->connect(checkers_[i]->to_target);
      buses_[i]->connect(accelerators_[i]->registers_socket);
      accelerators_[i]->irq(lines_[i]->line);
    }
    crossbar_->map(dram_->socket, kDramBase, kMemoryBytes, "dram");
    for (std::uint32_t i = 0; i < 2; ++i) place(i);
  }

  /// Everything that came of it.
  std::string run() {
    std::string text;
    simulate([&] {
      for (std::uint32_t i = 0; i < 2; ++i) {
        buses_[i]->write(reg::ring_base_lo, static_cast<std::uint32_t>(ring(i)));
        buses_[i]->write(reg::ring_base_hi, static_cast<std::uint32_t>(ring(i) >> 32));
        buses_[i]->write(reg::ring_size, kRingEntries);
        buses_[i]->write(reg::irq_enable, reg::kIrqDone | reg::kIrqError);
        buses_[i]->write(reg::control, reg::kControlEnable);
      }
      for (const auto& bus : buses_) bus->write(reg::doorbell, 3);  // at the same time
    });
    for (std::size_t i = 0; i < 2; ++i) {
      for (const CommandRecord& record : accelerators_[i]->records()) {
        text += fmt::format("{}..{} {} load {} compute {}\n", record.start, record.end, to_string(record.error),
                            record.gemm.load_cycles, record.gemm.compute_cycles);
      }
      for (const auto& [time, level] : lines_[i]->changes) text += fmt::format("{} {}\n", time.value(), level);
      CHECK(checkers_[i]->violations().empty());
    }
    for (const auto& count : StatisticList<DramEvents>::list) {
      text += fmt::format("{} {}\n", count.name, count.of(dram_->timing().events()));
    }
    return text + std::string(reinterpret_cast<const char*>(dram_->store().data()), kMemoryBytes);
  }

  static constexpr int kModules = 10;

 private:
  static std::uint64_t ring(std::uint32_t i) { return kDramBase + i * (kMemoryBytes / 2); }

  void make(int which) {
    if (which == 0) crossbar_ = std::make_unique<Interconnect>("crossbar", InterconnectParameters{1000, 32, 4});
    if (which == 1) dram_ = std::make_unique<Dram>("dram", dram_device("lpddr4"), kMemoryBytes);
    if (which == 2 || which == 3) {
      const auto k = static_cast<std::size_t>(which - 2);
      const std::string name = "accelerator_" + std::to_string(k);
      engines_[k] = std::make_unique<FastEngine>(parameters_.macro, parameters_.array);
      accelerators_[k] = std::make_unique<Accelerator>(name.c_str(), parameters_, DmaParameters{}, *engines_[k]);
    }
    if (which == 4 || which == 5) {
      const auto k = static_cast<std::size_t>(which - 4);
      checkers_[k] = std::make_unique<ProtocolChecker>(("checker_" + std::to_string(k)).c_str());
    }
    if (which == 6 || which == 7) {
      const auto k = static_cast<std::size_t>(which - 6);
      buses_[k] = std::make_unique<DeviceBus>(("bus_" + std::to_string(k)).c_str());
    }
    if (which == 8 || which == 9) {
      const auto k = static_cast<std::size_t>(which - 8);
      lines_[k] = std::make_unique<LineLog>(("irq_" + std::to_string(k)).c_str());
    }
  }

  /// Three layers of accelerator `i`, in its half of the memory.
  void place(std::uint32_t i) {
    std::mt19937 random(7 + i);
    std::uint64_t next = ring(i) + 4096;
    const auto put = [&](const auto& bytes) {
      const std::uint64_t address = next;
      std::memcpy(dram_->store().data() + (address - kDramBase), bytes.data(), bytes.size());
      next += (bytes.size() + 63) / 64 * 64;
      return address;
    };
    for (std::uint32_t k = 0; k < 3; ++k) {
      const PackedLinear linear = random_linear(random, {2, 4}, 70, 300);
      const Matrix<std::int8_t> x = random_activations(random, 9, 300);
      const TileLayout layout =
          make_layout(parameters_.macro, linear.pattern, Sequencing::grouped, MergeMode::reduce, "test");
      const std::vector<std::uint8_t> image = encode_image(parameters_.macro, layout, linear);
      Descriptor d;
      d.opcode = static_cast<std::uint8_t>(Opcode::gemm);
      d.flags = kFlagInterrupt;
      d.pattern_n = 2;
      d.pattern_m = 4;
      d.window = static_cast<std::uint8_t>(parameters_.macro.window);
      d.out = static_cast<std::uint32_t>(linear.out);
      d.in = static_cast<std::uint32_t>(linear.in);
      d.tokens = 9;
      d.weights_bytes = static_cast<std::uint32_t>(image.size());
      d.weights = put(image);
      d.activation_stride = static_cast<std::uint32_t>(x.cols());
      d.activations = put(x);
      d.output_stride = 4 * d.out;
      d.outputs = next;
      next += 9 * d.output_stride + 64 - 9 * d.output_stride % 64;
      const DescriptorImage bytes = encode(d);
      std::memcpy(dram_->store().data() + (ring(i) - kDramBase) + k * kDescriptorBytes, bytes.data(), bytes.size());
    }
  }

  const AcceleratorParameters parameters_;
  std::unique_ptr<Interconnect> crossbar_;
  std::unique_ptr<Dram> dram_;
  std::unique_ptr<FastEngine> engines_[2];
  std::unique_ptr<Accelerator> accelerators_[2];
  std::unique_ptr<ProtocolChecker> checkers_[2];
  std::unique_ptr<DeviceBus> buses_[2];
  std::unique_ptr<LineLog> lines_[2];
};

}  // namespace

TEST_CASE("No result hangs on the order in which modules are made") {
  std::vector<int> order(TwoAccelerators::kModules);
  for (int i = 0; i < TwoAccelerators::kModules; ++i) order[static_cast<std::size_t>(i)] = i;
  const auto run = [&order] { return in_process([&order] { return TwoAccelerators(order).run(); }); };
  const std::string first = run();
  CHECK(first.find("NONE") != std::string::npos);
  std::mt19937 random(11);
  for (int i = 0; i < 12; ++i) {
    std::shuffle(order.begin(), order.end(), random);
    CAPTURE(order);
    CHECK((run() == first));
  }
}
