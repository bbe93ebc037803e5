#include "tlm/fabric/interconnect.h"

#include "at_initiator.h"
#include "flow/base/error.h"
#include "tests/tlm/dram_device.h"
#include "tlm/memory/dram.h"
#include "tlm/observe/protocol_checker.h"

#include <catch2/catch.hpp>

using namespace flexcim;
using test::AtInitiator;

namespace {

constexpr std::int64_t kNs = 1000;
/// An LPDDR4 read of one burst that opens its row: (29 + 28 + 8) * 625 ps; a hit: (28 + 8) * 625 ps.
constexpr std::int64_t kMiss = 65 * 625;

struct CrossbarSystem {
  Interconnect bus;
  Dram dram, sram;
  AtInitiator a{"a"}, b{"b"};
  ProtocolChecker check_a{"check_a"}, check_b{"check_b"}, check_dram{"check_dram"};

  explicit CrossbarSystem(unsigned depth = 16)
      : bus("bus", {1000, 32, 4}),
        dram("dram", dram_device("lpddr4"), 1 << 20, depth),
        sram("other", dram_device("lpddr4"), 4096) {
    a.socket.bind(check_a.from_initiator);
    b.socket.bind(check_b.from_initiator);
    bus.connect(check_a.to_target);
    bus.connect(check_b.to_target);
    bus.map(check_dram.from_initiator, 0x8000'0000, 1 << 20, "dram");
    check_dram.to_target.bind(dram.socket);
    bus.map(sram.socket, 0xFFFF'FFFF'FFFF'F000, 4096, "top");
  }
  void run() {
    sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_MS));
    for (const ProtocolChecker* checker : {&check_a, &check_b, &check_dram}) {
      INFO((checker->violations().empty() ? std::string() : checker->violations().front()));
      CHECK(checker->violations().empty());
      CHECK(checker->under_way() == 0);
    }
    CHECK(a.all_done());
    CHECK(b.all_done());
  }
};

}  // namespace

TEST_CASE("Address map: overlaps, misses, the end of the 64-bit space") {
  AddressMap map;
  map.add({0x1000, 0x1000, "one"});
  map.add({0xFFFF'FFFF'FFFF'F000, 0x1000, "top"});
  CHECK_THROWS_WITH(map.add({0x1FFF, 1, "two"}), Catch::Contains("two") && Catch::Contains("one"));
  CHECK_THROWS_WITH(map.add({0x0FFF, 2, "before"}), Catch::Contains("before") && Catch::Contains("one"));
  CHECK_THROWS_AS(map.add({0x3000, 0, "empty"}), InputError);
  CHECK_THROWS_AS(map.add({0xFFFF'FFFF'FFFF'0000, 0x2'0000, "beyond"}), InputError);
  map.add({0x2000, 0x10, "next"});
  map.add({0x0FFE, 2, "up to one"});
  CHECK(map.find(0x1000, 0x1000) == 0);
  CHECK(map.find(0x1FFF, 1) == 0);
  CHECK(map.find(0x1FFF, 2) == AddressMap::kMiss);  // no target holds both
  CHECK(map.find(0x0FFD, 1) == AddressMap::kMiss);
  CHECK(map.find(0xFFFF'FFFF'FFFF'FFFF, 1) == 1);
  CHECK(map.find(0xFFFF'FFFF'FFFF'FFFF, 2) == AddressMap::kMiss);
  CHECK(map.find(0x1'0000'1000, 1) == AddressMap::kMiss);  // not truncated to 32 bits
  CHECK(map.to_string().find("0x0000000000001000 - 0x0000000000001fff") != std::string::npos);
}

TEST_CASE("Interconnect AT: latency of a lone read, term by term") {
  CrossbarSystem s;
  auto& read = s.a.add(500, false, 0x8000'0000, 32);
  s.run();
  // Arrives at 0.5 ns, granted at the 1 ns edge; 4 cycles to the DRAM (5 ns); row miss (40.625 ns): 45.625; up to the
  // 46 ns edge; 4 cycles back: 50 ns.
  CHECK(read.end_req == 2 * kNs);  // one beat
  CHECK(1 * kNs + 4 * kNs + kMiss == 45'625);
  CHECK(read.begin_resp == 50 * kNs);
  CHECK(read.status == tlm::TLM_OK_RESPONSE);
}

TEST_CASE("Interconnect AT: a write carries its beats, the data arrives") {
  CrossbarSystem s;
  auto& write = s.a.add(0, true, 0x8000'0040, 96, 0x5A);
  auto& read = s.a.add(200 * kNs, false, 0x8000'0040, 96);
  s.run();
  // Granted at 1 ns; 3 beats: END_REQ at 4 ns; last beat at the DRAM at 1 + (3 - 1) + 4 = 7 ns.
  CHECK(write.end_req == 4 * kNs);
  // ACT at clock ceil(7 / 0.625) = 12; WR 12 + 29; 3 bursts: 41 + 2 * 8 = 57; end 57 + 14 + 8 = 79 clocks = 49.375 ns
  // -> 50 + 4.
  CHECK(write.begin_resp == 54 * kNs);
  CHECK(read.data == std::vector<unsigned char>(96, 0x5A));
}

TEST_CASE("Interconnect AT: requests of one cycle are granted in turn, responses stream at the bus width") {
  CrossbarSystem s;
  auto& a0 = s.a.add(0, false, 0x8000'0000, 256);
  auto& b0 = s.b.add(0, false, 0x8000'0100, 256);
  s.run();
  // Both arrive at 0; the grant at 1 ns goes to initiator 1, since initiator 0 counts as the last one served; the other
  // at 2 ns.
  CHECK(b0.end_req == 2 * kNs);
  CHECK(a0.end_req == 3 * kNs);
  // b: at the DRAM at 5 ns = clock 8; RD at 8 + 29 = 37, 8 bursts: 37 + 56 = 93, end 93 + 36 = 129 clocks = 80.625 ->
  // 81 + 4.
  CHECK(b0.begin_resp == 85 * kNs);
  // a follows on the open row: RD 93 + 8 = 101 ... 157, end 193 clocks = 120.625 -> 121 + 4.
  CHECK(a0.begin_resp == 125 * kNs);
}

TEST_CASE("Interconnect AT: a full DRAM queue holds requests back, none is lost") {
  CrossbarSystem s(2);
  for (int i = 0; i < 20; ++i) s.a.add(0, false, 0x8000'0000 + 8 * 2048 * static_cast<std::uint64_t>(i), 32);
  s.run();
  std::int64_t last = 0;
  for (const auto& request : s.a.requests) {
    CHECK(request.status == tlm::TLM_OK_RESPONSE);
    CHECK(request.begin_resp > last);
    last = request.begin_resp;
  }
  // The fifth request stands in the bus until the DRAM has ended a response.
  CHECK(s.a.requests[4].end_req > s.a.requests[0].begin_resp - 10 * kNs);
}

TEST_CASE("Interconnect AT: a request under way when the DRAM queue has room again is accepted when it has arrived") {
  CrossbarSystem s(1);
  for (std::int64_t i = 0; i < 80; ++i) {
    s.a.add(500 * kNs * i, false, 0x8000'0000, 32);
    s.b.add((500 * i + i) * kNs, true, 0x8000'0000, 256);
  }
  s.run();
}

// Granted at 5 ns, at the DRAM at 9 ns = clock 15: the response is due at 15 + 65 clocks = 50 ns.
TEST_CASE("Interconnect AT: the DRAM's response that is due leaves before the request that is granted just then") {
  CrossbarSystem s(1);
  for (const std::int64_t at_ps : {4500, 49500, 50500}) s.a.add(at_ps, false, 0x8000'0000, 32);
  s.run();
  CHECK(s.a.requests[0].begin_resp == (50 + 4) * kNs);
  CHECK(s.a.requests[1].end_req == (50 + 1) * kNs);
  // Nothing stands in the bus: requested at 51 ns, granted at 52 ns.
  CHECK(s.a.requests[2].end_req == (52 + 1) * kNs);
}

TEST_CASE("Interconnect AT: an initiator that holds back END_RESP stops its responses only") {
  CrossbarSystem s;
  s.a.hold_response_ps = 500 * kNs;
  for (std::uint64_t i = 0; i < 4; ++i) s.a.add(0, false, 0x8000'0000 + 32 * i, 32);
  auto& top = s.b.add(0, false, 0xFFFF'FFFF'FFFF'FFE0, 32);
  s.run();
  for (std::size_t i = 1; i < 4; ++i) CHECK(s.a.requests[i].begin_resp >= s.a.requests[i - 1].begin_resp + 500 * kNs);
  CHECK(top.begin_resp == 1 * kNs + 4 * kNs + 41 * kNs + 4 * kNs);  // 45.625 rounds up to 46
}

TEST_CASE("Interconnect AT: a decode miss is an address error, not an abort") {
  CrossbarSystem s;
  auto& miss = s.a.add(0, false, 0x9000'0000, 32);
  auto& across = s.a.add(0, true, 0x8000'0000 + (1 << 20) - 16, 32);
  auto& good = s.a.add(0, false, 0x8000'0000, 32);
  s.run();
  CHECK(miss.status == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  CHECK(across.status == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  CHECK(good.status == tlm::TLM_OK_RESPONSE);
}

TEST_CASE("Interconnect LT: delay, debug and DMI") {
  CrossbarSystem s;
  // The LT calls of this case are made outside of any process.
  tlm::tlm_initiator_socket<>& socket = s.a.socket;
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  tlm::tlm_generic_payload t;
  unsigned char data[64] = {1, 2, 3};
  t.set_command(tlm::TLM_WRITE_COMMAND);
  t.set_address(0x8000'0100);
  t.set_data_ptr(data);
  t.set_data_length(64);
  t.set_streaming_width(64);
  sc_core::sc_time delay = from_picoseconds(100);
  socket->b_transport(t, delay);
  // 2 * 4 cycles latency + 2 beats = 10 ns; DRAM: (29 + 14 + 8 + one more burst 8) * 625 ps.
  CHECK(to_picoseconds(delay) == 100 + 10 * kNs + 59 * 625);
  CHECK(t.get_response_status() == tlm::TLM_OK_RESPONSE);
  CHECK(t.get_address() == 0x8000'0100);
  CHECK(s.dram.store().data()[0x102] == 3);

  t.set_address(0x7000'0000);
  t.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  t.set_dmi_allowed(false);
  socket->b_transport(t, delay);
  CHECK(t.get_response_status() == tlm::TLM_ADDRESS_ERROR_RESPONSE);

  t.set_address(0xFFFF'FFFF'FFFF'FFF0);
  t.set_data_length(64);
  CHECK(socket->transport_dbg(t) == 16);
  CHECK(t.get_data_length() == 64);

  tlm::tlm_dmi dmi;
  t.set_address(0x8000'0000);
  REQUIRE(socket->get_direct_mem_ptr(t, dmi));
  CHECK(dmi.get_start_address() == 0x8000'0000);
  CHECK(dmi.get_end_address() == 0x8000'0000 + (1 << 20) - 1);
  CHECK(dmi.get_dmi_ptr()[0x102] == 3);
  CHECK(to_picoseconds(dmi.get_read_latency()) == 9 * kNs + kMiss);
  t.set_address(0x7000'0000);
  dmi.init();
  CHECK_FALSE(socket->get_direct_mem_ptr(t, dmi));
}
