// The driver in the native host and on the RISC-V hart: the same accesses of the same registers, in the same order,
// with the same values.
#include "tests/platform/firmware/traffic.h"

#include "flow/map/image.h"
#include "platform/driver/firmware_driver.h"
#include "platform/host/native_host.h"
#include "platform/host/riscv_host.h"
#include "platform/soc/soc.h"
#include "tests/flow/random_linear.h"
#include "tests/platform/default_architecture.h"
#include "tests/tlm/in_process.h"
#include "tlm/interface/memory_map.h"
#include "tlm/observe/interposer.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <fmt/format.h>
#include <sstream>
#include <string>
#include <vector>

namespace flexcim {
namespace {

constexpr std::uint64_t kTrafficDramBytes = 0x40'0000;

/// Writes down what is no access of memory; reads that repeat the one before once, as a loop that polls.
class Listener : public Interposer {
 public:
  using Interposer::Interposer;
  std::vector<std::string> accesses;

 private:
  void b_transport(tlm::tlm_generic_payload& t, sc_core::sc_time& delay) override {
    const std::uint64_t address = t.get_address();
    const bool in_memory = address >= memory_map::dram ||
                           (address >= memory_map::sram && address < memory_map::sram + memory_map::sram_size);
    Interposer::b_transport(t, delay);
    if (in_memory) return;
    std::uint32_t value = 0;
    std::memcpy(&value, t.get_data_ptr(), std::min<std::size_t>(sizeof value, t.get_data_length()));
    const std::string access = fmt::format("{} {:#x} {} {:#x} {}", t.is_write() ? "write" : "read", address,
                                           t.get_data_length(), value, t.is_response_ok() ? "" : "refused");
    if (t.is_read() && !accesses.empty() && accesses.back() == access) return;
    accesses.push_back(access);
  }
};

/// A host with a listener at its socket.
class HeardHost : public Host {
 public:
  HeardHost(const sc_core::sc_module_name& name, const HostMaker& make_host) : Host(name), host_(make_host("host")) {
    host_->socket.bind(listener.from_initiator);
    listener.to_target.bind(socket);
    host_->external_interrupt(external_interrupt);
    host_->timer_interrupt(timer_interrupt);
    host_->software_interrupt(software_interrupt);
  }
  bool ended() const override { return host_->ended(); }
  std::string waiting_for() const override { return host_->waiting_for(); }
  const HostCounts& counts() const override { return host_->counts(); }
  std::function<void(std::uint64_t, std::uint64_t)> memory_listener() override { return host_->memory_listener(); }

  Listener listener{"listener"};

 private:
  std::unique_ptr<Host> host_;
};

/// A line for each access, between the exit code and how long the commands took.
std::string traffic_of(bool riscv) {
  const Architecture architecture = default_architecture();
  std::mt19937 random(7);
  std::ostringstream console;
  std::vector<flexcim_descriptor> layers;
  std::uint32_t unexpected = 99;
  const HostMaker native = native_host([&](NativeHost& host) {
    const flexcim_port port = native_port(host);
    unexpected = traffic(&port, layers.data());
  });
  const riscv::ElfFile elf = riscv::ElfFile::read(FLEXCIM_TRAFFIC_ELF);
  HeardHost* heard = nullptr;
  Soc soc(
      "soc", architecture, Fidelity::tlm, kTrafficDramBytes,
      [&](const char* name) {
        auto host = std::make_unique<HeardHost>(name, riscv ? riscv_host(elf) : native);
        heard = host.get();
        return host;
      },
      console);
  std::uint8_t* const dram = soc.dram().store().data();

  constexpr int kOut = 64, kIn = 512, kTokens = 256;
  const PackedLinear linear = test::random_linear(random, {2, 4}, kOut, kIn, architecture.macro.window);
  const std::vector<std::uint8_t> image =
      encode_image(architecture.macro,
                   make_layout(architecture.macro, linear.pattern, Sequencing::grouped, MergeMode::reduce, ""), linear);
  constexpr std::uint64_t kWeights = 0x12'0000, kActivations = 0x20'0000, kOutputs = 0x30'0000;
  std::memcpy(dram + kWeights, image.data(), image.size());
  for (std::uint32_t i = 0; i < 5; ++i) {
    flexcim_descriptor layer = {};
    layer.opcode = i < 4 ? FLEXCIM_OP_GEMM : 0xEE;
    layer.pattern_n = 2;
    layer.pattern_m = 4;
    layer.window = static_cast<std::uint8_t>(architecture.macro.window);
    layer.sequencing = FLEXCIM_SEQUENCING_GROUPED;
    layer.merge = FLEXCIM_MERGE_REDUCE;
    layer.out = kOut;
    layer.in = kIn;
    layer.tokens = kTokens;
    layer.weights = memory_map::dram + kWeights;
    layer.weights_bytes = static_cast<std::uint32_t>(image.size());
    layer.activations = memory_map::dram + kActivations;
    layer.activation_stride = kIn;
    layer.outputs = memory_map::dram + kOutputs;
    layer.output_stride = 4 * kOut;
    layer.tag = i;
    layers.push_back(layer);
  }
  std::memcpy(dram + (TRAFFIC_LAYERS - DRAM_BASE), layers.data(), layers.size() * sizeof layers[0]);
  if (riscv) {
    riscv::Memory memory;
    memory.first = DRAM_BASE;
    memory.last = DRAM_BASE + static_cast<std::uint32_t>(kTrafficDramBytes) - 1;
    memory.data = dram;
    elf.load({memory});
  }
  sc_core::sc_start(100, sc_core::SC_MS);
  if (riscv) unexpected = static_cast<std::uint32_t>(soc.finisher().exit_code().value_or(-1));
  auto& accesses = heard->listener.accesses;
  // The processor ends the simulation itself.
  accesses.erase(std::remove_if(accesses.begin(), accesses.end(),
                                [](const std::string& access) {
                                  return access.find(fmt::format("{:#x}", memory_map::finisher)) != std::string::npos;
                                }),
                 accesses.end());
  std::string text = fmt::format("{} unexpected, {} commands\n", unexpected, soc.accelerator().records().size());
  for (const std::string& access : accesses) text += access + "\n";
  return text;
}

TEST_CASE("Firmware: native and on the processor the driver makes the same accesses of registers") {
  const std::string native = test::in_process([] { return traffic_of(false); });
  const std::string riscv = test::in_process([] { return traffic_of(true); });
  std::istringstream native_lines(native), riscv_lines(riscv);
  std::string a, b;
  int line = 0;
  while (std::getline(native_lines, a) && std::getline(riscv_lines, b)) {
    INFO("line " << ++line);
    REQUIRE(a == b);
    // Four at once, one alone, one behind each error and each reset, and the two errors, twice.
    if (line == 1) CHECK(a == "0 unexpected, 20 commands");
  }
  CHECK(native == riscv);
  CHECK(line > 100);
}

}  // namespace
}  // namespace flexcim
