#include "platform/run/visibility.h"

#include "flow/base/json_output.h"
#include "platform/soc/platform_tables.h"
#include "tlm/fabric/picoseconds.h"
#include "tlm/interface/interrupt_controller_registers.h"
#include "tlm/interface/memory_map.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <sysc/kernel/sc_spawn.h>
#include <utility>

namespace flexcim {
namespace {

constexpr std::size_t kRegisterLogBytes = 1 << 16;

std::vector<RegisterMap> register_maps() {
  std::vector<RegisterMap> maps;
  for (const PlatformDevice& device : platform_devices()) maps.push_back(device.registers);
  return maps;
}

std::string name_of(tlm::tlm_response_status status) {
  tlm::tlm_generic_payload payload;
  payload.set_response_status(status);
  return payload.get_response_string();
}

TimelineOptions timeline_options(const Scenario& scenario) {
  const DramConfig& dram = scenario.architecture.dram;
  TimelineOptions options{scenario.power_window_ps()};
  options.from_ps = nanoseconds_as_picoseconds(scenario.observe.timeline_from_ns);
  options.to_ps = nanoseconds_as_picoseconds(scenario.observe.timeline_to_ns);
  options.dram_channels = dram.channels;
  options.interleave_bytes = static_cast<std::uint64_t>(dram.device.timing.interleave_bytes);
  return options;
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

}  // namespace

Visibility::Visibility(const Scenario& scenario, std::filesystem::path folder)
    : scenario_(scenario),
      folder_(std::move(folder)),
      names_(register_maps()),
      interrupts_([this](const ServedInterrupt& interrupt) {
        if (timeline_) timeline_->interrupt(interrupt, interrupts_.sources()[interrupt.source].name);
      }) {
  const ObserveConfig& observe = scenario.observe;
  if (scenario.host.kind == HostKind::riscv) program_ = riscv::ElfFile::read(scenario.host.elf.string());
  if (observe.registers) {
    registers_.emplace((folder_ / kRegistersFile).string());
    register_lines_ = names_.header();
  }
  if (observe.timeline) timeline_.emplace(folder_ / kTimelineFile, timeline_options(scenario));
}

void Visibility::listen_to(Soc& soc, std::function<std::string(std::uint32_t)> layer) {
  soc.host().add_listener(*this);
  if (registers_) soc.machine().add(*this);
  hart_ = soc.host().processor();
  if (hart_ != nullptr && program_) listen_to_processor(*hart_);
  listen_to_interrupts(soc);
  if (!timeline_) return;
  accelerator_.emplace(*timeline_, soc.accelerator(), std::move(layer));
  Observers& observers = soc.observers();
  observers.add_sink([this, &observers](const TransactionRecord& record) {
    transaction_ended(record, to_picoseconds(observers.told_up_to()));
  });
  soc.uart().on_sent([this](char character) { timeline_->sent(character, now_picoseconds()); });
}

void Visibility::listen_to_processor(riscv::Hart& hart) {
  const bool functions = scenario_.observe.profile || timeline_;
  hart.set_listener(this, functions);
  if (!functions) return;
  CallListener* const listener = timeline_ ? this : nullptr;
  profile_.emplace(*program_, listener);
  for (const CallProfile::Function& function : profile_->functions()) {
    function_names_.push_back(json_string(function.name));
  }
  profile_->begin(hart.pc());
}

void Visibility::listen_to_interrupts(const Soc& soc) {
  for (const InterruptLine& line : soc.interrupt_lines()) {
    sc_core::sc_spawn_options options;
    options.spawn_method();
    options.set_sensitivity(&line.level.value_changed_event());
    options.dont_initialize();
    sc_core::sc_spawn([this, line] { interrupts_.line(line.name, line.level.read(), now_picoseconds()); },
                      sc_core::sc_gen_unique_name("interrupt_line"), &options);
  }
}

Picoseconds Visibility::at_cycle(std::uint64_t cycle) const {
  return static_cast<Picoseconds>(cycle) * scenario_.host.clock().ps();
}

void Visibility::access_begins(const BusAccess& access, const sc_core::sc_time& at) {
  accessing_ = true;
  access_ = {to_picoseconds(at), std::nullopt, {}, access.write, access.address, access.bytes, access.value, {}};
  if (hart_ != nullptr) access_.pc = hart_->pc();
  if (timeline_) timeline_->host("running", access_.at);
}

void Visibility::access_ends(const BusAccess& access, const sc_core::sc_time& at, tlm::tlm_response_status status,
                             bool memory) {
  accessing_ = false;
  access_.value = access.value;
  const Picoseconds end = to_picoseconds(at);
  const bool good = status == tlm::TLM_OK_RESPONSE;
  if (timeline_) timeline_->host("accessing", end, names_.name(access.address));
  if (good && access.address == memory_map::interrupt_controller + InterruptControllerRegisters::claim) {
    access.write ? interrupts_.completed(access.value, end) : interrupts_.claimed(access.value, end);
  }
  if (accelerator_ && access.write && !memory) accelerator_->written(end);
  if (!memory) write_register(good ? "" : name_of(status));
}

void Visibility::write_register(const std::string& error) {
  if (!registers_ || !recording_) return;
  if (access_.pc && program_) access_.symbol = program_->symbol(*access_.pc);
  access_.error = error;
  register_lines_ += names_.line(access_);
  if (register_lines_.size() < kRegisterLogBytes) return;
  registers_->append(register_lines_.data(), register_lines_.size());
  register_lines_.clear();
}

void Visibility::falls_asleep(const sc_core::sc_time& at) {
  asleep_ = true;
  if (timeline_) timeline_->host("running", to_picoseconds(at));
}

void Visibility::wakes(const sc_core::sc_time& at) {
  asleep_ = false;
  if (timeline_) timeline_->host("sleeping", to_picoseconds(at));
  if (profile_) profile_->slept(hart_->cycles());
}

void Visibility::trapped(const riscv::Trap& trap) {
  interrupts_.trapped(trap.cause, at_cycle(hart_->cycles()));
  if (profile_) profile_->trapped(trap, hart_->pc(), hart_->cycles());
}

void Visibility::returned() { interrupts_.returned(at_cycle(hart_->cycles())); }

void Visibility::executed(std::uint32_t pc, const riscv::Instruction& instruction) {
  profile_->executed(pc, instruction, hart_->pc(), hart_->cycles());
}

void Visibility::entered(std::size_t function, std::uint64_t cycle) {
  timeline_->enter_function(function_names_[function], at_cycle(cycle));
}

void Visibility::transaction_ended(const TransactionRecord& record, Picoseconds told_up_to) {
  if (record.kind == TransactionRecord::Kind::debug) return;
  TimelineTransfer transfer;
  transfer.write = record.command == tlm::TLM_WRITE_COMMAND;
  transfer.address = record.address;
  transfer.bytes = record.bytes;
  transfer.from = to_picoseconds(record.begin);
  transfer.to = to_picoseconds(record.end);
  if (ends_with(record.connection, ".dram_port")) return timeline_->dram_access(transfer, told_up_to);
  timeline_->burst(transfer, told_up_to);
}

std::vector<InterruptLatency> Visibility::interrupts() const {
  std::vector<InterruptLatency> latencies;
  for (const InterruptSource& source : interrupts_.sources()) {
    if (source.count == 0 && source.name == "external") continue;  // its interrupts are those of other sources
    const double mean = source.count == 0 ? 0 : nanoseconds(source.sum) / static_cast<double>(source.count);
    latencies.push_back({source.name, source.count, source.least, source.most, mean});
  }
  return latencies;
}

/// Curves of what is summed up by windows.
void Visibility::draw_windows(const SimulationResult& result) {
  using Curves = Timeline::Curves;
  result.activity([&](const ActivityWindow& window) {
    const Picoseconds from = nanoseconds_as_picoseconds(window.start_ns),
                      to = nanoseconds_as_picoseconds(window.end_ns);
    const auto curve = [&](const char* name, double value) {
      timeline_->value(Curves::accelerator, name, from, to, value);
    };
    curve("utilization", window.utilization);
    curve("activation_buffer_bytes", window.buffer_bytes[static_cast<std::size_t>(BufferId::activation)]);
    curve("weight_buffer_bytes", window.buffer_bytes[static_cast<std::size_t>(BufferId::weight)]);
    curve("output_buffer_bytes", window.buffer_bytes[static_cast<std::size_t>(BufferId::output)]);
  });
  result.power([&](const PowerWindow& window) {
    const Picoseconds from = nanoseconds_as_picoseconds(window.start_ns),
                      to = nanoseconds_as_picoseconds(window.end_ns);
    const auto curve = [&](const std::string& name, double mw) {
      timeline_->value(Curves::power, name, from, to, std::round(mw * 1e6) / 1e6);  // as in power.csv
    };
    curve("total_mw", window.total_mw());
    for (const ComponentInfo& info : kComponentInfos) {
      curve(fmt::format("{}_mw", info.name), window.power_mw(info.component));
    }
  });
}

std::vector<std::string> Visibility::finish(const SimulationResult* result) {
  std::vector<std::string> files;
  if (accessing_) write_register("");  // it has ended the simulation
  if (profile_) profile_->finish(hart_->pc(), hart_->cycles());
  if (registers_) {
    registers_->append(register_lines_.data(), register_lines_.size());
    registers_->finish();
    files.emplace_back(kRegistersFile);
  }
  if (profile_ && scenario_.observe.profile) {
    write_text_file((folder_ / kProfileFile).string(),
                    profile_text(*profile_, scenario_.host.elf.filename().string(), scenario_.host.clock().ps()));
    files.emplace_back(kProfileFile);
  }
  if (timeline_) {
    const Picoseconds end = std::max(now_picoseconds(), hart_ != nullptr ? at_cycle(hart_->cycles()) : 0);
    timeline_->host(accessing_ ? "accessing"
                    : asleep_  ? "sleeping"
                               : "running",
                    end, accessing_ ? names_.name(access_.address) : "");
    if (result != nullptr) draw_windows(*result);
    timeline_->finish();
    files.emplace_back(kTimelineFile);
  }
  return files;
}

}  // namespace flexcim
