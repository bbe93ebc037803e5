#include "platform/estimate/step_plan.h"

#include "flow/select/spread.h"
#include "platform/config/findings.h"
#include "platform/estimate/model_slice.h"

#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <map>
#include <utility>

namespace flexcim {
namespace {

constexpr double kMostTokens = std::numeric_limits<int>::max();

Selection patterns_of(const MixedPatterns& patterns, int blocks) {
  if (!patterns.uniform) return spread_patterns(blocks, patterns.sparsity, patterns.candidates, patterns.keep_dense);
  const Candidate only{patterns.uniform->n, patterns.uniform->m};
  return spread_patterns(blocks, patterns.uniform->sparsity(), {only}, patterns.keep_dense);
}

class Planner {
 public:
  explicit Planner(const Scenario& scenario)
      : scenario_(scenario), work_(std::get<ShapesWorkload>(scenario.workload)) {}

  StepPlan plan() {
    const ShapedModel* model = model_of(work_.model, "workload.model");
    findings_.finish();
    plan_.selection = model->selection;
    if (work_.steps.empty()) {
      add_linears(*model);
    } else {
      for (std::size_t i = 0; i < work_.steps.size(); ++i) add_step(static_cast<int>(i));
    }
    findings_.finish();
    return std::move(plan_);
  }

 private:
  struct ShapedModel {
    ModelShapes shapes;
    Selection selection;
  };

  /// Reads a model once; nothing where it cannot be read, or has no such mix of patterns.
  const ShapedModel* model_of(const std::filesystem::path& path, const std::string& key) {
    const auto [found, fresh] = models_.try_emplace(path.string());
    ShapedModel& model = found->second;
    if (fresh) {
      findings_.check(scenario_.place(key), [&] { model.shapes = model_shapes(path.string()); });
      if (model.shapes.blocks == 0) return nullptr;
      findings_.check(scenario_.place("workload.patterns.sparsity"),
                      [&] { model.selection = patterns_of(work_.patterns, model.shapes.blocks); });
    }
    return model.selection.chosen.empty() ? nullptr : &model;
  }

  /// The head is dense and int8.
  static ShapedLinear shaped(const ShapedModel& model, const LinearShape& linear, int tokens, int weight_bits) {
    if (linear.block < 0) return {linear, tokens, Pattern{}};
    return {linear, tokens, model.selection.chosen[static_cast<std::size_t>(linear.block)].pattern(), weight_bits};
  }

  /// One run of the linears alone.
  void add_linears(const ShapedModel& model) {
    Pass& pass = plan_.passes.emplace_back();
    pass.tokens = *work_.tokens;
    for (const LinearShape& linear : model.shapes.linears) {
      const bool head = linear.block < 0;
      if (head && !work_.lm_head) continue;
      pass.linears.push_back(shaped(model, linear, head ? 1 : pass.tokens, work_.weight_bits));
    }
  }

  void add_step(int index) {
    const Step& step = work_.steps[static_cast<std::size_t>(index)];
    const std::string key = fmt::format("workload.steps.{}", index);
    Pass pass;
    pass.name = name_of(step);
    pass.figures.step = index;
    pass.figures.batches = step.batches;
    if (step.draft) {
      Pass drafts = pass;
      drafts.name += ".draft";
      std::vector<RequestWork> requests;
      for (const Request& request : step.requests) {
        if (request.phase != RequestPhase::verify) continue;
        drafts.figures.runs = static_cast<std::uint64_t>(step.repeat) * static_cast<std::uint64_t>(request.tokens - 1);
        requests.push_back(drafting_of(request, step));
      }
      if (drafts.figures.runs > 0) add_pass(std::move(drafts), requests, *step.draft, key, ".draft");
    }
    pass.figures.runs = static_cast<std::uint64_t>(step.repeat);
    std::vector<RequestWork> requests;
    for (const Request& request : step.requests) requests.push_back(work_of(request, step));
    add_pass(std::move(pass), requests, step.slice, key, "");
  }

  /// `step`: the step's key; `below`: where in it the keys of `part` are.
  void add_pass(Pass pass, const std::vector<RequestWork>& requests, const ModelSlice& part, const std::string& step,
                const std::string& below) {
    const std::string key = step + below;
    const ShapedModel* model = model_of(part.model.value_or(work_.model), key + ".model");
    if (model == nullptr) return;
    std::vector<int> blocks, widths;
    findings_.check(scenario_.place(key + ".skip"), [&] { blocks = blocks_run(model->shapes, part.skip); });
    findings_.check(scenario_.place(key + ".ffn"), [&] { widths = ffn_widths(model->shapes, part.ffn); });
    if (blocks.empty() || widths.empty()) return;
    findings_.check(scenario_.place(step + ".requests"), [&] {
      require_served(model->shapes, requests);
      complete(pass, requests, *model, slice(model->shapes, blocks, widths),
               part.weight_bits.value_or(work_.weight_bits));
      plan_.passes.push_back(std::move(pass));
    });
  }

  void complete(Pass& pass, const std::vector<RequestWork>& requests, const ShapedModel& model,
                const SlicedModel& sliced, int weight_bits) const {
    double tokens = 0, logits = 0;
    for (const RequestWork& request : requests) {
      tokens += static_cast<double>(request.figures.tokens) * request.figures.count;
      logits += static_cast<double>(request.logits);
    }
    const double all = tokens * static_cast<double>(pass.figures.times());
    if (all > kMostTokens) throw InputError(fmt::format("read {:.3g} tokens in all: 2^31 are too many", all));
    pass.tokens = static_cast<int>(all);
    pass.units = operator_units(sliced, requests, pass.figures.times(), work_.lm_head);
    pass.uses = operator_uses(sliced, requests, pass.figures.times(), work_.lm_head, work_.host_memory->queries);
    pass.cache = {2 * static_cast<std::uint64_t>(sliced.shapes.kv_heads),
                  static_cast<std::uint64_t>(sliced.shapes.head)};
    pass.hidden = sliced.shapes.hidden;
    for (const RequestWork& request : requests) {
      pass.figures.requests.push_back(request.figures);
      pass.figures.requests.back().attention_macs =
          static_cast<std::uint64_t>(std::llround(attention_macs(sliced, request)));
    }
    for (const LinearShape& linear : sliced.shapes.linears) {
      const bool head = linear.block < 0;
      const double rows = head ? logits : tokens;
      if (rows == 0 || (head && !work_.lm_head)) continue;
      pass.linears.push_back(shaped(model, linear, static_cast<int>(rows), weight_bits));
    }
  }

  const Scenario& scenario_;
  const ShapesWorkload& work_;
  std::map<std::string, ShapedModel> models_;
  StepPlan plan_;
  Findings findings_;
};

}  // namespace

StepPlan plan_steps(const Scenario& scenario) { return Planner(scenario).plan(); }

}  // namespace flexcim
