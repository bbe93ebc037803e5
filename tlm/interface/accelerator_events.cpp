#include "tlm/interface/accelerator_events.h"

#include <cstring>
#include <type_traits>

namespace flexcim {

AcceleratorEvents& AcceleratorEvents::operator+=(const AcceleratorEvents& other) {
  // Often enough to be added as what the struct is, counts and nothing else.
  constexpr std::size_t kCounts = sizeof(AcceleratorEvents) / sizeof(std::uint64_t);
  static_assert(std::is_trivially_copyable_v<AcceleratorEvents> && sizeof(AcceleratorEvents) == 8 * kCounts);
  std::uint64_t mine[kCounts], theirs[kCounts];
  std::memcpy(mine, this, sizeof mine);
  std::memcpy(theirs, &other, sizeof theirs);
  for (std::size_t i = 0; i < kCounts; ++i) mine[i] += theirs[i];
  std::memcpy(this, mine, sizeof mine);
  return *this;
}

bool AcceleratorEvents::operator==(const AcceleratorEvents& other) const {
  for (const EventCounter& counter : event_counters()) {
    if (counter.get(*this) != counter.get(other)) return false;
  }
  return true;
}

const std::vector<EventCounter>& event_counters() {
  using E = AcceleratorEvents;
  using Count = std::uint64_t;
  static const std::vector<EventCounter> counters = {
      {"products", "events", "int8 multiplications", [](E& e) -> Count& { return e.macro.products; }},
      {"idle_cells", "events", "clock-gated cell cycles", [](E& e) -> Count& { return e.macro.idle_cells; }},
      {"metadata_selects", "events", "cells that pick among their lines",
       [](E& e) -> Count& { return e.macro.metadata_selects; }},
      {"index_compares", "events", "cells that compare their index",
       [](E& e) -> Count& { return e.macro.index_compares; }},
      {"distributor_pairs", "events", "pairs moved by first-stage multiplexers",
       [](E& e) -> Count& { return e.macro.distributor_pairs; }},
      {"column_adds", "events", "additions in column trees", [](E& e) -> Count& { return e.macro.column_adds; }},
      {"psum_writes", "events", "psum buffer entries written", [](E& e) -> Count& { return e.macro.psum_writes; }},
      {"psum_accumulates", "events", "psum buffer entries added to",
       [](E& e) -> Count& { return e.macro.psum_accumulates; }},
      {"merge_adds", "events", "additions in the merger", [](E& e) -> Count& { return e.macro.merge_adds; }},
      {"outputs", "events", "psum_final values", [](E& e) -> Count& { return e.macro.outputs; }},
      {"cell_writes", "events", "cell words written", [](E& e) -> Count& { return e.macro.cell_writes; }},
      {"phases", "cycles", "macro cycles with a phase on the lines", [](E& e) -> Count& { return e.macro.phases; }},
      {"passes", "events", "activation vectors through a macro", [](E& e) -> Count& { return e.macro.passes; }},
      {"activation_buffer_reads", "bytes", "read from the activation buffer",
       [](E& e) -> Count& { return e.activation_buffer_reads; }},
      {"activation_buffer_writes", "bytes", "written to the activation buffer",
       [](E& e) -> Count& { return e.activation_buffer_writes; }},
      {"weight_buffer_reads", "bytes", "read from the weight buffer",
       [](E& e) -> Count& { return e.weight_buffer_reads; }},
      {"weight_buffer_writes", "bytes", "written to the weight buffer",
       [](E& e) -> Count& { return e.weight_buffer_writes; }},
      {"output_buffer_reads", "bytes", "read from the output buffer",
       [](E& e) -> Count& { return e.output_buffer_reads; }},
      {"output_buffer_writes", "bytes", "written to the output buffer",
       [](E& e) -> Count& { return e.output_buffer_writes; }},
      {"dma_reads", "bytes", "read through the DMA port", [](E& e) -> Count& { return e.dma_reads; }},
      {"dma_writes", "bytes", "written through the DMA port", [](E& e) -> Count& { return e.dma_writes; }},
      {"accumulates", "events", "int32 additions in the output buffer", [](E& e) -> Count& { return e.accumulates; }},
      {"requantizations", "events", "accumulators scaled to int8", [](E& e) -> Count& { return e.requantizations; }},
  };
  return counters;
}

}  // namespace flexcim
