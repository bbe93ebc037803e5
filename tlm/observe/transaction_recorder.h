// Records the transactions of one connection. The recorder is bound between an initiator and a target that know nothing
// of it; a connection that is bound directly costs nothing.
#pragma once

#include "tlm/observe/interposer.h"

#include <functional>
#include <map>
#include <ostream>
#include <string>

namespace flexcim {

/// One transaction as it passed. Times are simulated time with the annotated delay.
struct TransactionRecord {
  enum class Kind { blocking, non_blocking, debug };

  std::string connection;  ///< hierarchical name of the recorder
  Kind kind = Kind::blocking;
  tlm::tlm_command command = tlm::TLM_IGNORE_COMMAND;
  std::uint64_t address = 0;  ///< as the initiator gave it
  unsigned bytes = 0;
  sc_core::sc_time begin;                                          ///< BEGIN_REQ, or the call of b_transport
  sc_core::sc_time accepted;                                       ///< END_REQ; `begin` of a blocking transaction
  sc_core::sc_time responded;                                      ///< BEGIN_RESP; `end` of a blocking transaction
  sc_core::sc_time end;                                            ///< END_RESP, or the return of b_transport
  tlm::tlm_response_status status = tlm::TLM_INCOMPLETE_RESPONSE;  ///< debug: OK if all bytes were done
};

using TransactionSink = std::function<void(const TransactionRecord&)>;

/// Hands every transaction to `sink` when it has ended. Accesses through DMI pointers pass no connection and leave no
/// records.
class TransactionRecorder : public Interposer {
 public:
  TransactionRecorder(const sc_core::sc_module_name& name, TransactionSink sink)
      : Interposer(name), sink_(std::move(sink)) {}

  /// Non-blocking transactions that have begun and not ended.
  std::size_t under_way() const { return open_.size(); }
  /// No non-blocking transaction that begins before will be handed on from now on.
  sc_core::sc_time told_up_to() const;

 private:
  void b_transport(tlm::tlm_generic_payload& t, sc_core::sc_time& delay) override;
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& t, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& t, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  unsigned transport_dbg(tlm::tlm_generic_payload& t) override;

  TransactionRecord begin(const tlm::tlm_generic_payload& t, TransactionRecord::Kind kind,
                          const sc_core::sc_time& delay) const;
  void target_phase(const tlm::tlm_generic_payload& t, const tlm::tlm_phase& phase, const sc_core::sc_time& delay);
  void end(const tlm::tlm_generic_payload* t, const sc_core::sc_time& delay);

  TransactionSink sink_;
  struct Open {
    TransactionRecord record;
    bool accepted = false;
  };
  std::map<const tlm::tlm_generic_payload*, Open> open_;
};

/// A sink that writes one line per transaction, times in picoseconds, under a header. `output` must outlive it.
class TransactionCsv {
 public:
  explicit TransactionCsv(std::ostream& output);
  void operator()(const TransactionRecord& record) const;

 private:
  std::ostream* output_;
};

}  // namespace flexcim
