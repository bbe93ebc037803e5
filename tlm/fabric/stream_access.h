// A blocking access that keeps the pace of the memory: the mark on its payload.
#pragma once

#include <tlm>

namespace flexcim {

/// An ignorable extension of the generic payload for b_transport. The initiator asks for all bytes at once, as a
/// prefetcher does: the crossbar passes data on while they arrive, and DRAM serves them as its banks, refreshes and
/// channels allow (DramTiming), counted and with its rows left open. Without the mark a blocking access is loosely
/// timed. The initiator knows that no other initiator's accesses to that memory are under way.
class StreamAccess : public tlm::tlm_extension<StreamAccess> {
 public:
  tlm::tlm_extension_base* clone() const override { return new StreamAccess; }
  void copy_from(const tlm::tlm_extension_base&) override {}
};

/// Whether the payload has that mark.
inline bool is_stream(const tlm::tlm_generic_payload& payload) {
  return payload.get_extension<StreamAccess>() != nullptr;
}

}  // namespace flexcim
