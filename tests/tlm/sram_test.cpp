#include "tlm/memory/sram.h"

#include "tlm/observe/protocol_checker.h"

#include <tlm_utils/simple_initiator_socket.h>

#include <catch2/catch.hpp>
#include <cstring>

using namespace flexcim;

namespace {

struct Master : sc_core::sc_module {
  tlm_utils::simple_initiator_socket<Master> socket{"socket"};
  ProtocolChecker checker{"checker"};
  sc_core::sc_time delay;
  tlm::tlm_response_status status = tlm::TLM_INCOMPLETE_RESPONSE;

  explicit Master(Sram& sram, sc_core::sc_module_name name = "master") : sc_module(name) {
    socket.bind(checker.from_initiator);
    checker.to_target.bind(sram.socket);
  }
  std::uint32_t access(bool write, std::uint64_t address, std::uint32_t value = 0) {
    tlm::tlm_generic_payload t;
    t.set_command(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    t.set_address(address);
    t.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    t.set_data_length(4);
    t.set_streaming_width(4);
    socket->b_transport(t, delay);
    status = t.get_response_status();
    return value;
  }
  bool dmi_granted(bool write, tlm::tlm_dmi& dmi) {
    tlm::tlm_generic_payload t;
    t.set_command(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    return socket->get_direct_mem_ptr(t, dmi);
  }
};

void run_program(const std::function<void()>& program) {
  sc_core::sc_spawn(program, "program");
  sc_core::sc_start();
}

const sc_core::sc_time kLatency(3, sc_core::SC_NS);

}  // namespace

TEST_CASE("SRAM: reads and writes take its latency, what lies beyond is an address error") {
  Sram sram("sram", 64, kLatency);
  Master master(sram);
  run_program([&] {
    master.access(true, 0, 0x01020304);
    CHECK(master.delay == kLatency);
    CHECK(master.access(false, 0) == 0x01020304);
    CHECK(master.delay == 2 * kLatency);
    CHECK(sram.store().data()[3] == 1);
    master.access(false, 60);
    CHECK(master.status == tlm::TLM_OK_RESPONSE);
    for (std::uint64_t beyond : {std::uint64_t{61}, std::uint64_t{64}, ~std::uint64_t{0}}) {
      master.access(false, beyond);
      CHECK(master.status == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    }
  });
}

TEST_CASE("SRAM: a read-only one refuses writes and write DMI") {
  Sram rom("rom", 64, kLatency, true);
  Master master(rom);
  run_program([&] {
    rom.store().data()[0] = 7;
    master.access(true, 0, 1);
    CHECK(master.status == tlm::TLM_COMMAND_ERROR_RESPONSE);
    CHECK(master.access(false, 0) == 7);
    tlm::tlm_dmi dmi;
    CHECK(master.dmi_granted(false, dmi));
    CHECK(dmi.is_read_allowed());
    CHECK_FALSE(dmi.is_write_allowed());
    tlm::tlm_dmi other;
    CHECK_FALSE(master.dmi_granted(true, other));
  });
}
