// The accelerator as a driver sees it, without time: registers, a ring in memory, commands that end when the test says.
#pragma once

#include "platform/firmware/driver/flexcim_driver.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace flexcim::test {

constexpr std::uint64_t kRegisters = 0x1001'0000;
constexpr std::uint64_t kRing = 0x3'8000'0100;  ///< more than 32 bits

/// As tlm/accelerator/accelerator.cpp has it. Wrong accesses fail the test.
class FakeAccelerator {
 public:
  struct Access {
    bool write;
    std::uint32_t offset, value;
    bool operator==(const Access& o) const { return write == o.write && offset == o.offset && value == o.value; }
  };
  /// A command that has ended.
  struct Ended {
    std::uint32_t tag, error;
  };

  explicit FakeAccelerator(std::uint32_t entries) : memory(entries * FLEXCIM_DESCRIPTOR_BYTES) { reset(); }
  FakeAccelerator(const FakeAccelerator&) = delete;

  std::vector<std::uint8_t> memory;  ///< at kRing
  std::vector<Access> accesses;
  std::vector<Ended> ended;
  std::function<void()> before_access = [] {}, after_access = [] {};  ///< time passes between a driver's accesses
  std::uint32_t id = FLEXCIM_ID_RESET, version = FLEXCIM_VERSION_RESET;
  int barriers = 0;
  bool stuck = false;  ///< a cause that no write clears

  /// The interrupt line.
  bool irq() const { return (registers_.at(FLEXCIM_IRQ_STATUS) & registers_.at(FLEXCIM_IRQ_ENABLE)) != 0; }
  std::uint32_t get(std::uint32_t offset) const { return registers_.at(offset); }
  void poke(std::uint32_t offset, std::uint32_t value) { registers_[offset] = value; }
  flexcim_descriptor in_ring(std::uint32_t index) const {
    flexcim_descriptor d;
    std::memcpy(&d, &memory.at(index * FLEXCIM_DESCRIPTOR_BYTES), sizeof d);
    return d;
  }

  /// The next command ends. False where there is none to be fetched.
  bool step() {
    const std::uint32_t head = get(FLEXCIM_RING_HEAD);
    if ((get(FLEXCIM_CONTROL) & FLEXCIM_CONTROL_ENABLE_MASK) == 0 || halted() || head == get(FLEXCIM_RING_TAIL)) {
      return false;
    }
    const flexcim_descriptor d = in_ring(head);
    poke(FLEXCIM_RING_HEAD, (head + 1) % ring_size_);
    const std::uint32_t flags = FLEXCIM_FLAG_INTERRUPT | FLEXCIM_FLAG_STOP | FLEXCIM_FLAG_REQUANTIZE;
    const std::uint32_t error = d.opcode > FLEXCIM_OP_GEMM ? FLEXCIM_ERROR_BAD_OPCODE
                                : (d.flags & ~flags) != 0  ? FLEXCIM_ERROR_BAD_FLAGS
                                : d.activations % 16 != 0  ? FLEXCIM_ERROR_MISALIGNED
                                                           : FLEXCIM_ERROR_NONE;
    ended.push_back({d.tag, error});
    if (error != FLEXCIM_ERROR_NONE) {
      if ((d.flags & FLEXCIM_FLAG_STOP) != 0) poke(FLEXCIM_STATUS, FLEXCIM_STATUS_HALTED_MASK);
      raise(error, kRing + std::uint64_t{head} * FLEXCIM_DESCRIPTOR_BYTES);
    } else if ((d.flags & FLEXCIM_FLAG_INTERRUPT) != 0) {
      registers_[FLEXCIM_IRQ_STATUS] |= FLEXCIM_IRQ_STATUS_DONE_MASK;
    }
    return true;
  }

  flexcim_port port() {
    flexcim_port port = {};
    port.context = this;
    port.read32 = [](void* self, std::uint64_t at) { return static_cast<FakeAccelerator*>(self)->read(at); };
    port.write32 = [](void* self, std::uint64_t at, std::uint32_t value) {
      static_cast<FakeAccelerator*>(self)->write(at, value);
    };
    port.write = [](void* self, std::uint64_t at, const void* data, std::uint32_t bytes) {
      FakeAccelerator& fake = *static_cast<FakeAccelerator*>(self);
      REQUIRE((at >= kRing && at - kRing + bytes <= fake.memory.size() && at % 16 == 0));
      std::memcpy(&fake.memory[at - kRing], data, bytes);
      fake.written_ = true;
    };
    port.barrier = [](void* self) {
      FakeAccelerator& fake = *static_cast<FakeAccelerator*>(self);
      fake.written_ = false;
      ++fake.barriers;
    };
    return port;
  }

 private:
  bool halted() const { return (get(FLEXCIM_STATUS) & FLEXCIM_STATUS_HALTED_MASK) != 0; }
  std::uint32_t read(std::uint64_t address) {
    before_access();
    const auto offset = static_cast<std::uint32_t>(address - kRegisters);
    REQUIRE(registers_.count(offset) == 1);
    REQUIRE(offset != FLEXCIM_DOORBELL);  // write only
    const std::uint32_t value = get(offset);
    accesses.push_back({false, offset, value});
    after_access();
    return value;
  }
  void write(std::uint64_t address, std::uint32_t value) {
    before_access();
    const auto offset = static_cast<std::uint32_t>(address - kRegisters);
    accesses.push_back({true, offset, value});
    act(offset, value);
    after_access();
  }
  void act(std::uint32_t offset, std::uint32_t value) {
    switch (offset) {
      case FLEXCIM_CONTROL:
        if ((value & FLEXCIM_CONTROL_RESET_MASK) != 0) return reset();
        if ((value & FLEXCIM_CONTROL_RESUME_MASK) != 0) poke(FLEXCIM_STATUS, 0);
        return poke(offset, value & FLEXCIM_CONTROL_ENABLE_MASK);
      case FLEXCIM_DOORBELL:
        REQUIRE_FALSE(written_);  // a barrier lies between descriptor and doorbell
        return doorbell(value);
      case FLEXCIM_IRQ_STATUS:
        if (!stuck) registers_[offset] &= ~value;
        return;
      case FLEXCIM_RING_BASE_LO:
      case FLEXCIM_RING_BASE_HI:
      case FLEXCIM_RING_SIZE:
      case FLEXCIM_IRQ_ENABLE:
        return poke(offset, value);
      default:
        FAIL("a write to the register at " << offset);
    }
  }
  void doorbell(std::uint32_t tail) {
    const std::uint64_t base = std::uint64_t{get(FLEXCIM_RING_BASE_HI)} << 32 | get(FLEXCIM_RING_BASE_LO);
    const std::uint32_t size = get(FLEXCIM_RING_SIZE);
    if (size < FLEXCIM_RING_MIN_ENTRIES || size > FLEXCIM_RING_MAX_ENTRIES || base % FLEXCIM_RING_ALIGNMENT != 0) {
      return raise(FLEXCIM_ERROR_BAD_RING, base);
    }
    if (tail >= size) return raise(FLEXCIM_ERROR_BAD_DOORBELL, base);
    REQUIRE(base == kRing);
    ring_size_ = size;
    poke(FLEXCIM_RING_TAIL, tail);
  }
  void raise(std::uint32_t error, std::uint64_t address) {
    poke(FLEXCIM_ERROR_CODE, error);
    poke(FLEXCIM_ERROR_ADDRESS_LO, static_cast<std::uint32_t>(address));
    poke(FLEXCIM_ERROR_ADDRESS_HI, static_cast<std::uint32_t>(address >> 32));
    registers_[FLEXCIM_IRQ_STATUS] |= FLEXCIM_IRQ_STATUS_ERROR_MASK;
  }
  void reset() {
    registers_ = {{FLEXCIM_ID, id},
                  {FLEXCIM_VERSION, version},
                  {FLEXCIM_CONTROL, 0},
                  {FLEXCIM_STATUS, 0},
                  {FLEXCIM_DOORBELL, 0},
                  {FLEXCIM_RING_BASE_LO, 0},
                  {FLEXCIM_RING_BASE_HI, 0},
                  {FLEXCIM_RING_SIZE, 0},
                  {FLEXCIM_RING_HEAD, 0},
                  {FLEXCIM_RING_TAIL, 0},
                  {FLEXCIM_IRQ_STATUS, 0},
                  {FLEXCIM_IRQ_ENABLE, 0},
                  {FLEXCIM_ERROR_CODE, 0},
                  {FLEXCIM_ERROR_ADDRESS_LO, 0},
                  {FLEXCIM_ERROR_ADDRESS_HI, 0},
                  {FLEXCIM_MACRO_SHAPE, 4u | 5u << 8 | 6u << 12 | 7u << 16 | 2u << 24},
                  {FLEXCIM_ARRAY_SHAPE, 3u | 9u << 16}};
  }

  std::map<std::uint32_t, std::uint32_t> registers_;
  std::uint32_t ring_size_ = 1;
  bool written_ = false;
};

inline std::ostream& operator<<(std::ostream& out, const FakeAccelerator::Access& a) {
  return out << (a.write ? "write " : "read ") << a.offset << " = " << a.value;
}

/// A driver on a fake accelerator, which logs how commands end.
struct DriverBench {
  struct Callback {
    std::uint32_t ticket;
    flexcim_status outcome;
    std::uint32_t error;
    bool operator==(const Callback& o) const { return ticket == o.ticket && outcome == o.outcome && error == o.error; }
  };

  FakeAccelerator fake;
  flexcim_port port = fake.port();
  std::vector<flexcim_slot> slots;
  flexcim_config config = {};
  flexcim_driver driver = {};
  std::vector<Callback> log;
  std::function<void(const Callback&)> on_end = [](const Callback&) {};
  std::uint32_t now = 0;  ///< of the clock, which counts a unit with every look at it
  std::function<void(std::uint32_t)> on_idle = [](std::uint32_t) {};

  explicit DriverBench(std::uint32_t entries = 8, bool interrupts = true) : fake(entries), slots(entries) {
    config.registers = kRegisters;
    config.ring = kRing;
    config.entries = entries;
    config.slots = slots.data();
    config.interrupts = interrupts;
    config.time = [](void* self) { return static_cast<DriverBench*>(self)->now++; };
    config.idle = [](void* self, std::uint32_t time_left) { static_cast<DriverBench*>(self)->on_idle(time_left); };
    config.context = this;
  }
  DriverBench(const DriverBench&) = delete;

  void start() {
    REQUIRE(flexcim_driver_init(&driver, &port, &config) == FLEXCIM_OK);
    REQUIRE(flexcim_driver_start(&driver) == FLEXCIM_OK);
    fake.accesses.clear();
  }
  flexcim_status submit(const flexcim_descriptor& command, std::uint32_t* ticket = nullptr) {
    const auto callback = [](void* self, std::uint32_t its, flexcim_status outcome, std::uint32_t error) {
      auto& bench = *static_cast<DriverBench*>(self);
      bench.log.push_back({its, outcome, error});
      bench.on_end(bench.log.back());
    };
    return flexcim_driver_submit(&driver, &command, callback, this, ticket);
  }
  flexcim_status look() { return flexcim_driver_on_interrupt(&driver); }
  /// All commands that can end do; how the next look at them comes out.
  flexcim_status run() {
    while (fake.step()) {
    }
    return look();
  }
};

inline std::ostream& operator<<(std::ostream& out, const DriverBench::Callback& c) {
  return out << "{" << c.ticket << ", " << c.outcome << ", " << c.error << "}";
}

/// A command that ends well; `opcode` 9 is a bad one.
inline flexcim_descriptor command(std::uint32_t tag = 0, std::uint8_t opcode = FLEXCIM_OP_NOP) {
  flexcim_descriptor d = {};
  d.opcode = opcode;
  d.tag = tag;
  return d;
}
constexpr std::uint8_t kBadOpcode = 9;

}  // namespace flexcim::test
