// Byte enables and streams at the memories, by every way to them, against a plain array of bytes.
#include "tlm/memory/memory_access.h"

#include "at_initiator.h"
#include "tests/tlm/dram_device.h"
#include "tlm/fabric/interconnect.h"
#include "tlm/memory/dram.h"
#include "tlm/memory/sram.h"
#include "tlm/observe/protocol_checker.h"

#include <tlm_utils/simple_initiator_socket.h>

#include <catch2/catch.hpp>
#include <functional>
#include <random>

using namespace flexcim;
using test::AtInitiator;

namespace {

using Bytes = std::vector<unsigned char>;
using Request = AtInitiator::Request;

constexpr std::uint64_t kSramBase = 0x1000, kDramAt = 0x8000;
constexpr std::uint64_t kSize = 512;  // small, so that requests meet each other's bytes and the end
constexpr std::int64_t kClock = 625;  // LPDDR4-3200; a burst has 32 bytes

/// The bytes that the listener of a memory knows of; those of the memory, if it hears of every write.
class Heard {
 public:
  explicit Heard(MemoryStore& store) : store_(store), bytes_(store.data(), store.data() + store.size()) {
    store.set_write_listener([this](std::uint64_t address, std::uint64_t bytes) {
      REQUIRE(store_.contains(address, bytes));
      std::copy_n(store_.data() + address, bytes, bytes_.begin() + static_cast<std::ptrdiff_t>(address));
      ++calls;
    });
  }
  bool everything() const { return std::equal(bytes_.begin(), bytes_.end(), store_.data()); }
  int calls = 0;

 private:
  MemoryStore& store_;
  Bytes bytes_;
};

/// One initiator of each style, a bus, both memories; everything is watched.
struct AccessSystem : sc_core::sc_module {
  tlm_utils::simple_initiator_socket<AccessSystem> loose{"loose"};
  AtInitiator timed{"timed"};
  ProtocolChecker check_loose{"check_loose"}, check_timed{"check_timed"}, check_dram{"check_dram"};
  Interconnect bus{"bus", {1000, 32, 4}};
  Sram sram{"sram", kSize, sc_core::sc_time(3, sc_core::SC_NS)};
  Dram dram{"dram", dram_device("lpddr4"), kSize};

  explicit AccessSystem(const sc_core::sc_module_name& name = "system") : sc_module(name) {
    loose.bind(check_loose.from_initiator);
    timed.socket.bind(check_timed.from_initiator);
    bus.connect(check_loose.to_target);
    bus.connect(check_timed.to_target);
    bus.map(sram.socket, kSramBase, kSize, "sram");
    bus.map(check_dram.from_initiator, kDramAt, kSize, "dram");
    check_dram.to_target.bind(dram.socket);
  }

  /// Blocking; gives the time that it took.
  std::int64_t block(Request& request, bool debug = false) {
    tlm::tlm_generic_payload t;
    t.set_command(request.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    t.set_address(request.address);
    t.set_data_ptr(request.data.data());
    t.set_data_length(static_cast<unsigned>(request.data.size()));
    t.set_streaming_width(std::min(request.width, t.get_data_length()));
    if (!request.enables.empty()) t.set_byte_enable_ptr(request.enables.data());
    t.set_byte_enable_length(static_cast<unsigned>(request.enables.size()));
    sc_core::sc_time delay;
    if (debug) {
      CHECK(loose->transport_dbg(t) == request.data.size());
    } else {
      loose->b_transport(t, delay);
      request.status = t.get_response_status();
    }
    return to_picoseconds(delay);
  }
};

Request request(bool write, std::uint64_t address, Bytes data, Bytes enables = {}, unsigned width = ~0u) {
  Request made;
  made.write = write;
  made.address = address;
  made.data = std::move(data);
  made.enables = std::move(enables);
  made.width = width;
  return made;
}

Bytes random_bytes(std::mt19937& random, std::size_t count) {
  Bytes bytes(count);
  for (unsigned char& byte : bytes) byte = static_cast<unsigned char>(random());
  return bytes;
}

Request random_request(std::mt19937& random) {
  const std::size_t bytes = random() % 4 == 0 ? 1 + random() % 200 : 1 + random() % 16;
  const std::uint64_t base = random() % 2 == 0 ? kSramBase : kDramAt;
  Request made = request(random() % 2 == 0, base + random() % kSize, random_bytes(random, bytes));
  if (random() % 4 != 0) {
    made.enables.resize(1 + random() % (bytes + 4));
    const auto density = random() % 5;  // from none to all
    for (unsigned char& enable : made.enables) enable = random() % 4 < density ? 0xFF : 0;
  }
  if (random() % 2 == 0) made.width = static_cast<unsigned>(1 + random() % (random() % 2 == 0 ? 8 : bytes + 4));
  return made;
}

/// Plain arrays in place of both memories.
struct Memories {
  Bytes sram = Bytes(kSize), dram = Bytes(kSize);

  /// What `request` makes of the memory and of its own data, as IEEE 1666-2011, 14.13 to 14.15, says it.
  tlm::tlm_response_status access(Request& request) {
    Bytes& memory = request.address < kDramAt ? sram : dram;
    const std::uint64_t from = request.address - (request.address < kDramAt ? kSramBase : kDramAt);
    if (from + std::min<std::size_t>(request.width, request.data.size()) > kSize) {
      return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    }
    for (std::size_t i = 0; i < request.data.size(); ++i) {
      if (!request.enables.empty() && request.enables[i % request.enables.size()] == 0) continue;
      unsigned char& byte = memory[from + i % request.width];
      (request.write ? byte : request.data[i]) = request.write ? request.data[i] : byte;
    }
    return tlm::TLM_OK_RESPONSE;
  }
  void check(AccessSystem& system) const {
    CHECK(sram == Bytes(system.sram.store().data(), system.sram.store().data() + kSize));
    CHECK(dram == Bytes(system.dram.store().data(), system.dram.store().data() + kSize));
  }
};

void run_system(AccessSystem& system, const std::function<void()>& program) {
  sc_core::sc_spawn(program, "program");
  sc_core::sc_start();
  for (const ProtocolChecker* checker : {&system.check_loose, &system.check_timed, &system.check_dram}) {
    CHECK(checker->violations().empty());
    CHECK(checker->under_way() == 0);
  }
}

}  // namespace

TEST_CASE("Memories: random byte enables and streaming widths, blocking") {
  AccessSystem system;
  const Heard sram(system.sram.store()), dram(system.dram.store());
  std::mt19937 random(1);
  Memories memories;
  int served = 0;
  run_system(system, [&] {
    for (int i = 0; i < 8000; ++i) {
      Request done = random_request(random), expected = done;
      system.block(done);
      INFO("request " << i);
      REQUIRE(done.status == memories.access(expected));
      REQUIRE(done.data == expected.data);
      served += done.status == tlm::TLM_OK_RESPONSE;
    }
  });
  CHECK(served > 6000);
  CHECK(served < 8000);
  memories.check(system);
  CHECK((sram.everything() && dram.everything()));
}

TEST_CASE("Memories: random byte enables and streaming widths, by phases") {
  AccessSystem system;
  const Heard sram(system.sram.store()), dram(system.dram.store());
  std::mt19937 random(2);
  for (int i = 0; i < 4000; ++i) system.timed.requests.push_back(random_request(random));
  std::deque<Request> expected = system.timed.requests;
  run_system(system, [] {});
  Memories memories;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    INFO("request " << i);
    REQUIRE(system.timed.requests[i].status == memories.access(expected[i]));
    REQUIRE(system.timed.requests[i].data == expected[i].data);
  }
  memories.check(system);
  CHECK((sram.everything() && dram.everything()));
}

TEST_CASE("Memories: debug accesses know neither byte enables nor streaming width") {
  AccessSystem system;
  const Heard sram(system.sram.store()), dram(system.dram.store());
  run_system(system, [&] {
    for (const std::uint64_t base : {kSramBase, kDramAt}) {
      Request write = request(true, base + 3, {1, 2, 3, 4, 5}, {0, 0xFF}, 2);
      system.block(write, true);
      Request read = request(false, base + 2, Bytes(7), {0}, 0);
      system.block(read, true);
      CHECK(read.data == Bytes{0, 1, 2, 3, 4, 5, 0});
    }
  });
  CHECK((sram.everything() && dram.everything()));
  CHECK((sram.calls == 1 && dram.calls == 1));  // writes only
}

TEST_CASE("Memories: what no standard access is, is refused and moves nothing") {
  MemoryStore store(kSize);
  const Heard heard(store);
  const auto status = [&](Request made) {
    tlm::tlm_generic_payload t;
    t.set_write();
    t.set_address(made.address);
    t.set_data_ptr(made.data.data());
    t.set_data_length(static_cast<unsigned>(made.data.size()));
    t.set_streaming_width(made.width);
    unsigned char none = 0xFF;
    t.set_byte_enable_ptr(made.enables.empty() ? &none : made.enables.data());
    t.set_byte_enable_length(static_cast<unsigned>(made.enables.size()));
    const bool served = access_memory(store, t);
    CHECK(served == t.is_response_ok());
    return t.get_response_status();
  };
  const Bytes data{1, 2, 3, 4};
  CHECK(status(request(true, 0, data)) == tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);  // of length 0
  CHECK(status(request(true, 0, data, {0xFF, 1})) == tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
  CHECK(status(request(true, 0, data, {0xFF, 0xFF, 0xFF, 0x7F})) == tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
  CHECK(status(request(true, 0, data, {0xFF}, 0)) == tlm::TLM_BURST_ERROR_RESPONSE);
  CHECK(status(request(true, 0, {}, {0xFF})) == tlm::TLM_BURST_ERROR_RESPONSE);
  CHECK(status(request(true, kSize - 2, data, {0xFF, 0xFF, 0, 0})) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  CHECK(Bytes(store.data(), store.data() + kSize) == Bytes(kSize));
  CHECK(heard.calls == 0);
  CHECK(status(request(true, 0, data, {0xFF, 0, 0, 0xFF, 1})) == tlm::TLM_OK_RESPONSE);  // the last means nothing
  CHECK(status(request(true, kSize - 2, data, {0xFF}, 2)) == tlm::TLM_OK_RESPONSE);
  CHECK(Bytes(store.data(), store.data() + 4) == Bytes{1, 0, 0, 4});
  CHECK(Bytes(store.data() + kSize - 2, store.data() + kSize) == Bytes{3, 4});
}

TEST_CASE("DRAM: a masked burst is a burst, a beat of a stream an access of its own") {
  AtInitiator initiator("initiator");
  Dram dram("dram", dram_device("lpddr4"), kSize);
  initiator.socket.bind(dram.socket);
  // One at a time, 400 clocks apart, before the first refresh.
  const auto add = [&](Request made) {
    made.at_ps = static_cast<std::int64_t>(initiator.requests.size()) * 400 * kClock;
    initiator.requests.push_back(std::move(made));
  };
  add(request(true, 0, Bytes(32)));                   // RCD + WL + 8 clocks of data
  add(request(true, 0, Bytes(32)));                   // WL + 8
  add(request(true, 0, Bytes(32), {0xFF, 0, 0, 0}));  // the same, with every fourth byte ...
  add(request(true, 0, Bytes(32), {0}));              // ... and with none
  add(request(false, 0, Bytes(32)));                  // RL + 8
  add(request(false, 0, Bytes(32), {0xFF, 0}));       // the same
  add(request(false, 0, Bytes(128), {}, 32));         // 4 beats of a burst, CCD apart
  add(request(false, 30, Bytes(14), {0xFF}, 4));      // 3 beats of two bursts, one of 2 bytes in one
  sc_core::sc_start();
  std::vector<std::int64_t> clocks;
  for (const Request& done : initiator.requests) {
    CHECK(done.status == tlm::TLM_OK_RESPONSE);
    clocks.push_back((done.begin_resp - done.begin_req) / kClock);
  }
  CHECK(clocks ==
        std::vector<std::int64_t>{29 + 14 + 8, 14 + 8, 14 + 8, 14 + 8, 28 + 8, 28 + 8, 28 + 8 + 3 * 8, 28 + 8 + 6 * 8});
  CHECK(dram.timing().events().write_bursts == 4);
  CHECK(dram.timing().events().read_bursts == 2 + 4 + 7);
}

TEST_CASE("DRAM: blocking streams take the bus time of their bursts") {
  AccessSystem system;
  run_system(system, [&] {
    const auto time = [&](std::size_t bytes, unsigned width, Bytes enables = {}) {
      Request made = request(false, kDramAt, Bytes(bytes), std::move(enables), width);
      const std::int64_t bus = (8 + static_cast<std::int64_t>(bytes + 31) / 32) * 1000;
      return system.block(made) - bus;
    };
    const std::int64_t idle = (29 + 28 + 8) * kClock, burst = 8 * kClock;
    CHECK(time(32, 32) == idle);
    CHECK(time(64, 64) == idle + burst);
    CHECK(time(64, 64, {0, 0xFF}) == idle + burst);
    CHECK(time(128, 32) == idle + 3 * burst);
    CHECK(time(10, 4) == idle + 2 * burst);    // 4, 4 and 2 bytes
    CHECK(time(100, 40) == idle + 4 * burst);  // 40, 40 and 20 bytes
  });
}
