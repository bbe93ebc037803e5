// A sweep of a small model, in a folder of its own, and the command that runs it.
#pragma once

#include "tests/platform/flexcim_command.h"

#include <string>
#include <vector>

/// 3 x 40 x 2 points of a few milliseconds: those with 7 tokens are invalid, those with a tiny buffer fail.
class SmallSweep {
 public:
  explicit SmallSweep(const std::string& more = "") {
    write_file(scratch_ / "config.json",
               R"({"model_type": "llama", "hidden_size": 256, "intermediate_size": 512, "num_hidden_layers": 2,
                   "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 1000})");
    write_file(file(), R"(name: small
fidelity: estimate
workload: {kind: shapes, model: ./config.json}
sweep:
  axes:
    - {axis: window, key: architecture.window, values: [1, 2, 4]}
    - {axis: tokens, key: workload.tokens, range: {from: 1, to: 40}}
    - {axis: buffer, values: {large: {architecture.buffers.activation.bytes: 65536}, tiny: {architecture.buffers.activation.bytes: 256}}}
  constraints: [workload.tokens != 7]
  objectives: [{minimize: time_ns}, {minimize: energy_pj}]
)" + more);
  }
  std::string file() const { return scratch_ / "small.yaml"; }
  std::string operator/(const std::string& name) const { return scratch_ / name; }

  std::vector<std::string> command(const std::string& out, const std::vector<std::string>& more = {}) const {
    return std::vector<std::string>{"sweep", file(), "--out", scratch_ / out} + more;
  }
  /// Runs it to its end, in the folder `out`. What it prints.
  std::string run(const std::string& out, const std::vector<std::string>& more = {}) const {
    const Outcome outcome = flexcim_command(command(out, more));
    INFO(outcome.error);
    REQUIRE(outcome.exit_code == 0);
    return outcome.output;
  }
  std::string result(const std::string& out, const std::string& name) const {
    return file_bytes(scratch_ / (out + "/" + name));
  }
  /// Whether two folders have the same results, byte for byte.
  void check_same(const std::string& a, const std::string& b) const {
    for (const char* name : {"points.csv", "points.jsonl", "sweep.sqlite"}) {
      CAPTURE(a, b, name);
      CHECK(!result(a, name).empty());
      CHECK((result(a, name) == result(b, name)));  // not both in the message
    }
  }

 private:
  Scratch scratch_;
};
