#include "platform/run/firmware_simulation.h"

#include "flow/base/error.h"
#include "flow/model/int8_matmul.h"
#include "platform/firmware/driver/flexcim_boot.h"
#include "platform/riscv/elf.h"
#include "tlm/fabric/picoseconds.h"
#include "tlm/interface/memory_map.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <iostream>
#include <utility>

namespace flexcim {
namespace {

constexpr std::uint64_t kLeastDramBytes = std::uint64_t{16} << 20;  // where the scenario does not say

riscv::Memory memory_of(std::uint64_t address, MemoryStore& store) {
  riscv::Memory memory;
  memory.first = static_cast<std::uint32_t>(address);
  memory.last = static_cast<std::uint32_t>(address + store.size() - 1);
  memory.data = store.data();
  return memory;
}

/// Bytes of the DRAM, which has `dram_bytes`, that belong to the firmware.
std::uint64_t firmware_bytes(const riscv::ElfFile& elf, std::uint64_t dram_bytes) {
  const std::uint64_t end = elf.end_in(memory_map::dram, memory_map::dram + dram_bytes - 1);
  return std::max<std::uint64_t>(FLEXCIM_FIRMWARE_BYTES, end - memory_map::dram);
}

}  // namespace

FirmwareSimulation::FirmwareSimulation(const std::string& name, const Scenario& scenario, Fidelity fidelity,
                                       const FirmwareWork& work, const std::filesystem::path& folder,
                                       debug::Debugger* debugger)
    : SocSimulation(scenario, fidelity),
      work_(work),
      linears_(scenario),
      console_([this](char c) { show(c); }),
      console_stream_(&console_) {
  const riscv::ElfFile elf = riscv::ElfFile::read(scenario.host.elf.string());
  MemoryImage memory(memory_map::dram);
  const std::uint64_t dram_bytes = scenario.architecture.dram.bytes;
  memory.reserve("the firmware's memory", firmware_bytes(elf, dram_bytes != 0 ? dram_bytes : kLeastDramBytes));
  RiscvHostParameters parameters;
  parameters.clock = scenario.host.clock();
  parameters.timing = scenario.host.cycles;
  parameters.boot_block = static_cast<std::uint32_t>(place(memory));
  parameters.debugger = debugger;
  if (dram_bytes == 0 && memory.bytes() < kLeastDramBytes) {
    memory.reserve("memory that is left", kLeastDramBytes - memory.bytes());
  }
  dram_needed_ = memory.bytes();
  build(name, memory, riscv_host(elf, parameters), folder, console_stream_);
  elf.load({memory_of(memory_map::sram, soc().sram().store()), memory_of(memory_map::dram, soc().dram().store())});
  if (scenario.host.uart == UartLine::pty) {
    terminal_ = std::make_unique<PseudoTerminal>((name + "_terminal").c_str(), soc().uart());
  }
  soc().accelerator().on_command_end([this](const CommandRecord& record) { command_ended(record); });
}

std::uint32_t FirmwareSimulation::first_tag() const { return FLEXCIM_JOB_TAG; }

/// Returns the address of the boot block.
std::uint64_t FirmwareSimulation::place(MemoryImage& memory) {
  std::vector<Matrix<std::int32_t>> golden;
  std::vector<BootJob> jobs;
  golden.reserve(work_.jobs.size());
  for (const GemmJob* job : work_.jobs) {
    golden.push_back(golden_outputs(*job));
    jobs.push_back({&job->weights, linears_.add(memory, *job).command, &golden.back()});
  }
  std::uint64_t model_address = 0;
  if (const GenerateJob* generation = work_.generation) {
    for (const PackedLinear& linear : generation->linears) {
      Descriptor& command = linears_.add(memory, linear, generation->prompt.size()).command;
      const std::uint64_t tokens = command.tokens;
      command.activations = memory.reserve("activations of " + linear.name, tokens * command.activation_stride);
      command.outputs = memory.reserve("outputs of " + linear.name, tokens * command.output_stride);
      jobs.push_back({&linear, command, nullptr});
    }
    const BootModel model = add_boot_model(memory, *generation);
    model_address = model.address;
    generated_ = model.generated;
  }
  for (const BootJob& job : jobs) layers_.push_back({job.weights, {}, {}, {}});
  std::vector<std::string> arguments{scenario().host.elf.filename().string()};
  arguments.insert(arguments.end(), scenario().host.arguments.begin(), scenario().host.arguments.end());
  return add_boot_block(memory, arguments, jobs, model_address);
}

/// Null where that is no memory.
const std::uint8_t* FirmwareSimulation::memory_at(std::uint64_t address, std::uint64_t bytes) const {
  const auto in = [&](std::uint64_t base, const MemoryStore& store) {
    return address >= base && store.contains(address - base, bytes) ? store.data() + (address - base) : nullptr;
  };
  const std::uint8_t* const found = in(memory_map::dram, soc().dram().store());
  return found != nullptr ? found : in(memory_map::sram, soc().sram().store());
}

void FirmwareSimulation::command_ended(const CommandRecord& record) {
  const SocCounts seen = meter().now(), spent = seen - seen_;
  seen_ = seen;
  const std::uint32_t index = record.tag - FLEXCIM_JOB_TAG;
  const Descriptor& command = soc().accelerator().descriptor();
  if (index >= layers_.size() || record.error != ErrorCode::none || command.opcode != static_cast<int>(Opcode::gemm)) {
    return;
  }
  Layer& layer = layers_[index];
  const ClockPeriod clock = scenario().architecture.clock();
  layer.totals.add(record, static_cast<int>(command.tokens), meter().of_span(spent, clock.of(record.cycles())));
  const auto differs = [&](const std::string& how) {
    if (layer.mismatch.empty()) layer.mismatch = how;
  };
  if (command.in != static_cast<std::uint32_t>(layer.weights->in) ||
      command.out != static_cast<std::uint32_t>(layer.weights->out) || command.has(kFlagRequantize)) {
    return differs(fmt::format("the firmware has changed the command with the tag {:#x}", record.tag));
  }
  const std::uint64_t rows = command.tokens;
  const std::uint8_t* const inputs =
      memory_at(command.activations, (rows - 1) * command.activation_stride + command.in);
  const std::uint8_t* const outputs =
      memory_at(command.outputs, (rows - 1) * command.output_stride + std::uint64_t{4} * command.out);
  if (inputs == nullptr || outputs == nullptr) return differs("its data lie in no memory");
  Matrix<std::int32_t> golden(rows, command.out);
  int8_matmul({reinterpret_cast<const std::int8_t*>(inputs), rows, command.in, command.activation_stride},
              *layer.weights, golden);
  layer.output = Matrix<std::int32_t>(rows, command.out);
  for (std::uint64_t t = 0; t < rows; ++t) {
    std::memcpy(layer.output.row(t), outputs + t * command.output_stride, std::size_t{4} * command.out);
  }
  if (layer.output == golden) return;
  differs(first_difference(layer.output, golden));
}

void FirmwareSimulation::check(Findings& findings) {
  check_dram(scenario(), dram_needed_, "firmware, boot block", findings);
  CommandCheck commands(scenario(), findings);
  linears_.check(soc().dram().store().data(), commands);
  commands.finish();
}

void FirmwareSimulation::sample(std::uint64_t window) {
  if (ended() && !meter().finished()) meter().finish(to_picoseconds(sc_core::sc_time_stamp()));
  SocSimulation::sample(window);
}

FirmwareText FirmwareSimulation::text() const {
  FirmwareText text;
  text.golden = work_.generation->golden;
  text.tokens.resize(text.golden.size());
  static_assert(sizeof(int) == sizeof(std::int32_t));
  std::memcpy(text.tokens.data(), memory_at(generated_, 4 * text.tokens.size()), 4 * text.tokens.size());
  const int vocabulary = work_.generation->model->vocabulary();
  const auto none = [vocabulary](int token) { return token < 0 || token >= vocabulary; };
  text.tokens.erase(std::find_if(text.tokens.begin(), text.tokens.end(), none), text.tokens.end());
  text.text = work_.generation->model->text().of(text.tokens, TextPart::continued);
  text.golden_text = work_.generation->model->text().of(text.golden, TextPart::continued);
  return text;
}

/// Whether the activations of a job are still what the scenario says.
bool FirmwareSimulation::has_activations(std::size_t job) const {
  const Matrix<std::int8_t>& activations = work_.jobs[job]->activations;
  const Descriptor& command = linears_.all()[job].command;
  for (std::size_t t = 0; t < activations.rows(); ++t) {
    const std::uint8_t* row = memory_at(command.activations + t * command.activation_stride, activations.cols());
    if (std::memcmp(row, activations.row(t), activations.cols()) != 0) return false;
  }
  return true;
}

SimulationResult FirmwareSimulation::result() const {
  SimulationResult result = begin_result();
  Account account = meter().account();
  for (const CommandRecord& record : soc().accelerator().records()) result.cycles += record.cycles();
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    if (layer.totals.tokens == 0) continue;
    LayerResult& row = result.layers.emplace_back(
        layer_figures(meter(), account, scenario(), *linears_.all()[i].weights, layer.totals));
    row.mismatch = layer.mismatch;
    if (work_.generation == nullptr) {
      row.output = layer.output;
      if (row.mismatch.empty() && !has_activations(i)) row.mismatch = "the firmware has changed its activations";
    }
    row.match = row.mismatch.empty();
  }
  result.between = account.rest();
  meter().complete(result);
  FirmwareResult firmware;
  firmware.exit_code = *soc().finisher().exit_code();
  firmware.instructions = soc().host().counts().instructions;
  firmware.commands = soc().accelerator().records().size();
  firmware.jobs = layers_.size();
  if (work_.generation != nullptr) firmware.text = text();
  firmware.uart = console_.text();
  result.firmware = std::move(firmware);
  return result;
}

FirmwareSimulation::Console::int_type FirmwareSimulation::Console::overflow(int_type character) {
  if (traits_type::eq_int_type(character, traits_type::eof())) return traits_type::not_eof(character);
  text_ += traits_type::to_char_type(character);
  show_(traits_type::to_char_type(character));
  return character;
}

int FirmwareSimulation::Console::sync() {
  std::cout.flush();
  return 0;
}

void FirmwareSimulation::show(char character) const {
  if (terminal_) return terminal_->put(character);
  if (scenario().host.uart == UartLine::terminal) std::cout.put(character);
}

}  // namespace flexcim
