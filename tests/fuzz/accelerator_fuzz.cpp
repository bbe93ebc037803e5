// Whatever a driver may do to a live accelerator: register accesses, descriptors, weight images and data in memory,
// also while it works. Afterwards a reset brings it back, and a layer comes out right.
//
// The input is a list of actions, a byte each and what belongs to it, little-endian:
//   w OFFSET/4:1 VALUE:4            writes a register           r OFFSET/4:1   reads one
//   t BITS:1 ADDRESS:2 LENGTH:1 WIDTH:1 ENABLES:1               an access of another shape (BITS: write, debug,
//   enables) f ENTRY:1 FIELD:1 VALUE:8       a field of a descriptor      F ENTRY:1 FIELD:1 DELTA:1   adds to it m
//   ADDRESS:2 COUNT:1 BYTES       bytes of memory              c ENTRY:1 FROM:1   copies a descriptor d TAIL:1   rings
//   the doorbell   W TIME:1   waits, in 64 ns   R   resets         e CONTROL:1   writes CONTROL
#include "tests/fuzz/accelerator_bench.h"
#include "tests/fuzz/target.h"

#include <algorithm>
#include <cstring>

using namespace flexcim;
using fuzz::AcceleratorBench;
using fuzz::Numbers;

namespace {

namespace reg = accelerator_registers;

constexpr int kMostActions = 64;

void plain_access(AcceleratorBench& bench, Numbers& numbers, tlm::tlm_command command) {
  const auto offset = static_cast<std::uint32_t>(4 * numbers.next(1));
  auto value = static_cast<std::uint32_t>(command == tlm::TLM_WRITE_COMMAND ? numbers.next(4) : 0);
  tlm::tlm_generic_payload transaction;
  transaction.set_command(command);
  transaction.set_address(offset);
  transaction.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
  transaction.set_data_length(4);
  transaction.set_streaming_width(4);
  bench.access(transaction);
}

void odd_access(AcceleratorBench& bench, Numbers& numbers) {
  const std::uint64_t bits = numbers.next(1);
  tlm::tlm_generic_payload transaction;
  transaction.set_address(numbers.next(2));
  const std::size_t length = 1 + numbers.next(1) % 16;
  std::vector<unsigned char> data(length), enables(1 + numbers.next(1) % 16, TLM_BYTE_ENABLED);
  transaction.set_streaming_width(1 + static_cast<unsigned>(numbers.next(1) % 16));
  enables.front() = TLM_BYTE_DISABLED;
  transaction.set_command((bits & 1) != 0 ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
  transaction.set_data_ptr(data.data());
  transaction.set_data_length(static_cast<unsigned>(length));
  if ((bits & 4) != 0) {
    transaction.set_byte_enable_ptr(enables.data());
    transaction.set_byte_enable_length(static_cast<unsigned>(enables.size()));
  }
  if ((bits & 2) == 0) {
    bench.access(transaction);
  } else if (bench.registers->transport_dbg(transaction) > length) {
    fuzz::finding("a debug access of more bytes than were asked for");
  }
}

std::uint8_t* entry_of(AcceleratorBench& bench, Numbers& numbers) {
  return bench.at(fuzz::kMemory + numbers.next(1) % fuzz::kRingEntries * kDescriptorBytes);
}

void change_field(std::uint8_t* entry, Numbers& numbers, bool whole) {
  const DescriptorField& field = descriptor_fields()[numbers.next(1) % descriptor_fields().size()];
  DescriptorImage image;
  std::copy_n(entry, image.size(), image.begin());
  Descriptor descriptor;
  decode(image, descriptor);
  const std::uint64_t value = whole ? numbers.next(8) : field.get(descriptor) + numbers.next(1) - 128;
  std::memcpy(entry + field.offset, &value, field.bytes);
}

void change_memory(AcceleratorBench& bench, Numbers& numbers) {
  std::uint8_t* const place = bench.at(fuzz::kMemory + numbers.next(2));
  const std::size_t count = numbers.next(1) % 32;
  for (std::size_t i = 0; i < count; ++i) place[i] = static_cast<std::uint8_t>(numbers.next(1));
}

void act(AcceleratorBench& bench, Numbers& numbers) {
  switch (numbers.next(1)) {
    case 'w':
      return plain_access(bench, numbers, tlm::TLM_WRITE_COMMAND);
    case 'r':
      return plain_access(bench, numbers, tlm::TLM_READ_COMMAND);
    case 't':
      return odd_access(bench, numbers);
    case 'f':
      return change_field(entry_of(bench, numbers), numbers, true);
    case 'F':
      return change_field(entry_of(bench, numbers), numbers, false);
    case 'm':
      return change_memory(bench, numbers);
    case 'c': {
      std::uint8_t* const to = entry_of(bench, numbers);
      std::memmove(to, entry_of(bench, numbers), kDescriptorBytes);
      return;
    }
    case 'd':
      return bench.write(reg::doorbell, static_cast<std::uint32_t>(numbers.next(1)));
    case 'W':
      return sc_core::wait(sc_core::sc_time(64 * static_cast<double>(numbers.next(1)), sc_core::SC_NS));
    case 'R':
      return bench.write(reg::control, reg::kControlReset);
    case 'e':
      return bench.write(reg::control, static_cast<std::uint32_t>(numbers.next(1)));
    default:
      return;
  }
}

}  // namespace

/// The leak sanitizer takes what lies on the main stack for lost while SystemC runs on others. The process's memory,
/// which libFuzzer bounds, shows what is.
extern "C" const char* __asan_default_options() { return "detect_leaks=0"; }  // NOLINT(bugprone-reserved-identifier)

/// Nobody calls it: the entry point is the fuzzer's or the runner's.
int sc_main(int /*argc*/, char* /*argv*/[]) { return 1; }

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static AcceleratorBench* const bench = new AcceleratorBench("bench");  // as long as the simulation kernel
  bench->run([&] {
    Numbers numbers(fuzz::text_of(data, size));
    bench->restart();
    for (int actions = 0; actions < kMostActions && !numbers.empty(); ++actions) act(*bench, numbers);
    sc_core::wait(sc_core::sc_time(20, sc_core::SC_US));
    bench->accelerator().waiting_for();
    if (bench->accelerator().queued() > reg::kMaxRingEntries) fuzz::finding("more commands than a ring has");
    bench->check_recovery();
  });
  return 0;
}
