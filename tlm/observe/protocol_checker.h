// Checks the TLM-2.0 base protocol on one connection (IEEE 1666-2011 clauses 14 and 15.2).
#pragma once

#include "tlm/observe/interposer.h"

#include <map>
#include <string>
#include <vector>

namespace flexcim {

/// Collects violations as sentences; does not stop the simulation. Rules:
///   attributes    data pointer and length, streaming width, byte enable length, response status and DMI hint at the
///   start memory        nb_transport only with a memory manager phases        BEGIN_REQ, END_REQ, BEGIN_RESP, END_RESP
///   in this order, on the right path, END_REQ may be implied exclusion     one request and one response at a time
///   response      a status other than TLM_INCOMPLETE_RESPONSE when the response begins or b_transport returns
///   unchanged     command, length and data pointer between request and response
///   delay         never shrinks in a b_transport
class ProtocolChecker : public Interposer {
 public:
  explicit ProtocolChecker(sc_core::sc_module_name name) : Interposer(name) {}

  const std::vector<std::string>& violations() const { return violations_; }
  /// Transactions of nb_transport that have begun and not ended.
  std::size_t under_way() const { return open_.size(); }

 private:
  enum class Stage { request, accepted, response };
  struct Open {
    Stage stage;
    tlm::tlm_command command;
    unsigned length;
    const unsigned char* data;
  };

  void b_transport(tlm::tlm_generic_payload& t, sc_core::sc_time& delay) override;
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& t, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& t, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;

  void violation(const tlm::tlm_generic_payload& t, const std::string& what);
  void check_start(const tlm::tlm_generic_payload& t);
  void begin_request(tlm::tlm_generic_payload& t);
  void target_phase(tlm::tlm_generic_payload& t, const tlm::tlm_phase& phase);
  void end_response(tlm::tlm_generic_payload& t);

  std::map<const tlm::tlm_generic_payload*, Open> open_;
  std::vector<std::string> violations_;
};

}  // namespace flexcim
