// What load_scenario leaves to be checked: the files that a scenario refers to.
#include "flow/model/load_model.h"
#include "flow/pack/packed_model.h"
#include "platform/config/scenario.h"
#include "platform/workload/gemm_job.h"
#include "platform/workload/generate_job.h"

#include <fmt/format.h>
#include <functional>

namespace flexcim {
namespace {

/// Goes on after a failed check, so that one message tells everything.
class Findings {
 public:
  void check(const std::function<void()>& body) {
    try {
      body();
    } catch (const InputError& error) {
      texts_.emplace_back(error.what());
    }
  }
  void finish() const {
    if (!texts_.empty()) throw InputError(fmt::format("{}", fmt::join(texts_, "\n")));
  }

 private:
  std::vector<std::string> texts_;
};

std::string at(const Scenario& scenario, const std::string& key) { return scenario.file.string() + ": " + key + ": "; }

void require_file(const std::filesystem::path& file, const std::string& where) {
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (!std::filesystem::exists(status)) throw InputError(where + file.string() + ": no such file");
  if (std::filesystem::is_directory(status)) throw InputError(where + file.string() + ": is a folder, not a file");
}

void check_layout(const Scenario& scenario, Pattern pattern, const std::string& where) {
  make_layout(scenario.architecture.macro, pattern, scenario.sequencing, scenario.architecture.merge, where);
}

/// A linear: its name and, in a packed model, its pattern.
struct Linear {
  std::string name;
  Pattern pattern;
};

/// The linears of one block, or of all where `block` is negative; in a model directory all are dense as yet.
std::vector<Linear> model_linears(const std::filesystem::path& path, const LanguageModel& model, int block) {
  std::vector<Linear> linears;
  for (const LinearInfo& info : model.linears()) {
    if (block < 0 || info.block == block) linears.push_back({info.name, Pattern{}});
  }
  if (!is_packed_model(path)) return linears;
  const PackedModel packed(path.string());
  for (Linear& linear : linears) {
    for (const PackedLinearInfo& info : packed.linears()) {
      if (info.name == linear.name) linear.pattern = info.pattern;
    }
  }
  return linears;
}

void check_selection(const Scenario& scenario, const std::string& key, const std::vector<std::string>& words,
                     const std::vector<Linear>& linears) {
  for (const std::string& word : words) {
    std::vector<std::string> names;
    bool found = false;
    for (const Linear& linear : linears) {
      found = found || selects_linear({word}, linear.name);
      names.push_back(linear.name.substr(linear.name.rfind('.') + 1));
    }
    if (found) continue;
    throw InputError(fmt::format("{}the block has no linear \"{}\"; did you mean \"{}\"?", at(scenario, key), word,
                                 nearest(word, names)));
  }
}

void check_tokens(const Scenario& scenario, const std::string& key, const TokenRange& tokens) {
  require_file(tokens.text, at(scenario, key + ".text"));
  // No tokenizer makes more tokens than bytes.
  const std::uintmax_t bytes = std::filesystem::file_size(tokens.text);
  const std::uintmax_t last = static_cast<std::uintmax_t>(tokens.first) + static_cast<std::uintmax_t>(tokens.count);
  if (last > bytes) {
    throw InputError(fmt::format("{}{} has {} bytes, fewer than {} tokens from {}", at(scenario, key),
                                 tokens.text.string(), bytes, tokens.count, tokens.first));
  }
}

/// Whether the model is there; with it, a model directory's way to a packed one is checked.
bool check_model(const Scenario& scenario, const std::filesystem::path& model, const FlowSettings& flow,
                 Findings& findings) {
  if (!std::filesystem::exists(model)) {
    findings.check([&] { require_file(model, at(scenario, "workload.model")); });
    return false;
  }
  if (is_packed_model(model)) return true;
  findings.check([&] {
    if (flow.calibration.empty()) {
      throw InputError(at(scenario, "workload.flow.calibration") +
                       "missing: a model directory is calibrated with a text");
    }
    require_file(flow.calibration, at(scenario, "workload.flow.calibration"));
  });
  for (const Candidate& candidate : flow.candidates) {
    findings.check([&] {
      check_layout(scenario, candidate.pattern(), at(scenario, "workload.flow.candidates") + to_string(candidate));
    });
  }
  return true;
}

void check_block(const Scenario& scenario, const BlockWorkload& work, Findings& findings) {
  findings.check([&] { check_tokens(scenario, "workload.tokens", work.tokens); });
  if (!check_model(scenario, work.model, work.flow, findings)) return;
  findings.check([&] {
    const auto model = load_model(work.model.string());
    const std::vector<Linear> linears = model_linears(work.model, *model, work.block);
    if (linears.empty()) {
      throw InputError(
          fmt::format("{}{} has no block {}", at(scenario, "workload.block"), work.model.string(), work.block));
    }
    for (const Linear& linear : linears) {
      findings.check([&] { check_layout(scenario, linear.pattern, work.model.string() + ": " + linear.name); });
    }
    check_selection(scenario, "workload.linears", work.linears, linears);
    for (std::size_t i = 0; i < scenario.also.size(); ++i) {
      check_selection(scenario, fmt::format("also.{}.linears", i), scenario.also[i].linears, linears);
    }
  });
}

void check_generate(const Scenario& scenario, const GenerateWorkload& work, Findings& findings) {
  const auto* range = std::get_if<TokenRange>(&work.prompt);
  bool readable = true;
  findings.check([&] {
    readable = false;
    if (range != nullptr) check_tokens(scenario, "workload.prompt", *range);
    readable = true;
  });
  if (!check_model(scenario, work.model, work.flow, findings)) return;
  findings.check([&] {
    const auto model = load_model(work.model.string());
    for (const Linear& linear : model_linears(work.model, *model, -1)) {
      findings.check([&] { check_layout(scenario, linear.pattern, work.model.string() + ": " + linear.name); });
    }
    findings.check([&] { text_ends(work); });
    if (!readable) return;
    std::vector<int> prompt;
    try {
      prompt = prompt_tokens(work.prompt, model->vocabulary());
    } catch (const InputError& error) {
      throw InputError(at(scenario, "workload.prompt") + error.what());
    }
    const auto total = static_cast<std::int64_t>(prompt.size()) + work.tokens;
    if (total > model->context()) {
      throw InputError(fmt::format("{}a prompt of {} tokens and {} more exceed the context of {} tokens of {}",
                                   at(scenario, "workload.tokens"), prompt.size(), work.tokens, model->context(),
                                   work.model.string()));
    }
  });
}

}  // namespace

void check_scenario(const Scenario& scenario) {
  Findings findings;
  if (const auto* gemm = std::get_if<GemmWorkload>(&scenario.workload)) {
    findings.check([&] { require_file(gemm->weights, at(scenario, "workload.weights")); });
    findings.check([&] { require_file(gemm->activations, at(scenario, "workload.activations")); });
    findings.finish();
    findings.check([&] { load_gemm(gemm->weights, gemm->activations, gemm->pattern); });
  } else if (const auto* block = std::get_if<BlockWorkload>(&scenario.workload)) {
    check_block(scenario, *block, findings);
  } else {
    check_generate(scenario, std::get<GenerateWorkload>(scenario.workload), findings);
  }
  findings.finish();
}

}  // namespace flexcim
