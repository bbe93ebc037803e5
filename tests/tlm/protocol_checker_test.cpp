// Proves that the checker fires on blocking transport, DMI and debug: what is legal, then every rule broken once.
#include "tests/tlm/protocol_bench.h"

using namespace flexcim;

namespace {

using Payload = ProtocolBench::Payload;

const sc_core::sc_time one_ns(1, sc_core::SC_NS);

/// Asks for DMI at 0x100 with a target that grants [first, last].
void request_dmi(ProtocolBench& bench, sc_dt::uint64 first, sc_dt::uint64 last, unsigned char* pointer,
                 tlm::tlm_dmi::dmi_access_e access, tlm::tlm_dmi dmi = {}) {
  bench.on_dmi = [=](auto&, tlm::tlm_dmi& granted) {
    granted.set_start_address(first);
    granted.set_end_address(last);
    granted.set_dmi_ptr(pointer);
    granted.set_granted_access(access);
    return true;
  };
  Payload t(bench, false);
  t.set_address(0x100);
  bench.initiator->get_direct_mem_ptr(t, dmi);
}

}  // namespace

TEST_CASE("Protocol checker: blocking transport with a growing delay or a wait is legal") {
  ProtocolBench& bench = fresh_bench();
  bench.on_blocking = [](auto& t, auto& delay) {
    delay += one_ns;
    t.set_response_status(tlm::TLM_OK_RESPONSE);
  };
  Payload t(bench, false);
  bench.blocking(t, 3);
  bench.on_blocking = [](auto& u, auto& delay) {
    sc_core::wait(delay + one_ns);
    delay = sc_core::SC_ZERO_TIME;
    u.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
  };
  t.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  sc_core::sc_spawn([&] { bench.blocking(t, 3); });
  sc_core::sc_start();
  bench.expect_legal();
}

TEST_CASE("Protocol checker: two payloads in b_transport at a time are legal, one twice is not") {
  ProtocolBench& bench = fresh_bench();
  Payload a(bench, false), b(bench, false);
  bench.on_blocking = [](auto& t, auto&) {
    sc_core::wait(one_ns);
    t.set_response_status(tlm::TLM_OK_RESPONSE);
  };
  sc_core::sc_spawn([&] { bench.blocking(a); });
  sc_core::sc_spawn([&] { bench.blocking(b); });
  sc_core::sc_start();
  bench.expect_legal();

  a.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  sc_core::sc_spawn([&] { bench.blocking(a); });
  sc_core::sc_spawn([&] { bench.blocking(a); });
  sc_core::sc_start();
  bench.expect("15.2.10", "b_transport of a payload that is in b_transport");
}

TEST_CASE("Protocol checker: b_transport that goes back in time") {
  ProtocolBench& bench = fresh_bench();
  bench.on_blocking = [](auto& t, auto& delay) {
    delay = sc_core::SC_ZERO_TIME;
    t.set_response_status(tlm::TLM_OK_RESPONSE);
  };
  Payload t(bench, false);
  bench.blocking(t, 1);
  bench.expect("11.1.3", "b_transport returned before it was called");
}

TEST_CASE("Protocol checker: b_transport without a response status") {
  ProtocolBench& bench = fresh_bench();
  bench.on_blocking = [](auto&, auto&) {};
  Payload t(bench, false);
  bench.blocking(t);
  bench.expect("14.17", "b_transport returned without a response status");
}

TEST_CASE("Protocol checker: b_transport that changes what is not its own") {
  ProtocolBench& bench = fresh_bench();
  bench.on_blocking = [](auto& t, auto&) {
    t.get_data_ptr()[0] = 77;
    t.set_response_status(tlm::TLM_OK_RESPONSE);
  };
  Payload t(bench, false);
  SECTION("the data of a write") {
    bench.blocking(t);
    bench.expect("14.7", "the data of a write were changed");
  }
  SECTION("the data of a read are") {
    t.set_command(tlm::TLM_READ_COMMAND);
    bench.blocking(t);
    bench.expect_legal();
  }
}

TEST_CASE("Protocol checker: b_transport from a method process") {
  ProtocolBench& bench = fresh_bench();
  Payload t(bench, false);
  sc_core::sc_spawn_options method;
  method.spawn_method();
  sc_core::sc_spawn([&] { bench.blocking(t); }, "method", &method);
  sc_core::sc_start();
  bench.expect("11.1.1", "b_transport called from a method process");
}

TEST_CASE("Protocol checker: one payload in both kinds of transport") {
  ProtocolBench& bench = fresh_bench();
  Payload t(bench);
  SECTION("blocking inside a sequence of phases") {
    bench.forward(t, tlm::BEGIN_REQ);
    bench.blocking(t);
    bench.expect("15.2.10", "b_transport of a payload that is under way in nb_transport");
  }
  SECTION("a request inside a blocking call") {
    bench.on_blocking = [&](auto& u, auto&) {
      bench.forward(t, tlm::BEGIN_REQ);
      u.set_response_status(tlm::TLM_OK_RESPONSE);
    };
    bench.blocking(t);
    bench.expect("15.2.10", "BEGIN_REQ of a payload that is in b_transport");
  }
}

TEST_CASE("Protocol checker: attributes at the start, blocking or not") {
  ProtocolBench& bench = fresh_bench();
  Payload t(bench);
  std::string clause, what;
  SECTION("data pointer") { t.set_data_ptr(nullptr), clause = "14.11", what = "null data pointer"; }
  SECTION("data length") { t.set_data_length(0), clause = "14.12", what = "data length 0"; }
  SECTION("byte enables") { t.set_byte_enable_ptr(bench.data), clause = "14.14", what = "byte enables of length 0"; }
  SECTION("byte enable") {
    unsigned char enables[2] = {0xFF, 1};
    t.set_byte_enable_ptr(enables), t.set_byte_enable_length(2);
    bench.blocking(t);
    return bench.expect("14.13", "neither 0 nor 0xFF");
  }
  SECTION("streaming width") { t.set_streaming_width(0), clause = "14.15", what = "streaming width 0"; }
  SECTION("DMI hint") { t.set_dmi_allowed(true), clause = "14.16", what = "DMI hint"; }
  SECTION("response") { t.set_response_status(tlm::TLM_OK_RESPONSE), clause = "14.17", what = "TLM_OK_RESPONSE"; }
  SECTION("option") { t.set_gp_option(tlm::TLM_FULL_PAYLOAD), clause = "14.8", what = "option"; }
  SECTION("blocking") {
    bench.blocking(t);
    t.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE), clause = "14.17", what = "TLM_GENERIC_ERROR_RESPONSE";
    bench.blocking(t);
    return bench.expect(clause, what);
  }
  bench.forward(t, tlm::BEGIN_REQ);
  bench.expect(clause, what);
}

TEST_CASE("Protocol checker: a command that moves no data needs none") {
  ProtocolBench& bench = fresh_bench();
  Payload t(bench, false);
  t.set_command(tlm::TLM_IGNORE_COMMAND);
  t.set_data_ptr(nullptr);
  t.set_data_length(0);
  bench.blocking(t);
  bench.expect_legal();
}

TEST_CASE("Protocol checker: DMI granted and denied") {
  ProtocolBench& bench = fresh_bench();
  request_dmi(bench, 0x100, 0x1FF, bench.data, tlm::tlm_dmi::DMI_ACCESS_READ_WRITE);
  bench.on_dmi = [](auto&, auto&) { return false; };
  Payload t(bench, false);
  tlm::tlm_dmi dmi;
  CHECK_FALSE(bench.initiator->get_direct_mem_ptr(t, dmi));
  bench.target->invalidate_direct_mem_ptr(0, 0);
  bench.expect_legal();
}

TEST_CASE("Protocol checker: DMI that cannot be used") {
  ProtocolBench& bench = fresh_bench();
  const auto both = tlm::tlm_dmi::DMI_ACCESS_READ_WRITE;
  SECTION("no pointer") {
    request_dmi(bench, 0, 0x1FF, nullptr, both);
    bench.expect("11.2.5", "null pointer");
  }
  SECTION("not the command") {
    request_dmi(bench, 0, 0x1FF, bench.data, tlm::tlm_dmi::DMI_ACCESS_READ);
    bench.expect("11.2.5", "not for the requested command");
  }
  SECTION("another region") {
    request_dmi(bench, 0, 0xFF, bench.data, both);
    bench.expect("11.2.5", "without the requested address");
  }
  SECTION("no region") {
    request_dmi(bench, 0x1FF, 0x100, bench.data, both);
    bench.expect("11.2.5", "ends before it starts");
  }
  SECTION("a descriptor used before") {
    tlm::tlm_dmi used;
    used.set_end_address(0x1FF);
    request_dmi(bench, 0, 0x1FF, bench.data, both, used);
    bench.expect("11.2.5", "not at its defaults");
  }
  SECTION("an invalidation of nothing") {
    bench.target->invalidate_direct_mem_ptr(2, 1);
    bench.expect("11.2", "ends before it starts");
  }
}

TEST_CASE("Protocol checker: debug") {
  ProtocolBench& bench = fresh_bench();
  Payload t(bench, false);
  SECTION("all bytes or none are legal") {
    CHECK(bench.initiator->transport_dbg(t) == 4);
    bench.on_debug = [](auto&) { return 0u; };
    CHECK(bench.initiator->transport_dbg(t) == 0);
    bench.expect_legal();
  }
  SECTION("too many bytes") {
    bench.on_debug = [](auto&) { return 5u; };
    bench.initiator->transport_dbg(t);
    bench.expect("11.3", "more bytes");
  }
  SECTION("no pointer") {
    t.set_data_ptr(nullptr);
    bench.initiator->transport_dbg(t);
    bench.expect("11.3.4", "null data pointer");
  }
  SECTION("time") {
    bench.on_debug = [](auto&) { return sc_core::wait(one_ns), 4u; };
    sc_core::sc_spawn([&] { bench.initiator->transport_dbg(t); });
    sc_core::sc_start();
    bench.expect("11.3", "took simulated time");
  }
}

TEST_CASE("Protocol checker: a violation ends a simulation that does not ask for it") {
  ProtocolBench& bench = fresh_bench();
  sc_core::sc_report_handler::set_actions(ProtocolChecker::message_type, sc_core::SC_UNSPECIFIED);
  bench.on_blocking = [](auto&, auto&) {};
  Payload t(bench, false);
  CHECK_THROWS_WITH(bench.blocking(t), Catch::Contains("bench_0.checker at 0 s: address 0x0: b_transport returned") &&
                                           Catch::Contains("IEEE 1666-2011, 14.17"));
}
