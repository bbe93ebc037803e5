// What ends a host's program before its time.
#pragma once

#include <stdexcept>

namespace flexcim {

/// The host's program has done what it cannot go on after. `what()` is one sentence.
class ProgramError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A refused access of the host's program: the bus fault of a processor.
class BusError : public ProgramError {
 public:
  using ProgramError::ProgramError;
};

/// Somebody wants the host's program to come to its end; thrown out of what it does with the host, once.
struct CutShort {};

}  // namespace flexcim
