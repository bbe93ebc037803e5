// Scenarios as text, and what loading or checking them says.
#pragma once

#include "platform/config/scenario.h"
#include "tests/platform/temp_folder.h"

#include <string>
#include <vector>

namespace flexcim {

inline const char* const kMinimal =
    "name: q\nfidelity: tlm\nworkload: {kind: gemm, weights: w.safetensors, activations: x.safetensors, pattern: "
    "\"2:4\"}\n";

/// Written to q.yaml in `folder`.
inline Scenario load(const TempFolder& folder, const std::string& text, const std::vector<std::string>& settings = {}) {
  std::vector<Override> overrides;
  for (const std::string& setting : settings) overrides.push_back(parse_override(setting));
  return load_scenario(folder.write("q.yaml", text), overrides);
}

/// The InputError of `work`, with the folder's name taken out; empty where there is none.
template <class Work>
std::string error_in(const TempFolder& folder, const Work& work) {
  std::string error = input_error(work);
  const std::string prefix = folder.path().string() + "/";
  for (std::size_t at; (at = error.find(prefix)) != std::string::npos;) error.erase(at, prefix.size());
  return error;
}

/// Of loading.
inline std::string error_of(const std::string& text, const std::vector<std::string>& settings = {}) {
  const TempFolder folder;
  return error_in(folder, [&] { load(folder, text, settings); });
}

}  // namespace flexcim
