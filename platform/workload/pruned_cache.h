// The packed model that a model directory has become, kept for the next time.
#pragma once

#include "flow/map/geometry.h"
#include "flow/select/selection.h"
#include "platform/config/scenario.h"

#include <filesystem>
#include <optional>
#include <string>

namespace flexcim {

/// A packed model in a folder, under a name that says what it was made from: the bytes of the model's files and of the
/// calibration text, all settings, the window and columns of the macro, the version of the program. Another of these is
/// another file. Beside it lies FILE.json: the selection of its patterns, and its hash.
class PrunedCache {
 public:
  /// Reads all of the model's files. Makes the folder where it is missing; throws InputError where that cannot be.
  PrunedCache(const std::filesystem::path& folder, const std::filesystem::path& model, const FlowSettings& flow,
              const MacroGeometry& macro);

  /// The packed model, there or not.
  const std::string& packed() const { return packed_; }
  /// How its patterns were selected, where it is there as it was written. The standard error says where it is damaged.
  std::optional<Selection> find() const;
  /// Keeps what has been written to packed(). Throws std::system_error naming the file.
  void keep(const Selection& selection) const;

 private:
  std::string packed_;
};

}  // namespace flexcim
