// Small scenarios in which a key of another value has to show somewhere in the results.
#pragma once

#include "platform/firmware/driver/flexcim_boot.h"
#include "tests/flow/random_linear.h"
#include "tests/platform/flexcim_command.h"
#include "tests/platform/soc_firmware.h"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <map>
#include <set>
#include <sstream>

namespace flexcim {

/// A key, a second value, and where that shows.
struct Acts {
  std::string key;
  std::string value;
  std::string where;     ///< a JSON pointer into summary.json, a file of the results, "exit code", or "first line"
  std::string scenario;  ///< of Folder
  std::vector<std::string> also = {};  ///< what else is set, so that the key can act: KEY=VALUE, also in the first run
};

/// Keys of one table of `flexcim keys` without those of maps whose keys have rows of their own.
inline std::vector<std::string> keys_of(const std::string& title) {
  std::istringstream text(flexcim_command({"keys"}).output);
  std::vector<std::string> keys;
  std::string line, type;
  bool inside = false;
  while (std::getline(text, line)) {
    if (line.empty()) continue;
    if (line[0] != '|') {
      inside = line == title;
    } else if (inside && line.rfind("| `", 0) == 0) {
      const std::string key = line.substr(3, line.find('`', 3) - 3);
      const bool described = type == "map" || type == "list of map";  // by the rows of its keys
      if (described && key.rfind(keys.back() + ".", 0) == 0) keys.pop_back();
      type = line.substr(key.size() + 7, line.find(" |", key.size() + 7) - key.size() - 7);
      keys.push_back(key);
    }
  }
  return keys;
}

inline std::string text_of_yaml(const std::string& name, const std::string& workload) {
  return "name: " + name + "\nfidelity: tlm\nworkload: " + workload + "\n";
}

/// Firmware with an instruction of every class, `times` times.
inline std::string every_class(int times) {
  using namespace flexcim::riscv::test;
  Firmware firmware(0x8000'0000);
  firmware.load(t0, 0x8000'0010).add({csrw(csrs::mtvec, t0), j(20)});
  firmware.add({csrr(t1, csrs::mepc), addi(t1, t1, 4), csrw(csrs::mepc, t1)});  // the trap handler
  firmware.add({mret});
  firmware.add({lw(t2, offsetof(flexcim_boot, argument_count), a1), addi(t2, t2, -1), bne(t2, zero, -4)});
  for (int i = 0; i < times; ++i) {
    firmware.load(s0, 0x8000'1000).add({mul(t1, t1, t1), mulh(t1, t1, t1), div(t1, t1, s0), lw(t1, 0, s0)});
    firmware.add({sw(t1, 0, s0), amoadd(t1, t1, s0), bne(zero, zero, 8), beq(zero, zero, 4), j(4), ecall});
  }
  return end(firmware, 0).file();
}

/// Small scenarios and all that they refer to.
class Folder {
 public:
  using Files = std::map<std::string, std::string>;  ///< by name; beside them "exit code" and "error"

  Folder() {
    write_gemm("weights", 40, 300, 1);
    write_gemm("other_weights", 40, 300, 2);
    write_activations("activations", 5, 300, 3);
    write_activations("other_activations", 7, 300, 4);
    write_model("llama", byte_llama(5));
    write_model("other_llama", byte_llama(6));
    write_model("mamba", byte_mamba(7));
    TinyModel ending = byte_llama(8);  // every token ends its text
    for (int token = 0; token < kBytes; ++token) ending.config["eos_token_id"].push_back(token);
    write_model("ending", ending);
    write_file(scratch_ / "calibration.txt", random_text(1, 5 * 64 + 7));
    write_file(scratch_ / "other_calibration.txt", random_text(3, 5 * 64 + 7));
    write_file(scratch_ / "text.txt", random_text(2, 200));
    write_file(scratch_ / "other_text.txt", random_text(4, 200));
    write_file(scratch_ / "gemm.yaml",
               text_of_yaml("gemm",
                            "{kind: gemm, weights: weights.safetensors, activations: activations.safetensors, "
                            "pattern: '2:4'}"));
    write_file(scratch_ / "config.json",
               R"({"model_type": "llama", "hidden_size": 512, "intermediate_size": 512, "num_hidden_layers": 4,
                   "num_attention_heads": 4, "vocab_size": 100})");
    write_file(scratch_ / "mamba.json",
               R"({"model_type": "mamba", "hidden_size": 64, "num_hidden_layers": 4, "vocab_size": 100})");
    write_file(scratch_ / "shapes.yaml",
               "name: shapes\nfidelity: estimate\nworkload: {kind: shapes, model: ./config.json, tokens: 4}\n");
    write_file(scratch_ / "steps.yaml",
               "name: steps\nfidelity: estimate\nworkload: {kind: shapes, model: ./config.json, steps: [{requests: "
               "[{phase: prefill, tokens: 3, context: 5}]}]}\n");
    write_file(scratch_ / "compared.yaml",
               "name: compared\nfidelity: estimate\nworkload: {kind: shapes, model: ./config.json}\n"
               "compare: [{axis: tokens, key: workload.tokens, values: [4, 8], reference: '4'}]\n");
    write_file(scratch_ / "firmware.elf", every_class(1));
    write_file(scratch_ / "other_firmware.elf", every_class(2));
    write_file(scratch_ / "firmware.yaml",
               text_of_yaml("firmware", "{kind: firmware}") + "host: {kind: riscv, elf: firmware.elf}\n");
    const std::string flow = "flow: {calibration: calibration.txt}";
    write_file(scratch_ / "block.yaml",
               text_of_yaml("block",
                            "{kind: block, model: llama, block: 1, tokens: {text: text.txt, count: 4}, " + flow + "}"));
    for (const std::string model : {"llama", "mamba", "ending"}) {
      write_file(scratch_ / (model + ".yaml"),
                 text_of_yaml(model, fmt::format("{{kind: generate, model: {}, prompt: {{text: text.txt, count: 3}}, "
                                                 "tokens: 3, {}}}",
                                                 model, flow)));
    }
  }

  /// What a run leaves at that place; nothing where it writes no such file.
  std::string result(const std::string& scenario, const std::vector<std::string>& settings, const std::string& where) {
    std::string words = scenario;
    for (const std::string& setting : settings) words += " --set " + setting;
    auto [found, fresh] = runs_.insert({words, {}});
    Files& files = found->second;
    if (fresh) files = run(scenario, settings, "run_" + std::to_string(runs_.size()));
    if (where == "exit code") return files[where];
    INFO(files["error"]);
    REQUIRE(files["exit code"] == "0");
    if (where[0] != '/') return files[where];
    return nlohmann::json::parse(files["summary.json"])[nlohmann::json::json_pointer(where)].dump();
  }

 private:
  void write_gemm(const std::string& name, std::size_t out, std::size_t in, unsigned seed) {
    std::mt19937 random(seed);
    const PackedLinear linear = test::random_linear(random, {2, 4}, static_cast<int>(out), static_cast<int>(in), 1);
    SafetensorsWriter writer(scratch_ / (name + ".safetensors"), {{"weight", Dtype::i8, {out, in}}});
    const Matrix<std::int8_t> weights = unpack(linear);
    writer.write("weight", weights);
    writer.finish();
  }
  void write_activations(const std::string& name, std::size_t tokens, std::size_t in, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<std::int8_t> values(tokens * in);
    for (std::int8_t& value : values) value = static_cast<std::int8_t>(random());
    SafetensorsWriter writer(scratch_ / (name + ".safetensors"), {{"activation", Dtype::i8, {tokens, in}}});
    writer.write("activation", values);
    writer.finish();
  }
  void write_model(const std::string& name, const TinyModel& model) {
    std::filesystem::create_directory(scratch_ / name);
    model.write(scratch_ / name);
  }

  Files run(const std::string& scenario, const std::vector<std::string>& settings, const std::string& name) {
    const std::string folder = scratch_ / name;
    std::vector<std::string> arguments{"run", scratch_ / (scenario + ".yaml"), "--out", folder};
    for (const std::string& setting : settings) arguments = arguments + std::vector<std::string>{"--set", setting};
    const Outcome outcome = flexcim_command(arguments);
    Files left{{"exit code", std::to_string(outcome.exit_code)}, {"error", outcome.error}};
    left["first line"] = outcome.output.substr(0, outcome.output.find('\n'));
    if (outcome.exit_code != 0) return left;
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
      left[file.path().filename().string()] = file_bytes(file.path().string());
    }
    std::filesystem::remove_all(folder);
    return left;
  }

  Scratch scratch_;
  std::map<std::string, Files> runs_;
};

/// `path` leads to the keys of the table.
inline void check_table(const std::string& title, const std::string& path, const std::vector<Acts>& table) {
  Folder folder;
  std::set<std::string> entries;
  for (const Acts& acts : table) {
    INFO("key " << acts.key << " = " << acts.value << " in " << acts.scenario << ", looked for in " << acts.where);
    CHECK(entries.insert(acts.key).second);
    std::vector<std::string> settings = acts.also;
    const std::string before = folder.result(acts.scenario, settings, acts.where);
    std::string key = path + acts.key;
    for (std::size_t number; (number = key.find(".N.")) != std::string::npos;) key[number + 1] = '0';
    const auto other = [&](const std::string& setting) { return setting.rfind(key + "=", 0) == 0; };
    settings.erase(std::remove_if(settings.begin(), settings.end(), other), settings.end());
    settings.push_back(key + "=" + acts.value);
    CHECK(folder.result(acts.scenario, settings, acts.where) != before);
  }
  for (const std::string& key : keys_of(title)) {
    INFO("a key without an entry: where does it act? " << key);
    CHECK(entries.erase(key) == 1);
  }
  for (const std::string& key : entries) FAIL_CHECK("an entry of a key that there is not: " << key);
}

}  // namespace flexcim
