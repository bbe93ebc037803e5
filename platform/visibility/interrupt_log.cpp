#include "platform/visibility/interrupt_log.h"

#include "platform/riscv/hart.h"
#include "tlm/interface/memory_map.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <utility>

namespace flexcim {
namespace {

constexpr std::uint32_t cause_of(riscv::Interrupt interrupt) {
  return riscv::kInterruptCause | static_cast<std::uint32_t>(interrupt);
}

std::string claimed_name(std::uint32_t id) {
  return id <= memory_map::source_names.size() ? memory_map::source_names[id - 1] : fmt::format("source {}", id);
}

}  // namespace

InterruptLog::InterruptLog(Sink sink) : sink_(std::move(sink)) {}

std::size_t InterruptLog::source(const std::string& name) {
  const auto found =
      std::find_if(sources_.begin(), sources_.end(), [&](const InterruptSource& each) { return each.name == name; });
  if (found != sources_.end()) return static_cast<std::size_t>(found - sources_.begin());
  sources_.push_back({name, 0, 0, 0, 0});
  lines_.emplace_back();
  return sources_.size() - 1;
}

/// When the one was raised that is served from `at` on.
Picoseconds InterruptLog::Line::raised(Picoseconds at) const {
  const bool anew = !entered || (rose && *rose > *entered);
  return std::min(at, anew ? rose.value_or(at) : served);
}

void InterruptLog::line(const std::string& name, bool level, Picoseconds at) {
  if (level) lines_[source(name)].rose = at;
}

/// One that has been raised, and is served from now on; counted where its handler is known to be its own.
ServedInterrupt InterruptLog::enter(std::size_t source, Picoseconds at) {
  Line& line = lines_[source];
  ServedInterrupt interrupt;
  interrupt.source = source;
  interrupt.raised = line.raised(at);
  interrupt.entered = at;
  line.entered = at;
  InterruptSource& figures = sources_[source];
  const Picoseconds late = interrupt.entered - interrupt.raised;
  figures.least = figures.count == 0 ? late : std::min(figures.least, late);
  figures.most = std::max(figures.most, late);
  figures.sum += late;
  ++figures.count;
  return interrupt;
}

void InterruptLog::serve(ServedInterrupt interrupt, Picoseconds at) {
  interrupt.returned = at;
  Line& line = lines_[interrupt.source];
  if (line.served < interrupt.entered) line.served = at;  // else it has been completed
  sink_(interrupt);
}

void InterruptLog::trapped(std::uint32_t cause, Picoseconds at) {
  if (handlers_.size() >= kDeepest) handlers_.erase(handlers_.begin());  // of a program that never comes back
  handlers_.push_back({cause, at, {}});
  if (cause == cause_of(riscv::Interrupt::timer)) handlers_.back().interrupts.push_back(enter(source("timer"), at));
  if (cause == cause_of(riscv::Interrupt::software)) {
    handlers_.back().interrupts.push_back(enter(source("software"), at));
  }
}

void InterruptLog::returned(Picoseconds at) {
  if (handlers_.empty()) return;
  Handler handler = std::move(handlers_.back());
  handlers_.pop_back();
  if (handler.interrupts.empty() && handler.cause == cause_of(riscv::Interrupt::external)) {
    handler.interrupts.push_back(enter(source("external"), handler.entered));
  }
  for (const ServedInterrupt& interrupt : handler.interrupts) serve(interrupt, at);
}

void InterruptLog::claimed(std::uint32_t id, Picoseconds at) {
  if (id == 0) return;
  const std::size_t claimed = source(claimed_name(id));
  const auto handler = std::find_if(handlers_.rbegin(), handlers_.rend(), [](const Handler& each) {
    return each.cause == cause_of(riscv::Interrupt::external);
  });
  if (handler == handlers_.rend()) {
    polled_.push_back(enter(claimed, at));
    polled_.back().polled = true;
    return;
  }
  // One that came while the handler was at work has not waited for its beginning.
  const bool meanwhile = lines_[claimed].raised(at) > handler->entered;
  handler->interrupts.push_back(enter(claimed, meanwhile ? at : handler->entered));
}

void InterruptLog::completed(std::uint32_t id, Picoseconds at) {
  if (id == 0) return;
  const std::size_t complete = source(claimed_name(id));
  lines_[complete].served = at;
  const auto found = std::find_if(polled_.begin(), polled_.end(),
                                  [&](const ServedInterrupt& each) { return each.source == complete; });
  if (found == polled_.end()) return;
  const ServedInterrupt interrupt = *found;
  polled_.erase(found);
  serve(interrupt, at);
}

}  // namespace flexcim
