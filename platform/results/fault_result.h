// What faults have done to a run (docs/faults.md).
#pragma once

#include "flow/base/matrix.h"
#include "tlm/faults/fault_injector.h"
#include "tlm/interface/error_code.h"

#include <cstdint>
#include <map>

namespace flexcim {

/// How far outputs are from the golden model's.
struct OutputError {
  std::uint64_t outputs = 0;  ///< compared
  std::uint64_t wrong = 0;    ///< of those
  double square_sum = 0;      ///< of all differences
  std::uint64_t largest = 0;  ///< difference
  double rms() const;         ///< 0 without outputs

  OutputError& operator+=(const OutputError& more);
};

/// `output` against `golden`, of the same shape.
OutputError output_error(MatrixView<const std::int32_t> output, MatrixView<const std::int32_t> golden);

/// Of one linear.
struct LayerFaults {
  OutputError error;
  std::map<ErrorCode, std::uint64_t>
      refused;  ///< commands that the accelerator ended with an error: their outputs are 0
};

/// Of one simulation.
struct FaultResult {
  FaultCountsBySite counts{};
  std::map<ErrorCode, std::uint64_t> reported;  ///< to the driver: commands by error
};

}  // namespace flexcim
