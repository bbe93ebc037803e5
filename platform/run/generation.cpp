#include "platform/run/generation.h"

#include "flow/base/finite.h"
#include "flow/model/generate.h"
#include "platform/run/gemm_command.h"
#include "platform/run/simulation_error.h"
#include "platform/workload/memory_image.h"
#include "platform/workload/progress_bar.h"
#include "tlm/fabric/picoseconds.h"
#include "tlm/interface/memory_map.h"

#include <algorithm>
#include <fmt/format.h>
#include <iostream>

namespace flexcim {
namespace {

constexpr const char* kPartNames[] = {"prefill", "decode"};

const GenerateWorkload& workload(const Scenario& scenario) { return std::get<GenerateWorkload>(scenario.workload); }

}  // namespace

Generation::Generation(const std::string& name, const Scenario& scenario, Fidelity fidelity, const GenerateJob& job,
                       const std::filesystem::path& folder)
    : scenario_(scenario), fidelity_(fidelity), job_(job), costs_(workload(scenario).host_costs) {
  MemoryImage memory(memory_map::dram);
  ring_ = memory.reserve("the descriptor ring", AcceleratorDriver::ring_entries * kDescriptorBytes);
  std::uint64_t activation_bytes = 0, output_bytes = 0;
  for (const PackedLinear& linear : job.linears) {
    std::vector<std::uint8_t> weights = weight_image(linear, scenario);
    PlacedLinear placed{&linear, gemm_command(linear, static_cast<int>(job.prompt.size()), scenario)};
    placed.command.weights_bytes = static_cast<std::uint32_t>(weights.size());
    placed.command.weights = memory.append("weights of " + linear.name, std::move(weights));
    placed.command.tag = static_cast<std::uint32_t>(linears_.size());
    const std::uint64_t tokens = placed.command.tokens;
    activation_bytes = std::max(activation_bytes, tokens * placed.command.activation_stride);
    output_bytes = std::max(output_bytes, tokens * placed.command.output_stride);
    linears_.push_back(placed);
    golden_.emplace_back(unpack(linear));
  }
  // One command runs at a time: all share the memory of inputs and outputs.
  const std::uint64_t activations = memory.reserve("activations of a linear", activation_bytes),
                      outputs = memory.reserve("outputs of a linear", output_bytes);
  for (PlacedLinear& placed : linears_) {
    placed.command.activations = activations;
    placed.command.outputs = outputs;
  }
  for (Part& part : parts_) {
    part.layers.resize(linears_.size());
    part.mismatches.resize(linears_.size());
  }
  soc_ = std::make_unique<Soc>(name.c_str(), scenario.architecture, fidelity, memory.bytes(),
                               native_host([this](NativeHost& host) { program(host); }), std::cout);
  meter_ = std::make_unique<SocMeter>(scenario, *soc_, folder);
  memory.load(soc_->dram().store().data(), soc_->dram().store().size());
}

void Generation::check(Findings& findings) {
  std::vector<LayerCommand> commands;
  for (const PlacedLinear& linear : linears_) {
    commands.push_back({linear.weights->name, &linear.command,
                        soc_->dram().store().data() + (linear.command.weights - memory_map::dram)});
  }
  check_commands(scenario_, commands, findings);
}

void Generation::program(NativeHost& host) {
  AcceleratorDriver driver(host, ring_);
  driver.start();
  AcceleratorRunner runner(host, driver, linears_, costs_,
                           [this](std::size_t linear, const Matrix<std::int8_t>& inputs,
                                  const Matrix<std::int32_t>& sums) { command_done(linear, inputs, sums); });
  const Progress progress = progress_bar("generating");
  try {
    tokens_ = generate_greedy(*job_.model, runner, job_.prompt, job_.tokens, job_.ends, [&](int done) {
      if (done == 1) end_part(host, runner);
      if (progress) progress(done, job_.tokens);
    });
    end_part(host, runner);
  } catch (const LayerRefused& refused) {
    refused_ = refused;
  } catch (const NotFiniteError&) {  // sums are not the golden model's: its own text was finite
    not_finite_ = std::current_exception();
  }
  meter_->finish(to_picoseconds(host.now()));
}

void Generation::command_done(std::size_t linear, const Matrix<std::int8_t>& inputs, const Matrix<std::int32_t>& sums) {
  Part& part = parts_[now_];
  const CommandRecord& record = soc_->accelerator().records().back();
  const SocCounts seen = meter_->now();
  part.layers[linear].add(record, static_cast<int>(inputs.rows()), seen - seen_);
  part.events += record.gemm.events;
  seen_ = seen;

  Matrix<std::int32_t> golden(sums.rows(), sums.cols());
  int8_matmul(inputs, golden_[linear], golden);
  std::string& mismatch = part.mismatches[linear];
  if (!mismatch.empty() || sums == golden) return;
  mismatch = fmt::format("tokens from {}: {}", part.layers[linear].tokens - static_cast<int>(inputs.rows()),
                         first_difference(sums, golden));
}

/// The present part ends, the next begins.
void Generation::end_part(const NativeHost& host, const AcceleratorRunner& runner) {
  Part& part = parts_[now_];
  part.tokens = now_ == kPrefill ? static_cast<int>(job_.prompt.size()) : static_cast<int>(tokens_.size()) - 1;
  part.end_ps = to_picoseconds(host.now());
  part.spent = meter_->now() - part.spent;
  for (std::size_t i = 0; i < kOperatorClasses; ++i) {
    part.work[i].units = runner.work()[i].units - part.work[i].units;
    part.work[i].cycles = runner.work()[i].cycles - part.work[i].cycles;
  }
  if (now_ == kDecode) return;
  now_ = kDecode;
  // What has been counted so far does not belong to the next part.
  parts_[now_].start_ps = part.end_ps;
  parts_[now_].spent = meter_->now();
  parts_[now_].work = runner.work();
}

GenerationPart Generation::part_result(PartIndex index) const {
  const Part& part = parts_[index];
  const ClockPeriod clock = scenario_.architecture.clock();
  const std::int64_t duration_ps = part.end_ps - part.start_ps;
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
    result.operators[i] = {work.units, work.cycles, time_ps};
    result.time.operators_ps += time_ps;
  }
  result.time.driver_ps = duration_ps - result.time.total_ps();
  result.energy =
      meter_->energy().price(meter_->activity(part.events, duration_ps, part.spent), nanoseconds(duration_ps));
  return result;
}

LayerResult Generation::layer_result(PartIndex index, std::size_t linear) const {
  const Part& part = parts_[index];
  LayerResult result = layer_figures(*meter_, scenario_.architecture, *linears_[linear].weights, part.layers[linear]);
  result.name = fmt::format("{}/{}", kPartNames[index], result.name);
  result.mismatch = part.mismatches[linear];
  result.match = result.mismatch.empty();
  return result;
}

StageResult Generation::result() const {
  if (refused_) refuse_layer(scenario_, refused_->layer, refused_->error);
  if (not_finite_) std::rethrow_exception(not_finite_);
  if (!meter_->finished()) {
    throw SimulationError("the host's program has not ended: " + soc_->accelerator().waiting_for());
  }
  StageResult result;
  result.fidelity = fidelity_;
  GenerationResult& generation = result.generation.emplace();
  const int vocabulary = job_.model->vocabulary();
  generation.prompt = job_.prompt;
  generation.tokens = tokens_;
  generation.golden = job_.golden;
  generation.asked = job_.tokens;
  generation.ended = std::find(job_.ends.begin(), job_.ends.end(), tokens_.back()) != job_.ends.end();
  generation.prompt_text = text_of(job_.prompt, vocabulary);
  generation.text = text_of(tokens_, vocabulary);
  std::vector<int> whole = job_.prompt;
  whole.insert(whole.end(), tokens_.begin(), tokens_.end());
  generation.whole_text = text_of(whole, vocabulary);
  generation.golden_text = text_of(job_.golden, vocabulary);
  for (const PartIndex index : {kPrefill, kDecode}) {
    generation.parts.push_back(part_result(index));
    for (std::size_t i = 0; i < linears_.size(); ++i) {
      if (parts_[index].layers[i].tokens == 0) continue;
      result.layers.push_back(layer_result(index, i));
      result.cycles += result.layers.back().cycles;
    }
  }
  meter_->report(result);
  return result;
}

}  // namespace flexcim
