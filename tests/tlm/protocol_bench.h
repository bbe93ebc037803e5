// Both ends of a checked connection, driven by hand: what the checker has to find is done on purpose.
#pragma once

#include "tlm/observe/protocol_checker.h"

#include <catch2/catch.hpp>
#include <deque>
#include <functional>
#include <sysc/kernel/sc_spawn.h>
#include <sysc/kernel/sc_spawn_options.h>

namespace flexcim {

class ProtocolBench : public sc_core::sc_module,
                      private tlm::tlm_fw_transport_if<>,
                      private tlm::tlm_bw_transport_if<>,
                      private tlm::tlm_mm_interface {
 public:
  using NonBlocking = std::function<tlm::tlm_sync_enum(tlm::tlm_generic_payload&, tlm::tlm_phase&, sc_core::sc_time&)>;

  tlm::tlm_initiator_socket<> initiator{"initiator"};
  tlm::tlm_target_socket<> target{"target"};
  ProtocolChecker checker{"checker"};

  // How the two ends answer; as a legal target and initiator unless a test says otherwise.
  std::function<void(tlm::tlm_generic_payload&, sc_core::sc_time&)> on_blocking = [](auto& t, auto&) {
    t.set_response_status(tlm::TLM_OK_RESPONSE);
  };
  NonBlocking on_forward = [](auto&, auto&, auto&) { return tlm::TLM_ACCEPTED; };
  NonBlocking on_backward = [](auto&, auto&, auto&) { return tlm::TLM_ACCEPTED; };
  std::function<bool(tlm::tlm_generic_payload&, tlm::tlm_dmi&)> on_dmi = [](auto&, auto&) { return false; };
  std::function<unsigned(tlm::tlm_generic_payload&)> on_debug = [](auto& t) { return t.get_data_length(); };
  int freed = 0;
  unsigned char data[4] = {1, 2, 3, 4};

  explicit ProtocolBench(const sc_core::sc_module_name& name) : sc_module(name) {
    initiator.bind(static_cast<tlm::tlm_bw_transport_if<>&>(*this));
    target.bind(static_cast<tlm::tlm_fw_transport_if<>&>(*this));
    initiator.bind(checker.from_initiator);
    checker.to_target.bind(target);
  }

  /// A payload for this connection's non-blocking calls, with one reference: a write of 4 bytes.
  class Payload : public tlm::tlm_generic_payload {
   public:
    explicit Payload(ProtocolBench& bench, bool managed = true) {
      if (managed) {
        set_mm(&bench);
        acquire();
      }
      set_command(tlm::TLM_WRITE_COMMAND);
      set_data_ptr(bench.data);
      set_data_length(4);
      set_streaming_width(4);
    }
  };

  tlm::tlm_sync_enum forward(tlm::tlm_generic_payload& t, tlm::tlm_phase phase, double delay_ns = 0) {
    sc_core::sc_time delay(delay_ns, sc_core::SC_NS);
    return initiator->nb_transport_fw(t, phase, delay);
  }
  tlm::tlm_sync_enum backward(tlm::tlm_generic_payload& t, tlm::tlm_phase phase, double delay_ns = 0) {
    sc_core::sc_time delay(delay_ns, sc_core::SC_NS);
    return target->nb_transport_bw(t, phase, delay);
  }
  void blocking(tlm::tlm_generic_payload& t, double delay_ns = 0) {
    sc_core::sc_time delay(delay_ns, sc_core::SC_NS);
    initiator->b_transport(t, delay);
  }

  /// Exactly one rule was broken, that one.
  void expect(const std::string& clause, const std::string& what) {
    REQUIRE(checker.violations().size() == 1);
    CHECK_THAT(checker.violations().front(),
               Catch::Contains(what) && Catch::EndsWith("(IEEE 1666-2011, " + clause + ")"));
  }
  void expect_legal() {
    for (const std::string& violation : checker.violations()) UNSCOPED_INFO(violation);
    CHECK(checker.violations().empty());
    CHECK(checker.under_way() == 0);
  }

 private:
  void b_transport(tlm::tlm_generic_payload& t, sc_core::sc_time& delay) override { on_blocking(t, delay); }
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& t, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override {
    return on_forward(t, phase, delay);
  }
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& t, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override {
    return on_backward(t, phase, delay);
  }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& t, tlm::tlm_dmi& dmi) override { return on_dmi(t, dmi); }
  unsigned transport_dbg(tlm::tlm_generic_payload& t) override { return on_debug(t); }
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}
  void free(tlm::tlm_generic_payload*) override { ++freed; }
};

/// An unused bench. They are made together, since modules are made before the simulation starts and every section of a
/// test case wants its own.
inline ProtocolBench& fresh_bench() {
  static auto* const benches = new std::deque<ProtocolBench>;
  static std::size_t used = 0;
  if (benches->empty()) {
    for (int i = 0; i < 16; ++i) benches->emplace_back(sc_core::sc_gen_unique_name("bench"));
    sc_core::sc_report_handler::set_actions(ProtocolChecker::message_type, sc_core::SC_DO_NOTHING);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }
  return benches->at(used++);
}

}  // namespace flexcim
