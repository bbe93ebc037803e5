// Checks the TLM-2.0 base protocol on one connection. Clauses are those of IEEE 1666-2011.
#pragma once

#include "tlm/observe/interposer.h"
#include "tlm/observe/payload_rules.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace flexcim {

/// Every violation is one sentence that names the rule's clause; it is kept, and reported as a SystemC error of type
/// `message_type`, which throws unless the report handler says otherwise. Rules:
///   attributes   what a transaction begins with (14.8, 14.11 to 14.17), what stays as it was (14.7)
///   memory       nb_transport only with a memory manager and a reference (14.5)
///   paths        BEGIN_REQ, END_RESP forward, END_REQ, BEGIN_RESP backward (15.2.3)
///   order        BEGIN_REQ, END_REQ (may be implied), BEGIN_RESP, END_RESP (15.2.4); other phases are let by (15.2.5)
///   exclusion    one request and one response at a time (15.2.6)
///   time         effective local time of a transaction never runs backwards (11.1.3, 15.2.7); nb_transport and
///                transport_dbg take none (11.1.2, 11.3)
///   acceptance   TLM_ACCEPTED leaves phase and delay alone (11.1.2)
///   response     a status by the time the response begins or b_transport returns (14.17)
///   reuse        a payload is in one call of b_transport or one sequence of phases at a time (15.2.10)
///   blocking     b_transport is called from threads only (11.1.1)
///   DMI          descriptor at its defaults before, usable after (11.2)
///   debug        a data pointer, no more bytes than asked for (11.3)
class ProtocolChecker : public Interposer {
 public:
  static constexpr const char* message_type = "/flexcim/protocol";

  explicit ProtocolChecker(const sc_core::sc_module_name& name) : Interposer(name) {}

  const std::vector<std::string>& violations() const { return violations_; }
  /// That have begun: calls of b_transport, and BEGIN_REQ.
  std::uint64_t transactions() const { return transactions_; }
  /// Transactions of nb_transport that have begun and not ended.
  std::size_t under_way() const { return open_.size(); }

 private:
  enum class Stage { request, accepted, response };
  struct Open {
    Stage stage;
    sc_core::sc_time time;  ///< sc_time_stamp + delay of the latest call
    PayloadSnapshot begun;
  };

  void b_transport(tlm::tlm_generic_payload& t, sc_core::sc_time& delay) override;
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& t, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& t, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& t, tlm::tlm_dmi& dmi) override;
  unsigned transport_dbg(tlm::tlm_generic_payload& t) override;
  void invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) override;

  void violation(const tlm::tlm_generic_payload& t, const char* clause, const std::string& what);
  RuleBroken broken_by(const tlm::tlm_generic_payload& t);
  void check_memory(const tlm::tlm_generic_payload& t);
  void initiator_phase(const tlm::tlm_generic_payload& t, const tlm::tlm_phase& phase, const sc_core::sc_time& delay);
  void target_phase(const tlm::tlm_generic_payload& t, const tlm::tlm_phase& phase, const sc_core::sc_time& delay);
  void begin_request(const tlm::tlm_generic_payload& t, const sc_core::sc_time& delay);
  void begin_response(const tlm::tlm_generic_payload& t, Open& state);
  void check_progress(const tlm::tlm_generic_payload& t, Open& state, const sc_core::sc_time& delay);
  void complete(const tlm::tlm_generic_payload& t);

  std::map<const tlm::tlm_generic_payload*, Open> open_;
  std::set<const tlm::tlm_generic_payload*> blocking_;    ///< in b_transport
  const tlm::tlm_generic_payload* requesting_ = nullptr;  ///< holds the request channel
  const tlm::tlm_generic_payload* responding_ = nullptr;  ///< holds the response channel
  std::uint64_t transactions_ = 0;
  std::vector<std::string> violations_;
};

}  // namespace flexcim
