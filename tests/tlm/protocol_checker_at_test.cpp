// Proves that the checker fires on the approximately-timed rules: what is legal, then every rule broken once.
#include "tests/tlm/protocol_bench.h"

using namespace flexcim;

namespace {

using Payload = ProtocolBench::Payload;

/// A bench whose target answers a call of nb_transport_fw with `result`, and `phase` where that is an update.
void answer(ProtocolBench::NonBlocking& side, tlm::tlm_sync_enum result, tlm::tlm_phase phase = tlm::BEGIN_REQ) {
  side = [result, phase](auto& t, auto& p, auto&) {
    if (result == tlm::TLM_UPDATED) p = phase;
    if (result == tlm::TLM_COMPLETED || phase == tlm::BEGIN_RESP) t.set_response_status(tlm::TLM_OK_RESPONSE);
    return result;
  };
}

void respond(ProtocolBench& bench, Payload& t, double delay_ns = 0) {
  t.set_response_status(tlm::TLM_OK_RESPONSE);
  bench.backward(t, tlm::BEGIN_RESP, delay_ns);
}

}  // namespace

TEST_CASE("Protocol checker, AT: four phases of two overlapping transactions are legal, END_REQ may be implied") {
  ProtocolBench& bench = fresh_bench();
  Payload a(bench), b(bench);
  bench.forward(a, tlm::BEGIN_REQ);
  bench.backward(a, tlm::END_REQ);
  bench.forward(b, tlm::BEGIN_REQ);
  respond(bench, a);
  bench.forward(a, tlm::END_RESP);
  CHECK(bench.checker.under_way() == 1);
  respond(bench, b);  // END_REQ implied
  bench.forward(b, tlm::END_RESP);
  bench.expect_legal();
}

TEST_CASE("Protocol checker, AT: responses may overtake each other") {
  ProtocolBench& bench = fresh_bench();
  Payload a(bench), b(bench);
  for (Payload* t : {&a, &b}) {
    bench.forward(*t, tlm::BEGIN_REQ);
    bench.backward(*t, tlm::END_REQ);
  }
  for (Payload* t : {&b, &a}) {
    respond(bench, *t);
    bench.forward(*t, tlm::END_RESP);
  }
  bench.expect_legal();
}

TEST_CASE("Protocol checker, AT: answers on the return path are legal, and so is the next use of the payload") {
  ProtocolBench& bench = fresh_bench();
  Payload a(bench);
  SECTION("the target completes at once") {
    answer(bench.on_forward, tlm::TLM_COMPLETED);
    bench.forward(a, tlm::BEGIN_REQ);
  }
  SECTION("BEGIN_RESP updates BEGIN_REQ, the initiator answers by END_RESP") {
    answer(bench.on_forward, tlm::TLM_UPDATED, tlm::BEGIN_RESP);
    bench.forward(a, tlm::BEGIN_REQ);
    answer(bench.on_forward, tlm::TLM_COMPLETED);
    bench.forward(a, tlm::END_RESP);
  }
  SECTION("END_REQ updates BEGIN_REQ, END_RESP updates BEGIN_RESP") {
    answer(bench.on_forward, tlm::TLM_UPDATED, tlm::END_REQ);
    answer(bench.on_backward, tlm::TLM_UPDATED, tlm::END_RESP);
    bench.forward(a, tlm::BEGIN_REQ);
    respond(bench, a);
  }
  SECTION("the initiator completes at BEGIN_RESP") {
    answer(bench.on_backward, tlm::TLM_COMPLETED);
    bench.forward(a, tlm::BEGIN_REQ);
    respond(bench, a);
  }
  bench.expect_legal();

  a.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  answer(bench.on_forward, tlm::TLM_COMPLETED);
  bench.forward(a, tlm::BEGIN_REQ);
  bench.expect_legal();
}

TEST_CASE("Protocol checker, AT: an error response, a translated address, the data of a read are legal") {
  ProtocolBench& bench = fresh_bench();
  Payload a(bench);
  a.set_command(tlm::TLM_READ_COMMAND);
  bench.forward(a, tlm::BEGIN_REQ, 5);
  a.set_address(0x1000);
  bench.data[0] = 99;
  a.set_dmi_allowed(true);
  a.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  bench.backward(a, tlm::BEGIN_RESP, 5);
  bench.forward(a, tlm::END_RESP, 7);
  bench.expect_legal();
}

TLM_DECLARE_EXTENDED_PHASE(own_phase);

TEST_CASE("Protocol checker, AT: phases of other protocols are let by") {
  ProtocolBench& bench = fresh_bench();
  Payload a(bench);
  bench.forward(a, tlm::BEGIN_REQ);
  bench.forward(a, own_phase);
  bench.backward(a, own_phase);
  respond(bench, a);
  bench.forward(a, tlm::END_RESP);
  bench.expect_legal();
}

TEST_CASE("Protocol checker, AT: an initiator that frees its payload inside the call is legal") {
  ProtocolBench& bench = fresh_bench();
  Payload a(bench);
  bench.on_backward = [&](auto& t, auto&, auto&) {
    t.release();
    CHECK(bench.freed == 0);  // the checker still needs it
    return tlm::TLM_COMPLETED;
  };
  bench.forward(a, tlm::BEGIN_REQ);
  respond(bench, a);
  CHECK(bench.freed == 1);
  bench.expect_legal();
}

TEST_CASE("Protocol checker, AT: request exclusion") {
  ProtocolBench& bench = fresh_bench();
  Payload a(bench), b(bench);
  bench.forward(a, tlm::BEGIN_REQ);
  bench.forward(b, tlm::BEGIN_REQ);
  bench.expect("15.2.6", "BEGIN_REQ before the request before has ended");
}

TEST_CASE("Protocol checker, AT: response exclusion") {
  ProtocolBench& bench = fresh_bench();
  Payload a(bench), b(bench);
  for (Payload* t : {&a, &b}) {
    bench.forward(*t, tlm::BEGIN_REQ);
    bench.backward(*t, tlm::END_REQ);
  }
  respond(bench, a);
  respond(bench, b);
  bench.expect("15.2.6", "BEGIN_RESP before the response before has ended");
}

TEST_CASE("Protocol checker, AT: phases out of order") {
  ProtocolBench& bench = fresh_bench();
  Payload a(bench);
  SECTION("END_RESP without a request") {
    bench.forward(a, tlm::END_RESP);
    bench.expect("15.2.4", "END_RESP without BEGIN_RESP");
  }
  SECTION("END_RESP without a response") {
    bench.forward(a, tlm::BEGIN_REQ);
    bench.backward(a, tlm::END_REQ);
    bench.forward(a, tlm::END_RESP);
    bench.expect("15.2.4", "END_RESP without BEGIN_RESP");
  }
  SECTION("END_REQ without a request") {
    bench.backward(a, tlm::END_REQ);
    bench.expect("15.2.4", "END_REQ without BEGIN_REQ");
  }
  SECTION("BEGIN_RESP without a request") {
    respond(bench, a);
    bench.expect("15.2.4", "BEGIN_RESP without BEGIN_REQ");
  }
  SECTION("END_REQ twice") {
    bench.forward(a, tlm::BEGIN_REQ);
    bench.backward(a, tlm::END_REQ);
    bench.backward(a, tlm::END_REQ);
    bench.expect("15.2.4", "END_REQ twice or after BEGIN_RESP");
  }
  SECTION("BEGIN_RESP twice") {
    bench.forward(a, tlm::BEGIN_REQ);
    respond(bench, a);
    respond(bench, a);
    bench.expect("15.2.4", "BEGIN_RESP twice");
  }
  SECTION("END_RESP twice") {
    bench.forward(a, tlm::BEGIN_REQ);
    respond(bench, a);
    bench.forward(a, tlm::END_RESP);
    bench.forward(a, tlm::END_RESP);
    bench.expect("15.2.4", "END_RESP without BEGIN_RESP");
  }
  SECTION("END_REQ answered by the end of the transaction") {
    bench.forward(a, tlm::BEGIN_REQ);
    answer(bench.on_backward, tlm::TLM_COMPLETED);
    bench.backward(a, tlm::END_REQ);
    bench.expect("15.2.4", "END_REQ answered by TLM_COMPLETED");
  }
  SECTION("END_RESP answered by another phase") {
    bench.forward(a, tlm::BEGIN_REQ);
    respond(bench, a);
    answer(bench.on_forward, tlm::TLM_UPDATED, tlm::END_REQ);
    bench.forward(a, tlm::END_RESP);
    bench.expect("15.2.4", "END_RESP answered by another phase");
  }
  SECTION("a payload reused before its end") {
    bench.forward(a, tlm::BEGIN_REQ);
    bench.backward(a, tlm::END_REQ);
    bench.forward(a, tlm::BEGIN_REQ);
    bench.expect("15.2.4", "BEGIN_REQ of a payload that is under way");
  }
}

TEST_CASE("Protocol checker, AT: phases on the wrong path") {
  ProtocolBench& bench = fresh_bench();
  Payload a(bench);
  bench.forward(a, tlm::BEGIN_REQ);
  SECTION("END_REQ forward") {
    bench.forward(a, tlm::END_REQ);
    bench.expect("15.2.3", "END_REQ from an initiator");
  }
  SECTION("BEGIN_RESP forward") {
    bench.forward(a, tlm::BEGIN_RESP);
    bench.expect("15.2.3", "BEGIN_RESP from an initiator");
  }
  SECTION("END_RESP backward") {
    bench.backward(a, tlm::END_RESP);
    bench.expect("15.2.3", "END_RESP from a target");
  }
  SECTION("BEGIN_REQ backward") {
    bench.backward(a, tlm::BEGIN_REQ);
    bench.expect("15.2.3", "BEGIN_REQ from a target");
  }
  SECTION("END_REQ as the answer to BEGIN_RESP") {
    answer(bench.on_backward, tlm::TLM_UPDATED, tlm::END_REQ);
    respond(bench, a);
    bench.expect("15.2.3", "END_REQ from an initiator");
  }
}

TEST_CASE("Protocol checker, AT: no response status") {
  ProtocolBench& bench = fresh_bench();
  Payload a(bench);
  SECTION("at BEGIN_RESP") {
    bench.forward(a, tlm::BEGIN_REQ);
    bench.backward(a, tlm::BEGIN_RESP);
    bench.expect("14.17", "BEGIN_RESP without a response status");
  }
  SECTION("at TLM_COMPLETED") {
    bench.on_forward = [](auto&, auto&, auto&) { return tlm::TLM_COMPLETED; };
    bench.forward(a, tlm::BEGIN_REQ);
    bench.expect("14.17", "TLM_COMPLETED without a response status");
  }
}

TEST_CASE("Protocol checker, AT: memory management") {
  ProtocolBench& bench = fresh_bench();
  SECTION("no manager") {
    Payload a(bench, false);
    bench.forward(a, tlm::BEGIN_REQ);
    bench.expect("14.5", "without a memory manager");
  }
  SECTION("no reference") {
    Payload a(bench);
    a.release();
    bench.forward(a, tlm::BEGIN_REQ);
    bench.expect("14.5", "without a reference");
  }
}

TEST_CASE("Protocol checker, AT: time runs backwards") {
  ProtocolBench& bench = fresh_bench();
  Payload a(bench);
  bench.forward(a, tlm::BEGIN_REQ, 10);
  SECTION("between request and response") {
    respond(bench, a, 9);
    bench.expect("15.2.7", "a phase for 9 ns after one for 10 ns");
  }
  SECTION("between response and its end") {
    respond(bench, a, 12);
    bench.forward(a, tlm::END_RESP, 11);
    bench.expect("15.2.7", "a phase for 11 ns after one for 12 ns");
  }
}

TEST_CASE("Protocol checker, AT: TLM_ACCEPTED leaves phase and delay alone") {
  ProtocolBench& bench = fresh_bench();
  Payload a(bench);
  SECTION("phase, forward") {
    bench.on_forward = [](auto&, auto& phase, auto&) { return phase = tlm::END_REQ, tlm::TLM_ACCEPTED; };
    bench.forward(a, tlm::BEGIN_REQ);
  }
  SECTION("delay, forward") {
    bench.on_forward = [](auto&, auto&, auto& delay) {
      delay += sc_core::sc_time(1, sc_core::SC_NS);
      return tlm::TLM_ACCEPTED;
    };
    bench.forward(a, tlm::BEGIN_REQ);
  }
  SECTION("phase, backward") {
    bench.on_backward = [](auto&, auto& phase, auto&) { return phase = tlm::END_RESP, tlm::TLM_ACCEPTED; };
    bench.forward(a, tlm::BEGIN_REQ);
    respond(bench, a);
  }
  bench.expect("11.1.2", "TLM_ACCEPTED with a changed phase or delay");
}

TEST_CASE("Protocol checker, AT: nb_transport takes no time") {
  ProtocolBench& bench = fresh_bench();
  Payload a(bench);
  bench.on_forward = [](auto&, auto&, auto&) {
    sc_core::wait(sc_core::SC_ZERO_TIME);
    return tlm::TLM_ACCEPTED;
  };
  sc_core::sc_spawn([&] { bench.forward(a, tlm::BEGIN_REQ); });
  sc_core::sc_start();
  bench.expect("11.1.2", "nb_transport_fw took simulated time");
}

TEST_CASE("Protocol checker, AT: attributes change between phases") {
  ProtocolBench& bench = fresh_bench();
  Payload a(bench);
  unsigned char enables[4] = {0xFF, 0xFF, 0, 0};
  a.set_byte_enable_ptr(enables);
  a.set_byte_enable_length(4);
  bench.forward(a, tlm::BEGIN_REQ);
  a.set_response_status(tlm::TLM_OK_RESPONSE);
  std::string what;
  SECTION("command") { a.set_command(tlm::TLM_READ_COMMAND), what = "the command"; }
  SECTION("data pointer") { a.set_data_ptr(enables), what = "the data pointer"; }
  SECTION("data length") { a.set_data_length(2), what = "the data length"; }
  SECTION("byte enable pointer") { a.set_byte_enable_ptr(nullptr), what = "the byte enable pointer"; }
  SECTION("byte enable length") { a.set_byte_enable_length(2), what = "the byte enable length"; }
  SECTION("streaming width") { a.set_streaming_width(2), what = "the streaming width"; }
  SECTION("data of a write") { ++bench.data[3], what = "the data of a write"; }
  SECTION("byte enables") { enables[3] = 0xFF, what = "the byte enables"; }
  bench.backward(a, tlm::BEGIN_RESP);
  REQUIRE_FALSE(bench.checker.violations().empty());
  CHECK_THAT(bench.checker.violations().front(), Catch::Contains(what) && Catch::Contains("14.7"));
}

TEST_CASE("Protocol checker, AT: the option changes between phases") {
  ProtocolBench& bench = fresh_bench();
  Payload a(bench);
  bench.forward(a, tlm::BEGIN_REQ);
  a.set_gp_option(tlm::TLM_FULL_PAYLOAD_ACCEPTED);
  respond(bench, a);
  bench.expect("14.8", "the option was changed");
}

TEST_CASE("Protocol checker, AT: a change by the target is found in the call that makes it") {
  ProtocolBench& bench = fresh_bench();
  Payload a(bench);
  bench.on_forward = [](auto& t, auto&, auto&) {
    t.set_streaming_width(1);
    t.set_response_status(tlm::TLM_OK_RESPONSE);
    return tlm::TLM_COMPLETED;
  };
  bench.forward(a, tlm::BEGIN_REQ);
  bench.expect("14.7", "the streaming width was changed");
}
