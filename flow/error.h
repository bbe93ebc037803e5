// The one error that users see.
#pragma once

#include <stdexcept>
#include <string>

namespace flexcim {

/// Bad input from outside (file, option, tensor, descriptor image). `what()` is one complete sentence for the user that
/// names the file and the line, key, tensor or address. Everything that reads input throws it before anything is
/// written; `main` prints it and exits with 2. It is never thrown for a mistake of our own: those are assertions or
/// std::logic_error.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace flexcim
