#include "tlm/observe/transaction_recorder.h"

#include "tests/tlm/at_initiator.h"
#include "tests/tlm/device_bench.h"
#include "tlm/observe/protocol_checker.h"
#include "tlm/peripherals/uart.h"

#include <sstream>

using namespace flexcim;

namespace {

using Kind = TransactionRecord::Kind;

/// A target that answers as it is told.
struct Target : sc_core::sc_module, private tlm::tlm_fw_transport_if<> {
  tlm::tlm_target_socket<> socket{"socket"};
  std::function<tlm::tlm_sync_enum(tlm::tlm_generic_payload&, tlm::tlm_phase&, sc_core::sc_time&)> answer;

  explicit Target(const sc_core::sc_module_name& name) : sc_module(name) { socket.bind(*this); }

 private:
  void b_transport(tlm::tlm_generic_payload& t, sc_core::sc_time& delay) override {
    delay += ns(7);
    t.set_address(0);
    t.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  }
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& t, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override {
    return answer(t, phase, delay);
  }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi&) override { return false; }
  unsigned transport_dbg(tlm::tlm_generic_payload& t) override { return t.get_data_length() / 2; }
};

/// An AT initiator, a recorder, a target; the checker sees that the recorder changes nothing.
struct RecorderBench {
  std::vector<TransactionRecord> records;
  test::AtInitiator initiator{"initiator"};
  TransactionRecorder recorder{"recorder", [this](const TransactionRecord& r) { records.push_back(r); }};
  ProtocolChecker checker{"checker"};
  Target target{"target"};

  RecorderBench() {
    initiator.socket.bind(recorder.from_initiator);
    recorder.to_target.bind(checker.from_initiator);
    checker.to_target.bind(target.socket);
  }
  void expect(const std::vector<double>& begin_accepted_responded_end) {
    REQUIRE(records.size() == 1);
    const TransactionRecord& r = records.front();
    CHECK(r.connection == "recorder");
    CHECK(r.kind == Kind::non_blocking);
    CHECK(r.command == tlm::TLM_WRITE_COMMAND);
    CHECK(r.address == 0x40);
    CHECK(r.bytes == 16);
    CHECK(r.status == tlm::TLM_OK_RESPONSE);
    CHECK(std::vector{r.begin, r.accepted, r.responded, r.end} ==
          std::vector{ns(begin_accepted_responded_end[0]), ns(begin_accepted_responded_end[1]),
                      ns(begin_accepted_responded_end[2]), ns(begin_accepted_responded_end[3])});
    CHECK(recorder.under_way() == 0);
    CHECK(checker.under_way() == 0);
  }
};

}  // namespace

TEST_CASE("Transaction recorder: the four phases of a non-blocking transaction") {
  RecorderBench bench;
  bench.initiator.add(10'000, true, 0x40, 16);
  bench.initiator.hold_response_ps = 4'000;
  tlm::tlm_generic_payload* request = nullptr;
  bench.target.answer = [&](auto& t, auto& phase, auto&) {
    if (phase == tlm::BEGIN_REQ) request = &t;
    return tlm::TLM_ACCEPTED;
  };
  simulate([&] {
    const auto send = [&](tlm::tlm_phase phase) {
      sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
      bench.target.socket->nb_transport_bw(*request, phase, delay);
    };
    at(ns(12));
    send(tlm::END_REQ);
    at(ns(20));
    CHECK(bench.recorder.under_way() == 1);
    request->set_response_status(tlm::TLM_OK_RESPONSE);
    send(tlm::BEGIN_RESP);
  });
  bench.expect({10, 12, 20, 20 + 4});
}

TEST_CASE("Transaction recorder: an initiator that completes at BEGIN_RESP, which implies END_REQ") {
  RecorderBench bench;
  bench.initiator.add(10'000, true, 0x40, 16);
  tlm::tlm_generic_payload* request = nullptr;
  bench.target.answer = [&](auto& t, auto&, auto&) { return request = &t, tlm::TLM_ACCEPTED; };
  simulate([&] {
    at(ns(20));
    request->set_response_status(tlm::TLM_OK_RESPONSE);
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time delay = ns(1);
    bench.target.socket->nb_transport_bw(*request, phase, delay);
  });
  bench.expect({10, 20 + 1, 20 + 1, 20 + 1});
}

TEST_CASE("Transaction recorder: a target that completes at BEGIN_REQ") {
  RecorderBench bench;
  bench.initiator.add(10'000, true, 0x40, 16);
  bench.target.answer = [](auto& t, auto&, auto& delay) {
    delay += ns(3);
    t.set_response_status(tlm::TLM_OK_RESPONSE);
    return tlm::TLM_COMPLETED;
  };
  sc_core::sc_start();
  bench.expect({10, 10 + 3, 10 + 3, 10 + 3});
}

TEST_CASE("Transaction recorder: a target that accepts on the return path") {
  RecorderBench bench;
  bench.initiator.add(10'000, true, 0x40, 16);
  tlm::tlm_generic_payload* request = nullptr;
  bench.target.answer = [&](auto& t, auto& phase, auto& delay) {
    request = &t;
    phase = tlm::END_REQ;
    delay += ns(2);
    return tlm::TLM_UPDATED;
  };
  simulate([&] {
    at(ns(20));
    request->set_response_status(tlm::TLM_OK_RESPONSE);
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    bench.target.socket->nb_transport_bw(*request, phase, delay);
  });
  bench.expect({10, 10 + 2, 20, 20});
}

TEST_CASE("Transaction recorder: an initiator that ends the response on the return path") {
  struct Initiator : sc_core::sc_module, tlm::tlm_bw_transport_if<> {
    tlm::tlm_initiator_socket<> socket{"socket"};
    explicit Initiator(const sc_core::sc_module_name& name) : sc_module(name) { socket.bind(*this); }
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload&, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay) override {
      phase = tlm::END_RESP;
      delay += ns(6);
      return tlm::TLM_UPDATED;
    }
    void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}
  } initiator("initiator");
  std::vector<TransactionRecord> records;
  TransactionRecorder recorder("recorder", [&](const TransactionRecord& r) { records.push_back(r); });
  Target target("target");
  initiator.socket.bind(recorder.from_initiator);
  recorder.to_target.bind(target.socket);
  target.answer = [](auto&, auto&, auto&) { return tlm::TLM_ACCEPTED; };
  simulate([&] {
    tlm::tlm_generic_payload t;
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    initiator.socket->nb_transport_fw(t, phase, delay);
    at(ns(20));
    phase = tlm::BEGIN_RESP;
    target.socket->nb_transport_bw(t, phase, delay);
  });
  REQUIRE(records.size() == 1);
  CHECK(records.front().responded == ns(20));
  CHECK(records.front().end == ns(20 + 6));
}

TEST_CASE("Transaction recorder: blocking and debug, address as the initiator gave it, errors") {
  RecorderBench bench;
  unsigned char data[8] = {};
  tlm::tlm_generic_payload t;
  t.set_command(tlm::TLM_READ_COMMAND);
  t.set_address(0x123);
  t.set_data_ptr(data);
  t.set_data_length(8);
  t.set_streaming_width(8);
  simulate([&] {
    at(ns(5));
    sc_core::sc_time delay = ns(1);
    bench.initiator.socket->b_transport(t, delay);
    CHECK(delay == ns(1 + 7));
    t.set_address(0x200);
    CHECK(bench.initiator.socket->transport_dbg(t) == 4);
  });
  REQUIRE(bench.records.size() == 2);
  const TransactionRecord& blocking = bench.records[0];
  CHECK(blocking.kind == Kind::blocking);
  CHECK(blocking.address == 0x123);
  CHECK(blocking.begin == ns(5 + 1));
  CHECK(blocking.accepted == ns(5 + 1));
  CHECK(blocking.responded == ns(5 + 1 + 7));
  CHECK(blocking.end == ns(5 + 1 + 7));
  CHECK(blocking.status == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  const TransactionRecord& debug = bench.records[1];
  CHECK(debug.kind == Kind::debug);
  CHECK(debug.address == 0x200);
  CHECK(debug.end == ns(5));
  CHECK(debug.status == tlm::TLM_GENERIC_ERROR_RESPONSE);
}

TEST_CASE("Transaction recorder: lines of CSV") {
  std::ostringstream csv, output;
  DeviceBus bus;
  TransactionRecorder recorder("recorder", TransactionCsv(csv));
  Uart uart("uart", ns(10), output);
  LineLog interrupt("interrupt");
  bus.connect(recorder.from_initiator);
  recorder.to_target.bind(uart.socket);
  uart.interrupt.bind(interrupt.line);
  simulate([&] {
    at(ns(1.5));
    bus.write(Uart::ie, 3);
    CHECK(bus.try_read(0x40) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    bus.peek(Uart::div);
  });
  CHECK(csv.str() ==
        "connection,kind,command,address,bytes,begin_ps,accepted_ps,responded_ps,end_ps,status\n"
        "recorder,blocking,write,0x10,4,1500,1500,1500,1500,TLM_OK_RESPONSE\n"
        "recorder,blocking,read,0x40,4,1500,1500,1500,1500,TLM_ADDRESS_ERROR_RESPONSE\n"
        "recorder,debug,read,0x18,4,1500,1500,1500,1500,TLM_OK_RESPONSE\n");
}
