#include "platform/program/generation_program.h"

#include "flow/base/error.h"
#include "flow/base/finite.h"
#include "flow/model/generate.h"
#include "platform/config/block_parameters.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace flexcim {
namespace {

constexpr double kMostPairs = 2'147'483'647;  // of a query and a token, in a block: tokens of a layer are an int

const GenerateWorkload& workload(const Scenario& scenario) { return std::get<GenerateWorkload>(scenario.workload); }

}  // namespace

GenerationProgram::GenerationProgram(const Scenario& scenario, const GenerateJob& job)
    : NativeProgram(scenario), job_(job), costs_(workload(scenario).host_costs), progress_(progress_bar("generating")) {
  for (std::size_t i = 0; i < job.linears.size(); ++i) {
    linears_.add(memory_, job.linears[i], job.prompt.size(),
                 i < job.images.size() ? job.images[i] : MappedVector<std::uint8_t>());
  }
  place_inputs_and_outputs();
  const std::size_t tokens = job.prompt.size() + static_cast<std::size_t>(job.tokens);
  if (workload(scenario).attention == AttentionPlace::accelerator) place_attention(tokens);
  host_memory_.emplace(memory_, *job.model, workload(scenario).host_memory, tokens,
                       HostMemory::Shares{workload(scenario).head == HeadPlace::host, !attention_});
  const std::size_t layers = linears_.all().size() + (attention_ ? attention_->linears().size() : 0);
  for (Part& part : parts_) {
    part.layers.resize(layers);
    part.mismatches.resize(layers);
    part.faults.resize(layers);
    part.outputs.resize(layers);
  }
}

void GenerationProgram::place_attention(std::size_t tokens) {
  const auto pairs = static_cast<double>(tokens) * static_cast<double>(tokens) * job_.model->attention().heads;
  if (pairs > kMostPairs) {
    throw InputError(fmt::format("{}: {} tokens are more than the accelerator's products of attention are counted for",
                                 scenario().place("workload.attention"), tokens));
  }
  attention_.emplace(scenario(), memory_, *job_.model, job_.prompt.size(), tokens,
                     static_cast<std::uint32_t>(linears_.all().size()));
}

void GenerationProgram::check_others(CommandCheck& commands) const {
  if (attention_) attention_->check(commands);
}

std::vector<std::string> GenerationProgram::layer_names() const {
  std::vector<std::string> names = linears_.names();
  if (!attention_) return names;
  for (const PackedLinear& product : attention_->linears()) names.push_back(product.name);
  return names;
}

const PackedLinear& GenerationProgram::linear(std::size_t layer) const {
  const std::size_t linears = linears_.all().size();
  return layer < linears ? *linears_.all()[layer].weights : attention_->linears()[layer - linears];
}

/// Of each linear, how many from it on read the same inputs as it and are submitted together.
std::vector<std::size_t> GenerationProgram::groups() const {
  const std::vector<LinearInfo>& infos = job_.model->linears();  // the output head behind them is alone
  std::vector<std::size_t> groups(job_.linears.size(), 1);
  if (workload(scenario()).driver == DriverMode::serial) return groups;
  for (std::size_t i = infos.size(); i-- > 1;) {
    const bool together = infos[i - 1].block == infos[i].block && infos[i - 1].stage == infos[i].stage &&
                          job_.linears[i - 1].activation_scale == job_.linears[i].activation_scale;
    if (together && groups[i] < FirmwareDriver::ring_entries - 1) groups[i - 1] = groups[i] + 1;
  }
  return groups;
}

/// All commands share the memory of their inputs. Those in flight together have outputs of their own.
void GenerationProgram::place_inputs_and_outputs() {
  std::uint64_t input_bytes = 0;
  std::vector<std::uint64_t> output_bytes;  ///< by place in a group
  std::vector<std::size_t> places;
  const std::vector<std::size_t> groups = this->groups();
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const Descriptor& command = linears_.all()[i].command;
    places.push_back(i > 0 && groups[i - 1] > 1 ? places.back() + 1 : 0);
    output_bytes.resize(std::max(output_bytes.size(), places[i] + 1));
    input_bytes = std::max(input_bytes, std::uint64_t{command.tokens} * command.activation_stride);
    output_bytes[places[i]] = std::max(output_bytes[places[i]], std::uint64_t{command.tokens} * command.output_stride);
  }
  const std::uint64_t inputs = memory_.reserve("activations of a linear", input_bytes);
  std::vector<std::uint64_t> outputs;
  outputs.reserve(output_bytes.size());
  for (const std::uint64_t bytes : output_bytes) outputs.push_back(memory_.reserve("outputs of a linear", bytes));
  for (std::size_t i = 0; i < groups.size(); ++i) {
    linears_.all()[i].command.activations = inputs;
    linears_.all()[i].command.outputs = outputs[places[i]];
  }
}

void GenerationProgram::run(ProgramHost& host, const SocMeter& meter) {
  FirmwareDriver driver = start_driver(host);
  host_ = &host;
  meter_ = &meter;
  AcceleratorRunner runner(host, driver, {linears_.all(), groups(), attention_ ? &*attention_ : nullptr},
                           workload(scenario()).driver, costs_, *host_memory_, *this, scenario().faults.has_value());
  try {
    tokens_ = generate_greedy(*job_.model, runner, job_.prompt, job_.tokens, job_.ends, [&](int done) {
      if (done == 1) end_part(runner);
    });
    end_part(runner);
  } catch (const LayerRefused& refused) {
    refused_ = refused;
  } catch (const NotFiniteError&) {
    not_finite_ = std::current_exception();
  }
  check_.wait();
}

/// Since the last call, up to `now`.
SocCounts GenerationProgram::spent(const SocCounts& now) {
  const SocCounts before = seen_;
  seen_ = now;
  return now - before;
}

void GenerationProgram::streams() { spent(meter_->now()); }

DramEvents GenerationProgram::streamed(Picoseconds time) { return meter_->of_span(spent(meter_->now()), time).dram; }

void GenerationProgram::worked_meanwhile(OperatorClass operators, Picoseconds time) {
  parts_[now_].meanwhile.push_back({operators, {host_->now_ps() - time, host_->now_ps()}});
}

/// A command of `layer` has ended: of so many tokens and accumulators.
void GenerationProgram::end_command(std::size_t layer, int tokens, std::uint64_t outputs) {
  Part& part = parts_[now_];
  const CommandRecord& record = meter_->commands().at(commands_);
  const SocCounts& end = meter_->counts_at_ends().at(commands_++);
  const ClockPeriod clock = scenario().architecture.clock();
  part.commands.push_back({clock.of(record.start), clock.of(record.end)});
  part.layers[layer].add(record, tokens, meter_->of_span(spent(end), clock.of(record.cycles())));
  part.events += record.gemm.events;
  if (record.error != ErrorCode::none) ++part.faults[layer].refused[record.error];
  part.outputs[layer] += outputs;
}

void GenerationProgram::command_done(std::size_t linear, const Matrix<std::int8_t>& inputs,
                                     const Matrix<std::int32_t>& sums) {
  end_command(linear, static_cast<int>(inputs.rows()), sums.size());
  ++linears_done_;
  if (progress_) {
    progress_(static_cast<int>(linears_done_), job_.tokens * static_cast<int>(linears_.all().size()));
  }
  if (job_.golden_model == Golden::left_out) return;
  std::string& mismatch = parts_[now_].mismatches[linear];
  OutputError& all = parts_[now_].faults[linear].error;
  const int first = parts_[now_].layers[linear].tokens - static_cast<int>(inputs.rows());
  check_.add(*linears_.all()[linear].weights, inputs, sums,
             [&, first](const std::string& difference, const OutputError& error) {
               if (mismatch.empty()) mismatch = fmt::format("tokens from {}: {}", first, difference);
               all += error;
             });
}

void GenerationProgram::product_done(int block, const AttentionTask& task, const Int8Cache& cache,
                                     const Matrix<std::int8_t>& inputs, const Matrix<std::int32_t>& sums) {
  const std::size_t layer = linears_.all().size() + PlacedAttention::index(block, task.product);
  end_command(layer, static_cast<int>(inputs.rows() * task.seen), sums.size());
  if (job_.golden_model == Golden::left_out) return;
  std::string& mismatch = parts_[now_].mismatches[layer];
  OutputError& all = parts_[now_].faults[layer].error;
  check_.add(attention_weights(cache, task), inputs, sums,
             [&, task](const std::string& difference, const OutputError& error) {
               all += error;
               if (!mismatch.empty()) return;
               mismatch = fmt::format("key/value head {}, {} tokens: {}", task.kv_head, task.seen, difference);
             });
}

bool GenerationProgram::all_match() const {
  return std::all_of(parts_.begin(), parts_.end(), [](const Part& part) {
    return std::all_of(part.mismatches.begin(), part.mismatches.end(), [](const auto& each) { return each.empty(); });
  });
}

std::vector<int> GenerationProgram::golden_text() const {
  if (!job_.golden.empty()) return job_.golden;
  if (all_match()) return tokens_;
  return golden_generation(job_);
}

/// How much of what the host did fell into commands.
void GenerationProgram::find_hidden(Part& part) {
  auto command = part.commands.begin();
  for (const auto& [operators, work] : part.meanwhile) {
    while (command != part.commands.end() && command->end_ps <= work.start_ps) ++command;
    for (auto each = command; each != part.commands.end() && each->start_ps < work.end_ps; ++each) {
      part.hidden[static_cast<std::size_t>(operators)] +=
          std::min(each->end_ps, work.end_ps) - std::max(each->start_ps, work.start_ps);
    }
  }
  part.commands.clear();
  part.meanwhile.clear();
}

/// The present part ends, the next begins.
void GenerationProgram::end_part(const AcceleratorRunner& runner) {
  Part& part = parts_[now_];
  part.tokens = now_ == kPrefill ? static_cast<int>(job_.prompt.size()) : static_cast<int>(tokens_.size()) - 1;
  part.end_ps = host_->now_ps();
  find_hidden(part);
  part.spent = meter_->now() - part.spent;
  for (std::size_t i = 0; i < kOperatorClasses; ++i) part.work[i] = runner.work()[i] - part.work[i];
  if (now_ == kDecode) return;
  now_ = kDecode;
  // What has been counted so far does not belong to the next part.
  parts_[now_].start_ps = part.end_ps;
  parts_[now_].spent = meter_->now();
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
    OperatorResult& figures = result.operators[i];
    figures.units = work.units;
    figures.cycles = work.cycles;
    figures.read_bytes = work.read_bytes;
    figures.written_bytes = work.written_bytes;
    figures.compute_ps = costs_.clock().of(work.cycles);
    figures.wait_ps = static_cast<std::int64_t>(work.wait_ps);
    figures.hidden_ps = part.hidden[i];
    result.time.operators_ps += figures.compute_ps - figures.hidden_ps;
    result.time.hidden_ps += figures.hidden_ps;
    result.time.host_memory_ps += figures.wait_ps;
  }
  result.time.driver_ps = part.end_ps - part.start_ps - result.time.total_ps();
  return result;
}

LayerResult GenerationProgram::layer_result(PartIndex index, std::size_t layer, const SocMeter& meter,
                                            Account& account) const {
  const Part& part = parts_[index];
  LayerResult result = layer_figures(meter, account, scenario(), linear(layer), part.layers[layer]);
  result.name = fmt::format("{}/{}", kPartNames[index], result.name);
  result.mismatch = part.mismatches[layer];
  result.match = result.mismatch.empty();
  if (!scenario().faults) return result;
  result.faults = part.faults[layer];
  result.faults->error.outputs = part.outputs[layer];
  return result;
}

Roofline GenerationProgram::roofline(const GenerationPart& part, const Activity& activity) const {
  const DramParameters dram = dram_parameters(scenario().architecture);
  const double ps_per_byte = static_cast<double>(dram.ccd_s * dram.clock_ps) / (dram.burst_bytes() * dram.channels);
  Roofline roofline;
  roofline.dram_bytes = activity.dram.read_bytes + activity.dram.write_bytes;
  roofline.macros_ps = part.time.gemm_ps;
  roofline.dram_ps = std::llround(static_cast<double>(roofline.dram_bytes) * ps_per_byte);
  roofline.host_ps = part.time.operators_ps + part.time.hidden_ps + part.time.driver_ps;
  return roofline;
}

/// `account`: of the part.
void GenerationProgram::add_part(PartIndex index, const SocMeter& meter, Account account,
                                 SimulationResult& result) const {
  GenerationPart& part = result.generation->parts.emplace_back(part_result(index));
  part.roofline = roofline(part, account.left());
  for (std::size_t i = 0; i < parts_[index].layers.size(); ++i) {
    if (parts_[index].layers[i].tokens == 0) continue;
    result.layers.push_back(layer_result(index, i, meter, account));
    result.cycles += result.layers.back().cycles;
  }
  for (std::size_t i = 0; i < kOperatorClasses; ++i) {
    OperatorResult& work = part.operators[i];
    SocCounts spent;
    spent.host.instructions = work.cycles;
    spent.host.bus_bytes = work.read_bytes + work.written_bytes;
    spent.dram = parts_[index].work[i].dram;
    work.energy = account.take(meter.activity({}, work.alone_ps(), spent), work.alone_ps());
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
