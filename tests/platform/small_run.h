// Scenarios of one small layer, in a folder of their own.
#pragma once

#include "flow/base/safetensors_writer.h"
#include "tests/platform/flexcim_command.h"

#include <algorithm>
#include <string>
#include <vector>

/// scenario.yaml with its tensors, 2:4, `outputs` x `inputs`; run takes milliseconds where `tokens` is small.
class SmallRun {
 public:
  explicit SmallRun(std::size_t tokens = 2, const std::string& fidelity = "tlm", std::size_t outputs = 32,
                    std::size_t inputs = 64) {
    std::vector<std::int8_t> weights(outputs * inputs), activations(tokens * inputs);
    for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<std::int8_t>(i % 4 < 2 ? i % 100 : 0);
    for (std::size_t i = 0; i < activations.size(); ++i) activations[i] = static_cast<std::int8_t>(i % 127);
    put("W.safetensors", "weight", {outputs, inputs}, weights);
    put("X.safetensors", "activation", {tokens, inputs}, activations);
    write_file(scenario(), "name: small\nfidelity: " + fidelity +
                               "\nworkload: {kind: gemm, weights: W.safetensors, activations: X.safetensors, "
                               "pattern: \"2:4\"}\n");
  }
  std::string operator/(const std::string& name) const { return scratch_ / name; }
  std::string path() const { return scratch_.str(); }
  std::string scenario() const { return scratch_ / "small.yaml"; }
  std::vector<std::string> run(const std::string& out) const { return {"run", scenario(), "--out", out}; }

 private:
  void put(const std::string& file, const std::string& name, const std::vector<std::size_t>& shape,
           const std::vector<std::int8_t>& values) const {
    flexcim::SafetensorsWriter writer(scratch_ / file, {{name, flexcim::Dtype::i8, shape}});
    writer.write(name, values);
    writer.finish();
  }

  Scratch scratch_;
};

/// Names in a folder, hidden ones too, sorted.
inline std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}
