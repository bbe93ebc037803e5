#include "platform/workload/scenario_check.h"

#include "flow/map/nearest_pattern.h"
#include "flow/model/load_model.h"
#include "flow/pack/packed_model.h"
#include "platform/config/findings.h"
#include "platform/riscv/elf.h"
#include "platform/workload/block_jobs.h"
#include "platform/workload/gemm_job.h"
#include "platform/workload/generate_job.h"
#include "platform/workload/packed_linears.h"

#include <fmt/format.h>
#include <memory>

namespace flexcim {
namespace {

void require_file(const std::filesystem::path& file) {
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (!std::filesystem::exists(status)) throw InputError(file.string() + ": no such file");
  if (std::filesystem::is_directory(status)) throw InputError(file.string() + ": is a folder, not a file");
}

void check_layout(const Scenario& scenario, Pattern pattern, const std::string& where) {
  const MacroGeometry& macro = scenario.architecture.macro;
  make_layout(macro, nearest_pattern(macro, pattern), scenario.sequencing, scenario.architecture.merge, where);
}

/// A linear: its name and, in a packed model, its pattern and the bits of its weights.
struct Linear {
  std::string name;
  Pattern pattern;
  int weight_bits = 8;
};

/// The linears of one block, or of all where `block` is negative; in a model directory all are dense as yet.
std::vector<Linear> model_linears(const std::filesystem::path& path, const LanguageModel& model, int block) {
  std::vector<Linear> linears;
  for (const LinearInfo& info : model.linears()) {
    if (block < 0 || info.block == block) linears.push_back({info.name, Pattern{}, 8});
  }
  if (!is_packed_model(path)) return linears;
  const PackedModel packed(path.string());
  for (Linear& linear : linears) {
    for (const PackedLinearInfo& info : packed.linears()) {
      if (info.name != linear.name) continue;
      linear.pattern = info.pattern;
      linear.weight_bits = info.weight_bits;
    }
  }
  return linears;
}

void check_selection(const std::vector<std::string>& words, const std::vector<Linear>& linears) {
  for (const std::string& word : words) {
    std::vector<std::string> names;
    bool found = false;
    for (const Linear& linear : linears) {
      found = found || selects_linear({word}, linear.name);
      names.push_back(linear.name.substr(linear.name.rfind('.') + 1));
    }
    if (found) continue;
    throw InputError(fmt::format("the block has no linear \"{}\"; did you mean \"{}\"?", word, nearest(word, names)));
  }
}

/// Whether the text is there.
bool check_text(const Scenario& scenario, const std::string& key, const TokenRange& tokens, Findings& findings) {
  bool good = false;
  findings.check(scenario.place(key + ".text"), [&] {
    require_file(tokens.text);
    good = true;
  });
  return good;
}

/// The model, opened, or null where it cannot be; with it, a model directory's way to a packed one is checked.
std::unique_ptr<LanguageModel> check_model(const Scenario& scenario, const std::filesystem::path& path,
                                           const FlowSettings& flow, Findings& findings) {
  const bool packed = is_packed_model(path);
  bool calibration = packed;
  if (!packed) {
    findings.check(scenario.place("workload.flow.calibration"), [&] {
      if (flow.calibration.empty()) throw InputError("missing: a model directory is calibrated with a text");
      require_file(flow.calibration);
      calibration = true;
    });
    for (const Candidate& candidate : flow.candidates) {
      findings.check(scenario.place("workload.flow.candidates"),
                     [&] { check_layout(scenario, candidate.pattern(), to_string(candidate)); });
    }
  }
  std::unique_ptr<LanguageModel> model;
  findings.check(scenario.place("workload.model"), [&] {
    if (packed) require_file(path);
    model = load_model(path.string());
  });
  if (model == nullptr || packed) return model;
  check_flow(flow, *model, scenario.architecture.macro, [&](const std::string& key, const auto& body) {
    if (key != "calibration" || calibration) findings.check(scenario.place("workload.flow." + key), body);
  });
  return model;
}

void check_linears(const Scenario& scenario, const std::filesystem::path& model, const std::vector<Linear>& linears,
                   Findings& findings) {
  findings.check(scenario.place("workload.model"), [&] {
    for (const Linear& linear : linears) {
      require_weight_bits(scenario.architecture.macro, linear.weight_bits, model.string() + ": " + linear.name);
    }
  });
  for (const Linear& linear : linears) {
    findings.check(scenario.place("workload.model"),
                   [&] { check_layout(scenario, linear.pattern, model.string() + ": " + linear.name); });
  }
}

void check_block(const Scenario& scenario, const BlockWorkload& work, Findings& findings) {
  const bool readable = check_text(scenario, "workload.tokens", work.tokens, findings);
  const auto model = check_model(scenario, work.model, work.flow, findings);
  if (model == nullptr) return;
  if (readable) findings.check(scenario.place("workload.tokens"), [&] { block_tokens(work, *model); });
  findings.check(scenario.place("workload.block"), [&] {
    if (work.block >= model->blocks()) {
      throw InputError(fmt::format("{} has no block {}", work.model.string(), work.block));
    }
    std::vector<Linear> linears;
    findings.check(scenario.place("workload.model"), [&] { linears = model_linears(work.model, *model, work.block); });
    if (linears.empty()) return;
    check_linears(scenario, work.model, linears, findings);
    findings.check(scenario.place("workload.linears"), [&] { check_selection(work.linears, linears); });
    for (std::size_t i = 0; i < scenario.also.size(); ++i) {
      findings.check(scenario.place(fmt::format("also.{}.linears", i)),
                     [&] { check_selection(scenario.also[i].linears, linears); });
    }
  });
}

void check_generate(const Scenario& scenario, const GenerateWorkload& work, Findings& findings) {
  const auto* range = std::get_if<TokenRange>(&work.prompt);
  const bool readable = range == nullptr || check_text(scenario, "workload.prompt", *range, findings);
  const auto model = check_model(scenario, work.model, work.flow, findings);
  if (model == nullptr) return;
  findings.check(scenario.place("workload.model"),
                 [&] { check_linears(scenario, work.model, model_linears(work.model, *model, -1), findings); });
  if (work.head == HeadPlace::accelerator) {
    findings.check(scenario.place("workload.head"), [&] { check_layout(scenario, Pattern{}, kHeadLinear); });
  }
  if (work.attention == AttentionPlace::accelerator) {
    findings.check(scenario.place("workload.attention"), [&] {
      require_attention(*model, work.model.string());
      check_layout(scenario, Pattern{}, "attention");
    });
  }
  findings.check(scenario.place("workload.model"), [&] { text_ends(work); });
  if (!readable) return;
  std::vector<int> prompt;
  findings.check(scenario.place("workload.prompt"), [&] { prompt = prompt_tokens(work.prompt, model->text()); });
  const auto total = static_cast<std::int64_t>(prompt.size()) + work.tokens;
  if (prompt.empty() || total <= model->context()) return;
  findings.add(scenario.place("workload.tokens"),
               fmt::format("a prompt of {} tokens and {} more exceed the context of {} tokens of {}", prompt.size(),
                           work.tokens, model->context(), work.model.string()));
}

void check_gemm(const Scenario& scenario, const GemmWorkload& work, Findings& findings) {
  findings.check(scenario.place("workload.weights"), [&] { require_file(work.weights); });
  findings.check(scenario.place("workload.activations"), [&] { require_file(work.activations); });
  findings.finish();
  findings.check(scenario.place("workload"),
                 [&] { load_gemm(work.weights, work.activations, work.pattern, work.weight_bits); });
}

}  // namespace

void check_scenario(const Scenario& scenario) {
  Findings findings;
  if (const auto* gemm = std::get_if<GemmWorkload>(&scenario.workload)) {
    check_gemm(scenario, *gemm, findings);
  } else if (const auto* block = std::get_if<BlockWorkload>(&scenario.workload)) {
    check_block(scenario, *block, findings);
  } else if (const auto* generate = std::get_if<GenerateWorkload>(&scenario.workload)) {
    check_generate(scenario, *generate, findings);
  }
  if (scenario.host.kind == HostKind::riscv) {
    findings.check(scenario.place("host.elf"), [&] {
      require_file(scenario.host.elf);
      riscv::ElfFile::read(scenario.host.elf.string());
    });
  }
  if (scenario.observe.profile && scenario.host.kind == HostKind::native) {
    findings.add(scenario.place("observe.profile"),
                 "the native host runs no firmware whose functions could be told apart");
  }
  findings.finish();
}

}  // namespace flexcim
