#include "platform/estimate/request_work.h"

#include "flow/base/error.h"

#include <cmath>
#include <fmt/format.h>

namespace flexcim {
namespace {

constexpr double kMostUnits = 1e18;

/// Pairs of a token and one that it sees in `runs` of a request, which reads `tokens` in each and then has `growth`
/// more behind it.
double scores(const Request& request, int tokens, int runs, double growth) {
  const double each = tokens, times = runs;
  const double among_new = request.phase == RequestPhase::encode ? each * each : each * (each + 1) / 2;
  return times * (each * request.context + among_new) + each * growth * times * (times - 1) / 2;
}

/// Throws InputError for more than kMostUnits of a class.
std::uint64_t whole_units(double units, std::string_view name) {
  if (units > kMostUnits) {
    throw InputError(fmt::format("the host computes {:.3g} units of {}: 1e18 are the most", units, name));
  }
  return static_cast<std::uint64_t>(std::llround(units));
}

RequestWork work(const Request& request, const Step& step, const Request& shown, int tokens) {
  const double growth = request.growth(), last = request.context + growth * (step.repeat - 1);
  const double all = static_cast<double>(request.count) * step.batches;
  RequestWork work;
  work.figures = {shown.phase, request.count, shown.tokens, request.context, last, shown.gives(step.repeat) * all, 0};
  work.logits = static_cast<std::uint64_t>(shown.logits()) * static_cast<std::uint64_t>(request.count);
  work.scores = scores(request, tokens, step.repeat, growth) * all;
  work.longest = last + tokens;
  return work;
}

}  // namespace

RequestWork work_of(const Request& request, const Step& step) { return work(request, step, request, request.tokens); }

RequestWork drafting_of(const Request& request, const Step& step) {
  Request draft;
  draft.phase = RequestPhase::draft;
  return work(request, step, draft, request.tokens - 1);
}

void require_served(const ModelShapes& model, const std::vector<RequestWork>& requests) {
  for (const RequestWork& request : requests) {
    const std::string phase(to_string(request.figures.phase));
    if (model.vocabulary == 0 && request.logits > 0) {
      throw InputError(fmt::format("a {} gives no logits: it can encode, not {}", model.type, phase));
    }
    if (model.positions > 0 && request.longest > model.positions) {
      throw InputError(fmt::format("a {} comes to {:.6g} tokens, the model has {} positions", phase, request.longest,
                                   model.positions));
    }
    if (model.window > 0 && request.longest > model.window) {
      throw InputError(
          fmt::format("a {} comes to {:.6g} tokens, of which the model's attention sees {} at a time: such "
                      "windows are not estimated",
                      phase, request.longest, model.window));
    }
  }
}

double attention_macs(const SlicedModel& model, const RequestWork& request) {
  return 2 * request.scores * model.shapes.heads * model.shapes.head * model.blocks;
}

OperatorUnits operator_units(const SlicedModel& model, const std::vector<RequestWork>& requests, std::uint64_t times,
                             bool head_there) {
  using C = OperatorClass;
  std::array<double, kOperatorClasses> units{};
  const auto add = [&](C operators, double count) { units[static_cast<std::size_t>(operators)] += count; };
  double tokens = 0, embedded = 0, logits = 0;
  for (const RequestWork& request : requests) {
    const double read =
        static_cast<double>(request.figures.tokens) * request.figures.count * static_cast<double>(times);
    tokens += read;
    if (request.figures.phase != RequestPhase::encode) embedded += read;
    logits += static_cast<double>(request.logits) * static_cast<double>(times);
    add(C::attention, attention_macs(model, request));
    add(C::softmax, request.scores * model.shapes.heads * model.blocks);
  }
  const double hidden = model.shapes.hidden;
  add(C::embedding, hidden * embedded);
  if (model.shapes.learned_positions) add(C::elementwise, hidden * embedded);
  for (const OperatorShape& each : model.shapes.operators) {
    add(each.operators, static_cast<double>(each.units) * (each.ffn ? model.ffn_blocks : model.blocks) * tokens);
  }
  add(C::norm, hidden * logits);
  if (!head_there) add(C::head, hidden * model.shapes.vocabulary * logits);
  for (const LinearShape& linear : model.shapes.linears) {
    const bool head = linear.block < 0;
    if (head && !head_there) continue;
    add(C::quantize, linear.in * (head ? logits : tokens));
    add(C::dequantize, linear.out * (head ? logits : tokens));
  }
  OperatorUnits whole{};
  for (std::size_t i = 0; i < kOperatorClasses; ++i) whole[i] = whole_units(units[i], operator_classes()[i].name);
  return whole;
}

OperatorUses operator_uses(const SlicedModel& model, const std::vector<RequestWork>& requests, std::uint64_t times,
                           bool head_there, int queries) {
  using C = OperatorClass;
  OperatorUses uses{};
  const auto add = [&](C operators, double read, double written, double pieces) {
    OperatorUse& use = uses[static_cast<std::size_t>(operators)];
    const auto whole = [&](double value) {
      return whole_units(value, operator_classes()[static_cast<std::size_t>(operators)].name);
    };
    use.rows.read += whole(read);
    use.rows.written += whole(written);
    use.pieces += whole(pieces);
  };
  const double blocks = model.blocks, runs = static_cast<double>(times);
  bool logits = false;
  for (const RequestWork& request : requests) {
    const double tokens = request.figures.tokens, sequences = request.figures.count * runs;
    if (request.figures.phase != RequestPhase::encode) {
      add(C::embedding, tokens * sequences, 0, tokens * sequences);
    }
    const double groups = std::ceil(tokens / queries);
    if (model.shapes.heads > 0) {
      add(C::attention, std::ceil(request.scores * groups / tokens) * blocks, tokens * sequences * blocks,
          groups * sequences * blocks);
    }
    add(C::convolution, static_cast<double>(model.shapes.convolution_state) * sequences * blocks,
        static_cast<double>(model.shapes.convolution_state) * sequences * blocks, sequences * blocks);
    add(C::scan, static_cast<double>(model.shapes.scan_state) * sequences * blocks,
        static_cast<double>(model.shapes.scan_state) * sequences * blocks, sequences * blocks);
    logits = logits || request.logits > 0;
  }
  if (logits && !head_there) add(C::head, model.shapes.vocabulary * runs, 0, runs);
  return uses;
}

}  // namespace flexcim
