// Commands that the accelerator would refuse, found before anything runs.
#pragma once

#include "platform/config/findings.h"
#include "platform/config/scenario.h"
#include "tlm/interface/descriptor.h"
#include "tlm/timing/command_plan.h"

#include <cstdint>
#include <string>

namespace flexcim {

class CommandCheck {
 public:
  /// Both outlive it.
  CommandCheck(const Scenario& scenario, Findings& findings);

  /// Finds what is wrong with the command of `layer`. `directory`: that of its weight image.
  void add(const std::string& layer, const Descriptor& command, const std::uint8_t* directory);
  /// Finds the buffers that are too small for one that was added.
  void finish();

 private:
  /// The layer that needs most of a buffer.
  struct LargestNeed {
    std::uint64_t bytes = 0;
    std::string layer;

    void add(const std::string& name, std::uint64_t needed) {
      if (needed > bytes) *this = {needed, name};
    }
  };

  void require(const char* buffer, std::uint64_t bytes, const LargestNeed& need, const char* what);

  const Scenario& scenario_;
  Findings& findings_;
  const AcceleratorParameters parameters_;
  LargestNeed activations_, weights_, outputs_;
};

}  // namespace flexcim
