// What the base protocol demands of a generic payload's attributes (IEEE 1666-2011 clause 14).
#pragma once

#include <tlm>

#include <functional>
#include <string>
#include <vector>

namespace flexcim {

/// Takes one broken rule: the subclause of IEEE 1666-2011 and a sentence.
using RuleBroken = std::function<void(const char* clause, const std::string& what)>;

/// The attributes with which a transaction may begin.
void check_begin(const tlm::tlm_generic_payload& payload, const RuleBroken& broken);

/// The attributes that nobody may change between request and response: all but the address, which an interconnect
/// translates, the DMI hint, the response status, extensions, and the data of a read (14.7).
class PayloadSnapshot {
 public:
  explicit PayloadSnapshot(const tlm::tlm_generic_payload& payload);
  void check_unchanged(const tlm::tlm_generic_payload& payload, const RuleBroken& broken) const;

 private:
  tlm::tlm_command command_;
  const unsigned char* data_;
  unsigned data_length_;
  const unsigned char* byte_enables_;
  unsigned byte_enable_length_;
  unsigned streaming_width_;
  tlm::tlm_gp_option option_;
  std::vector<unsigned char> written_;  ///< data of a write
  std::vector<unsigned char> enables_;
};

}  // namespace flexcim
