// Speed of the RISC-V host in the SoC, in processor time, at the default quantum: the inner loops of a CRC over bytes,
// a matrix product and a sieve from on-chip memory, as a compiler makes them; and a loop that does nothing but read a
// register of the timer. And a whole block by the commands of platform/firmware/examples/block_queue.c in place of the
// native host, from `flexcim run` to its results.
#include "tests/platform/riscv/firmware.h"

#include "platform/host/riscv_host.h"
#include "platform/soc/soc.h"
#include "tests/platform/default_architecture.h"
#include "tlm/interface/memory_map.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fmt/format.h>
#include <iostream>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace flexcim {
namespace {

using namespace riscv::test;

constexpr u32 kSram = static_cast<u32>(memory_map::sram), kData = kSram + 0x1000;
constexpr u32 kRounds = 3000;    // of the three loops
constexpr u32 kReads = 600'000;  // of the timer's register

/// Processor time of this process: what others run on the machine does not count.
double seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

u32 srli(u32 rd, u32 rs1, int by) { return i_type(0x13, 5, rd, rs1, by); }
u32 slli(u32 rd, u32 rs1, int by) { return i_type(0x13, 1, rd, rs1, by); }
u32 andi(u32 rd, u32 rs1, int with) { return i_type(0x13, 7, rd, rs1, with); }
u32 op_xor(u32 rd, u32 rs1, u32 rs2) { return r_type(0x33, 4, 0, rd, rs1, rs2); }
u32 bltu(u32 rs1, u32 rs2, int offset) { return b_type(6, rs1, rs2, offset); }

/// Ends the simulation.
void finish(Firmware& firmware) {
  firmware.load(a4, static_cast<u32>(memory_map::finisher)).load(a5, 0x5555).add({sw(a5, 0, a4), j(0)});
}

Firmware computing() {
  Firmware firmware(kSram);
  firmware.load(s1, kRounds);
  const u32 round = firmware.here();
  // CRC: a1 over 4096 bytes from a0 with a table of words at a2.
  firmware.load(a0, kData).load(a3, kData + 4096).load(a2, kData + 8192);
  firmware.add({lbu(t0, 0, a0), addi(a0, a0, 1), op_xor(t0, t0, a1), andi(t0, t0, 255), slli(t0, t0, 2),
                add(t0, t0, a2), lw(t0, 0, t0), srli(a1, a1, 8), op_xor(a1, a1, t0), bltu(a0, a3, -36)});
  // A product: a column of 64 words, a row every 256 bytes, 64 times.
  firmware.load(a0, kData).load(a3, kData + 4096);
  firmware.add({li(a4, 0), add(a5, a0, zero), addi(t2, a0, 256), lw(t0, 0, a0), lw(t1, 0, a5), addi(a0, a0, 4),
                addi(a5, a5, 64), mul(t0, t0, t1), add(a4, a4, t0), bltu(a0, t2, -24), bltu(a0, a3, -40)});
  // A sieve: bytes 3 apart.
  firmware.load(a0, kData).load(a3, kData + 8192);
  firmware.add({sb(zero, 0, a0), addi(a0, a0, 3), bltu(a0, a3, -8)});
  firmware.add({addi(s1, s1, -1)});
  firmware.add({bne(s1, zero, static_cast<int>(round - firmware.here()))});
  finish(firmware);
  return firmware;
}

Firmware reading() {
  Firmware firmware(kSram);
  firmware.load(s1, kReads).load(a0, static_cast<u32>(memory_map::timer) + Timer::mtime);
  firmware.add({lw(a1, 0, a0), addi(s1, s1, -1), bne(s1, zero, -8)});
  finish(firmware);
  return firmware;
}

/// Instructions per second of processor time.
double speed(const Firmware& firmware) {
  Soc soc("soc", default_architecture(), Fidelity::tlm, 1 << 20, riscv_host(firmware.elf()), std::cerr);
  riscv::Memory sram;
  sram.first = kSram;
  sram.last = kSram + static_cast<u32>(memory_map::sram_size) - 1;
  sram.data = soc.sram().store().data();
  firmware.elf().load({sram});
  const double start = seconds();
  sc_core::sc_start();
  const double taken = seconds() - start;
  if (soc.finisher().exit_code() != 0) throw std::runtime_error("the firmware has not come to its end");
  return static_cast<double>(soc.host().counts().instructions) / taken;
}

/// In a process of its own: the kernel elaborates once.
double measured(const Firmware& firmware) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("no pipe");
  const pid_t child = fork();
  if (child == 0) {
    const double result = speed(firmware);
    _exit(write(ends[1], &result, sizeof result) == sizeof result ? 0 : 1);
  }
  double result = 0;
  const bool read_all = child > 0 && read(ends[0], &result, sizeof result) == sizeof result;
  close(ends[0]);
  close(ends[1]);
  waitpid(child, nullptr, 0);
  if (!read_all) throw std::runtime_error("no measurement");
  return result;
}

/// Processor time of `flexcim run` with these arguments, the least of three.
double seconds_of_run(const std::vector<std::string>& arguments) {
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  std::fflush(stdout);
  double least = 1e9;
  for (int i = 0; i < 3; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      if (std::freopen("/dev/null", "w", stdout) != nullptr) execv(argv[0], argv.data());
      _exit(127);
    }
    int status = 0;
    rusage used{};
    if (child < 0 || wait4(child, &status, 0, &used) != child || status != 0) {
      throw std::runtime_error("flexcim run has failed");
    }
    const auto of = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
    };
    least = std::min(least, of(used.ru_utime) + of(used.ru_stime));
  }
  return least;
}

}  // namespace
}  // namespace flexcim

/// Arguments: the flexcim command, a scenario of a block, firmware that runs it, a folder for results.
int sc_main(int argc, char* argv[]) {
  using namespace flexcim;
  if (argc != 5) throw std::runtime_error("usage: bench_firmware FLEXCIM SCENARIO ELF FOLDER");
  const std::vector<std::string> native{argv[1], "run", argv[2], "--set", "also=[]", "--out", argv[4]};
  std::vector<std::string> firmware = native;
  firmware.insert(firmware.end(), {"--set", fmt::format("host={{kind: riscv, elf: \"{}\"}}", argv[3])});
  const double mips = measured(computing()) / 1e6, mmio_per_s = measured(reading()) / 3;
  fmt::print("{:<44}{:>12}\n", "RISC-V host, default quantum", "per second");
  fmt::print("{:<44}{:>10.0f} M\n", "instructions: CRC, product, sieve", mips);
  fmt::print("{:<44}{:>10.2f} M\n", "accesses of a device", mmio_per_s / 1e6);
  const double native_s = seconds_of_run(native), firmware_s = seconds_of_run(firmware);
  fmt::print("{:<44}{:>10.2f} s\n{:<44}{:>10.2f} s\n", "a block, native host", native_s, "the same, firmware",
             firmware_s);
  fmt::print("{{\"mips\": {:.0f}, \"mmio_per_s\": {:.0f}, \"block_ratio\": {:.2f}}}\n", mips, mmio_per_s,
             firmware_s / native_s);
  return 0;
}
