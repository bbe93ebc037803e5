#include "platform/program/generation_program.h"

#include "flow/base/finite.h"
#include "flow/model/generate.h"
#include "flow/model/int8_runner.h"

#include <algorithm>
#include <fmt/format.h>

namespace flexcim {
namespace {

const GenerateWorkload& workload(const Scenario& scenario) { return std::get<GenerateWorkload>(scenario.workload); }

}  // namespace

GenerationProgram::GenerationProgram(const Scenario& scenario, const GenerateJob& job)
    : NativeProgram(scenario), job_(job), costs_(workload(scenario).host_costs), progress_(progress_bar("generating")) {
  std::uint64_t activation_bytes = 0, output_bytes = 0;
  for (std::size_t i = 0; i < job.linears.size(); ++i) {
    const Descriptor& command = linears_
                                    .add(memory_, job.linears[i], job.prompt.size(),
                                         job.images.empty() ? MappedVector<std::uint8_t>() : job.images[i])
                                    .command;
    const std::uint64_t tokens = command.tokens;
    activation_bytes = std::max(activation_bytes, tokens * command.activation_stride);
    output_bytes = std::max(output_bytes, tokens * command.output_stride);
  }
  // One command runs at a time: all share the memory of inputs and outputs.
  const std::uint64_t activations = memory_.reserve("activations of a linear", activation_bytes),
                      outputs = memory_.reserve("outputs of a linear", output_bytes);
  for (PlacedLinear& placed : linears_.all()) {
    placed.command.activations = activations;
    placed.command.outputs = outputs;
  }
  for (Part& part : parts_) {
    part.layers.resize(linears_.all().size());
    part.mismatches.resize(linears_.all().size());
  }
}

void GenerationProgram::run(ProgramHost& host, const SocMeter& meter) {
  FirmwareDriver driver = start_driver(host);
  AcceleratorRunner runner(host, driver, linears_.all(), costs_,
                           [&](std::size_t linear, const Matrix<std::int8_t>& inputs,
                               const Matrix<std::int32_t>& sums) { command_done(linear, inputs, sums, meter); });
  try {
    tokens_ = generate_greedy(*job_.model, runner, job_.prompt, job_.tokens, job_.ends, [&](int done) {
      if (done == 1) end_part(host, runner, meter);
    });
    end_part(host, runner, meter);
  } catch (const LayerRefused& refused) {
    refused_ = refused;
  } catch (const NotFiniteError&) {
    not_finite_ = std::current_exception();
  }
  check_.wait();
}

void GenerationProgram::command_done(std::size_t linear, const Matrix<std::int8_t>& inputs,
                                     const Matrix<std::int32_t>& sums, const SocMeter& meter) {
  Part& part = parts_[now_];
  const CommandRecord& record = meter.commands().back();
  const SocCounts seen = meter.now();
  part.layers[linear].add(record, static_cast<int>(inputs.rows()), meter.of_command(seen - seen_, record.cycles()));
  part.events += record.gemm.events;
  seen_ = seen;
  if (job_.golden_model != Golden::left_out) compare(linear, inputs, sums);
  if (progress_) progress_(++commands_, job_.tokens * static_cast<int>(linears_.all().size()));
}

void GenerationProgram::compare(std::size_t linear, const Matrix<std::int8_t>& inputs,
                                const Matrix<std::int32_t>& sums) {
  std::string& mismatch = parts_[now_].mismatches[linear];
  const int first = parts_[now_].layers[linear].tokens - static_cast<int>(inputs.rows());
  check_.add(*linears_.all()[linear].weights, inputs, sums, [&mismatch, first](const std::string& difference) {
    if (mismatch.empty()) mismatch = fmt::format("tokens from {}: {}", first, difference);
  });
}

bool GenerationProgram::all_match() const {
  return std::all_of(parts_.begin(), parts_.end(), [](const Part& part) {
    return std::all_of(part.mismatches.begin(), part.mismatches.end(), [](const auto& each) { return each.empty(); });
  });
}

std::vector<int> GenerationProgram::golden_text() const {
  if (all_match()) return tokens_;
  Int8Runner int8(job_.linears, 0);
  return golden_generation(job_, int8);
}

/// The present part ends, the next begins.
void GenerationProgram::end_part(const ProgramHost& host, const AcceleratorRunner& runner, const SocMeter& meter) {
  Part& part = parts_[now_];
  part.tokens = now_ == kPrefill ? static_cast<int>(job_.prompt.size()) : static_cast<int>(tokens_.size()) - 1;
  part.end_ps = host.now_ps();
  part.spent = meter.now() - part.spent;
  for (std::size_t i = 0; i < kOperatorClasses; ++i) {
    part.work[i].units = runner.work()[i].units - part.work[i].units;
    part.work[i].cycles = runner.work()[i].cycles - part.work[i].cycles;
  }
  if (now_ == kDecode) return;
  now_ = kDecode;
  // What has been counted so far does not belong to the next part.
  parts_[now_].start_ps = part.end_ps;
  parts_[now_].spent = meter.now();
  parts_[now_].work = runner.work();
}

GenerationPart GenerationProgram::part_result(PartIndex index) const {
  const Part& part = parts_[index];
  const ClockPeriod clock = scenario().architecture.clock();
  GenerationPart result;
  result.name = kPartNames[index];
  result.tokens = part.tokens;
  for (const GemmTotals& layer : part.layers) {
    const std::uint64_t working = layer.gemm.compute_cycles + layer.gemm.load_cycles;
    result.time.gemm_ps += clock.of(working);
    result.time.memory_ps += clock.of(layer.cycles - working);
  }
  for (std::size_t i = 0; i < kOperatorClasses; ++i) {
    const OperatorWork& work = part.work[i];
    const std::int64_t time_ps = costs_.clock().of(work.cycles);
    result.operators[i] = {work.units, work.cycles, time_ps, {}};
    result.time.operators_ps += time_ps;
  }
  result.time.driver_ps = part.end_ps - part.start_ps - result.time.total_ps();
  return result;
}

LayerResult GenerationProgram::layer_result(PartIndex index, std::size_t linear, const SocMeter& meter,
                                            Account& account) const {
  const Part& part = parts_[index];
  LayerResult result = layer_figures(meter, account, scenario(), *linears_.all()[linear].weights, part.layers[linear]);
  result.name = fmt::format("{}/{}", kPartNames[index], result.name);
  result.mismatch = part.mismatches[linear];
  result.match = result.mismatch.empty();
  return result;
}

/// `account`: of the part.
void GenerationProgram::add_part(PartIndex index, const SocMeter& meter, Account account,
                                 SimulationResult& result) const {
  GenerationPart& part = result.generation->parts.emplace_back(part_result(index));
  for (std::size_t i = 0; i < linears_.all().size(); ++i) {
    if (parts_[index].layers[i].tokens == 0) continue;
    result.layers.push_back(layer_result(index, i, meter, account));
    result.cycles += result.layers.back().cycles;
  }
  for (OperatorResult& work : part.operators) {
    SocCounts spent;
    spent.host.instructions = work.cycles;
    work.energy = account.take(meter.activity({}, work.time_ps, spent), work.time_ps);
  }
  part.driver = account.rest();
}

void GenerationProgram::add_text(GenerationResult& generation) const {
  const ModelText& model = job_.model->text();
  generation.prompt = job_.prompt;
  generation.asked = job_.tokens;
  generation.prompt_text = model.of(job_.prompt, TextPart::whole);
  if (job_.golden_model == Golden::left_out) return;
  generation.tokens = tokens_;
  generation.golden = golden_text();
  generation.ended = std::find(job_.ends.begin(), job_.ends.end(), tokens_.back()) != job_.ends.end();
  generation.text = model.of(tokens_, TextPart::continued);
  std::vector<int> whole = job_.prompt;
  whole.insert(whole.end(), tokens_.begin(), tokens_.end());
  generation.whole_text = model.of(whole, TextPart::whole);
  generation.golden_text = model.of(generation.golden, TextPart::continued);
}

void GenerationProgram::add_result(SimulationResult& result, const SocMeter& meter, const std::uint8_t*) const {
  if (refused_) refuse_layer(scenario(), refused_->layer, refused_->error);
  if (not_finite_) {
    naming_not_finite(all_match() ? job_.name : "sums that differ from the golden model's",
                      [this] { std::rethrow_exception(not_finite_); });
  }
  add_text(result.generation.emplace());
  // Decode is all that comes after prefill, so that nothing belongs to neither.
  Account account = meter.account();
  const Part& prefill = parts_[kPrefill];
  add_part(kPrefill, meter, account.part(meter.activity(prefill.events, prefill.end_ps, prefill.spent), prefill.end_ps),
           result);
  add_part(kDecode, meter, account, result);
}

}  // namespace flexcim
