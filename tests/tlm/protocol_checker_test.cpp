// Proves that the checker fires: a legal exchange, then every rule broken once.
#include "tlm/observe/protocol_checker.h"

#include <catch2/catch.hpp>

using namespace flexcim;

namespace {

/// Both ends of a connection, driven by hand.
struct Ends : sc_core::sc_module, tlm::tlm_fw_transport_if<>, tlm::tlm_bw_transport_if<>, tlm::tlm_mm_interface {
  tlm::tlm_initiator_socket<> initiator{"initiator"};
  tlm::tlm_target_socket<> target{"target"};
  ProtocolChecker checker{"checker"};
  tlm::tlm_sync_enum answer = tlm::TLM_ACCEPTED;
  bool respond = true;
  unsigned char data[4] = {};

  explicit Ends(sc_core::sc_module_name name = "ends") : sc_module(name) {
    initiator.bind(static_cast<tlm::tlm_bw_transport_if<>&>(*this));
    target.bind(static_cast<tlm::tlm_fw_transport_if<>&>(*this));
    initiator.bind(checker.from_initiator);
    checker.to_target.bind(target);
  }
  void free(tlm::tlm_generic_payload*) override {}
  void b_transport(tlm::tlm_generic_payload& t, sc_core::sc_time& delay) override {
    if (respond) t.set_response_status(tlm::TLM_OK_RESPONSE);
    if (!respond) delay = sc_core::SC_ZERO_TIME;
  }
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload&, tlm::tlm_phase&, sc_core::sc_time&) override {
    return answer;
  }
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload&, tlm::tlm_phase&, sc_core::sc_time&) override {
    return answer;
  }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi&) override { return false; }
  unsigned transport_dbg(tlm::tlm_generic_payload&) override { return 0; }
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

  void prepare(tlm::tlm_generic_payload& t) {
    if (sc_core::sc_get_status() == sc_core::SC_ELABORATION) sc_core::sc_start(sc_core::SC_ZERO_TIME);
    t.set_command(tlm::TLM_READ_COMMAND);
    t.set_data_ptr(data);
    t.set_data_length(4);
    t.set_streaming_width(4);
  }
  void forward(tlm::tlm_generic_payload& t, tlm::tlm_phase phase) {
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    initiator->nb_transport_fw(t, phase, delay);
  }
  void backward(tlm::tlm_generic_payload& t, tlm::tlm_phase phase) {
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    target->nb_transport_bw(t, phase, delay);
  }
  /// One violation more than before, and it is this one.
  void expect(const char* what) {
    REQUIRE(checker.violations().size() == ++expected);
    CHECK_THAT(checker.violations().back(), Catch::Contains(what));
  }
  std::size_t expected = 0;
};

struct Payload : tlm::tlm_generic_payload {
  explicit Payload(Ends& ends) : tlm::tlm_generic_payload(&ends) {
    acquire();
    ends.prepare(*this);
  }
};

}  // namespace

TEST_CASE("Protocol checker: four phases of two overlapping transactions are legal") {
  Ends e;
  Payload a(e), b(e);
  e.forward(a, tlm::BEGIN_REQ);
  e.backward(a, tlm::END_REQ);
  e.forward(b, tlm::BEGIN_REQ);
  a.set_response_status(tlm::TLM_OK_RESPONSE);
  e.backward(a, tlm::BEGIN_RESP);
  e.forward(a, tlm::END_RESP);
  b.set_response_status(tlm::TLM_OK_RESPONSE);
  e.backward(b, tlm::BEGIN_RESP);  // END_REQ implied
  e.forward(b, tlm::END_RESP);
  CHECK(e.checker.violations().empty());
  CHECK(e.checker.under_way() == 0);
}

TEST_CASE("Protocol checker: request exclusion") {
  Ends e;
  Payload a(e), b(e);
  e.forward(a, tlm::BEGIN_REQ);
  e.forward(b, tlm::BEGIN_REQ);
  e.expect("before the END_REQ");
}

TEST_CASE("Protocol checker: response exclusion") {
  Ends e;
  Payload a(e), b(e);
  for (Payload* t : {&a, &b}) {
    e.forward(*t, tlm::BEGIN_REQ);
    e.backward(*t, tlm::END_REQ);
    t->set_response_status(tlm::TLM_OK_RESPONSE);
  }
  e.backward(a, tlm::BEGIN_RESP);
  e.backward(b, tlm::BEGIN_RESP);
  e.expect("before the END_RESP");
}

TEST_CASE("Protocol checker: phases out of order") {
  Ends e;
  Payload a(e), b(e), c(e);
  e.forward(a, tlm::END_RESP);
  e.expect("END_RESP without BEGIN_RESP");
  a.set_response_status(tlm::TLM_OK_RESPONSE);
  e.backward(a, tlm::BEGIN_RESP);
  e.expect("not under way");
  e.forward(b, tlm::BEGIN_REQ);
  e.backward(b, tlm::END_REQ);
  e.backward(b, tlm::END_REQ);
  e.expect("END_REQ twice");
  e.forward(c, tlm::BEGIN_REQ);
  e.backward(c, tlm::END_RESP);
  e.expect("may only send END_REQ and BEGIN_RESP");
  e.forward(c, tlm::END_REQ);
  e.expect("may only send BEGIN_REQ and END_RESP");
}

TEST_CASE("Protocol checker: no response status") {
  Ends e;
  Payload a(e);
  e.forward(a, tlm::BEGIN_REQ);
  e.backward(a, tlm::BEGIN_RESP);
  e.expect("without a response status");
}

TEST_CASE("Protocol checker: attributes change on the way") {
  Ends e;
  Payload a(e);
  e.forward(a, tlm::BEGIN_REQ);
  a.set_response_status(tlm::TLM_OK_RESPONSE);
  a.set_data_length(2);
  e.backward(a, tlm::BEGIN_RESP);
  e.expect("changed on the way");
}

TEST_CASE("Protocol checker: attributes at the start") {
  Ends e;
  const struct {
    void (*spoil)(tlm::tlm_generic_payload&);
    const char* what;
  } cases[] = {
      {[](tlm::tlm_generic_payload& t) { t.set_data_length(0); }, "data length 0"},
      {[](tlm::tlm_generic_payload& t) { t.set_data_ptr(nullptr); }, "no data pointer"},
      {[](tlm::tlm_generic_payload& t) { t.set_streaming_width(0); }, "streaming width 0"},
      {[](tlm::tlm_generic_payload& t) { t.set_response_status(tlm::TLM_OK_RESPONSE); },
       "starts with a response status"},
      {[](tlm::tlm_generic_payload& t) { t.set_dmi_allowed(true); }, "DMI hint"},
      {[](tlm::tlm_generic_payload& t) { t.set_byte_enable_ptr(t.get_data_ptr()); }, "byte enable length 0"},
  };
  for (const auto& test : cases) {
    Payload a(e);
    test.spoil(a);
    e.forward(a, tlm::BEGIN_REQ);
    e.expect(test.what);
    a.set_response_status(tlm::TLM_OK_RESPONSE);
    a.set_dmi_allowed(false);
    e.backward(a, tlm::END_REQ);
    e.backward(a, tlm::BEGIN_RESP);
    e.forward(a, tlm::END_RESP);
  }
}

TEST_CASE("Protocol checker: nb_transport needs a memory manager") {
  Ends e;
  tlm::tlm_generic_payload a;
  e.prepare(a);
  e.forward(a, tlm::BEGIN_REQ);
  e.expect("memory manager");
}

TEST_CASE("Protocol checker: b_transport without response, back in time") {
  Ends e;
  tlm::tlm_generic_payload a;
  e.prepare(a);
  e.respond = false;
  sc_core::sc_time delay(1, sc_core::SC_NS);
  e.initiator->b_transport(a, delay);
  REQUIRE(e.checker.violations().size() == 2);
  CHECK_THAT(e.checker.violations()[0], Catch::Contains("earlier"));
  CHECK_THAT(e.checker.violations()[1], Catch::Contains("without a response status"));
}
