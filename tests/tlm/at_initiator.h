// A plain approximately-timed initiator for tests: sends what it is told, notes when each phase came.
#pragma once

#include "tlm/fabric/picoseconds.h"

#include <systemc>
#include <tlm>

#include <algorithm>
#include <cstring>
#include <deque>
#include <memory>
#include <vector>

namespace flexcim::test {

class AtInitiator : public sc_core::sc_module, private tlm::tlm_bw_transport_if<>, private tlm::tlm_mm_interface {
 public:
  struct Request {
    std::int64_t at_ps = 0;  ///< earliest BEGIN_REQ
    bool write = false;
    std::uint64_t address = 0;
    std::vector<unsigned char> data;
    std::vector<unsigned char> enables;  ///< byte enables; none where empty
    unsigned width = ~0u;                ///< streaming width, if that is below the data's length
    // Filled in:
    std::int64_t begin_req = -1, end_req = -1, begin_resp = -1;
    tlm::tlm_response_status status = tlm::TLM_INCOMPLETE_RESPONSE;
  };

  tlm::tlm_initiator_socket<> socket{"socket"};
  std::deque<Request> requests;
  std::int64_t hold_response_ps = 0;  ///< how long END_RESP is held back; 0 = ends at once

  explicit AtInitiator(const sc_core::sc_module_name& name) : sc_module(name) {
    socket.bind(*this);
    SC_HAS_PROCESS(AtInitiator);
    SC_THREAD(send);
    SC_THREAD(end_responses);
  }

  Request& add(std::int64_t at_ps, bool write, std::uint64_t address, std::size_t bytes, unsigned char fill = 0) {
    requests.push_back({});
    Request& r = requests.back();
    r.at_ps = at_ps;
    r.write = write;
    r.address = address;
    r.data.assign(bytes, fill);
    return r;
  }
  bool all_done() const {
    for (const Request& r : requests) {
      if (r.status == tlm::TLM_INCOMPLETE_RESPONSE) return false;
    }
    return true;
  }

 private:
  struct Payload : tlm::tlm_generic_payload {
    explicit Payload(tlm::tlm_mm_interface* mm) : tlm::tlm_generic_payload(mm) {}
    Request* request = nullptr;
  };

  void free(tlm::tlm_generic_payload* payload) override { delete static_cast<Payload*>(payload); }

  void send() {
    for (Request& request : requests) {
      if (request.at_ps > now_picoseconds()) wait(from_picoseconds(request.at_ps - now_picoseconds()));
      auto* payload = new Payload(this);
      payload->acquire();
      payload->request = &request;
      payload->set_command(request.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
      payload->set_address(request.address);
      payload->set_data_ptr(request.data.data());
      payload->set_data_length(static_cast<unsigned>(request.data.size()));
      payload->set_streaming_width(std::min(request.width, static_cast<unsigned>(request.data.size())));
      if (!request.enables.empty()) payload->set_byte_enable_ptr(request.enables.data());
      payload->set_byte_enable_length(static_cast<unsigned>(request.enables.size()));
      request.begin_req = now_picoseconds();
      tlm::tlm_phase phase = tlm::BEGIN_REQ;
      sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
      switch (socket->nb_transport_fw(*payload, phase, delay)) {
        case tlm::TLM_ACCEPTED:
          while (request.end_req < 0) wait(accepted_);
          break;
        case tlm::TLM_UPDATED:
          request.end_req = now_picoseconds() + to_picoseconds(delay);
          break;
        case tlm::TLM_COMPLETED:
          request.end_req = now_picoseconds();
          complete(*payload, delay);
          break;
      }
      if (request.end_req > now_picoseconds()) wait(from_picoseconds(request.end_req - now_picoseconds()));
    }
  }

  void complete(Payload& payload, const sc_core::sc_time& delay) {
    payload.request->begin_resp = now_picoseconds() + to_picoseconds(delay);
    payload.request->status = payload.get_response_status();
    payload.release();
  }

  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& t, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override {
    auto& payload = static_cast<Payload&>(t);
    if (payload.request->end_req < 0) {
      payload.request->end_req = now_picoseconds() + to_picoseconds(delay);
      accepted_.notify(sc_core::SC_ZERO_TIME);
    }
    if (phase == tlm::END_REQ) return tlm::TLM_ACCEPTED;
    if (hold_response_ps > 0) {
      held_.push_back(&payload);
      payload.request->begin_resp = now_picoseconds() + to_picoseconds(delay);
      response_.notify(sc_core::SC_ZERO_TIME);
      return tlm::TLM_ACCEPTED;
    }
    complete(payload, delay);
    return tlm::TLM_COMPLETED;
  }

  void end_responses() {
    while (true) {
      while (held_.empty()) wait(response_);
      Payload* payload = held_.front();
      held_.pop_front();
      wait(from_picoseconds(payload->request->begin_resp + hold_response_ps - now_picoseconds()));
      tlm::tlm_phase phase = tlm::END_RESP;
      sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
      payload->request->status = payload->get_response_status();
      socket->nb_transport_fw(*payload, phase, delay);
      payload->release();
    }
  }

  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

  sc_core::sc_event accepted_, response_;
  std::deque<Payload*> held_;
};

}  // namespace flexcim::test
