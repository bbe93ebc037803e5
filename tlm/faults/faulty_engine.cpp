#include "tlm/faults/faulty_engine.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <utility>

namespace flexcim {
namespace {

constexpr int kAccumulatorBits = 32;

/// Bits that vector instructions may read behind a blob.
constexpr std::size_t kSlack = 64;

}  // namespace

FaultyEngine::FaultyEngine(MacroEngine& engine, FaultInjector& faults)
    : engine_(engine),
      faults_(faults),
      on_sums_(faults.aims_at(FaultSite::psums) || faults.aims_at(FaultSite::output_buffer)),
      runs_(static_cast<std::size_t>(faults.shape().outputs)) {
  if (on_sums_) engine_.set_sums_path(this);
}

bool FaultyEngine::aims_at_tiles() const {
  return faults_.aims_at(FaultSite::weights) || faults_.aims_at(FaultSite::metadata) ||
         faults_.aims_at(FaultSite::selects) || faults_.aims_at(FaultSite::masks);
}

Cycle FaultyEngine::load(Cycle start, std::shared_ptr<const ArrayTile> tile, std::uint64_t port_bytes) {
  tile = take(tile);
  resident_ = shadow_;
  return engine_.load(start, std::move(tile), port_bytes);
}

Cycle FaultyEngine::load_shadow(Cycle start, std::shared_ptr<const ArrayTile> tile, std::uint64_t port_bytes) {
  return engine_.load_shadow(start, take(tile), port_bytes);
}

Cycle FaultyEngine::swap(Cycle at) {
  resident_ = shadow_;
  return engine_.swap(at);
}

/// Numbers begin anew with each command.
void FaultyEngine::follow_command() {
  if (command_ == faults_.command()) return;
  command_ = faults_.command();
  loads_ = passes_ = 0;
  last_accumulators_ = nullptr;
  part_ = 1;  // the first row of array tiles takes part 0
}

/// A copy of the tile as the cells keep it; the tile itself where nothing aims at them.
std::shared_ptr<const ArrayTile> FaultyEngine::take(const std::shared_ptr<const ArrayTile>& tile) {
  follow_command();
  ++loads_;
  if (on_sums_) {
    auto outputs = std::make_shared<Outputs>();
    outputs->layout = tile->layout;
    outputs->out = tile->out;
    outputs->row = tile->row;
    outputs->macros.resize(runs_.size());
    for (std::size_t i = 0; i < tile->blobs.size(); ++i) {
      if (tile->blobs[i].weights != nullptr) ++outputs->macros[i / static_cast<std::size_t>(faults_.shape().inputs)];
    }
    shadow_ = outputs;
  }
  if (!aims_at_tiles()) return tile;
  auto copy = std::make_shared<ArrayTile>(*tile);
  std::size_t bytes = kSlack;
  for (const BlobView& blob : tile->blobs) bytes += blob.bytes;
  const std::shared_ptr<std::uint8_t[]> buffer(new std::uint8_t[bytes]());
  copy->buffer = buffer;
  std::uint8_t* to = buffer.get();
  for (std::size_t i = 0; i < copy->blobs.size(); ++i) {
    BlobView& blob = copy->blobs[i];
    if (blob.weights == nullptr) continue;
    std::memcpy(to, blob.weights, blob.bytes);
    blob.move(to);
    change_cells(*copy, i, to);
    change_selects(*copy, i, to);
    to += blob.bytes;
  }
  return copy;
}

void FaultyEngine::change_bit(FaultSite site, std::uint8_t* plane, std::size_t bit, FaultKind kind) {
  std::uint8_t& byte = plane[bit / 8];
  const auto mask = static_cast<std::uint8_t>(1u << (bit % 8));
  const bool before = (byte & mask) != 0, after = FaultInjector::faulty(kind, before);
  if (before == after) return;
  byte = static_cast<std::uint8_t>(byte ^ mask);
  faults_.count_bit(site);
}

/// All cells of a macro may be hit; those that the tile uses matter. `to`: the blob's bytes.
void FaultyEngine::change_cells(const ArrayTile& tile, std::size_t macro, std::uint8_t* to) {
  const MacroGeometry& g = faults_.geometry();
  const TileLayout& layout = tile.layout;
  const BlobView& blob = tile.blobs[macro];
  const auto rows = static_cast<std::uint64_t>(g.rows), subs = static_cast<std::uint64_t>(g.sub_macros);
  const auto active = static_cast<std::uint64_t>(layout.active_sub_macros());
  FaultInjector::Access access{FaultSite::weights, static_cast<int>(macro), faults_.access(loads_), 0,
                               static_cast<std::uint64_t>(g.cells())};
  /// Calls change(cell of the blob, bit) for bits of cells that it has.
  const auto each = [&](const auto& change) {
    faults_.for_each(access, [&](std::uint64_t word, int bit, FaultKind kind) {
      const std::uint64_t c = word / (subs * rows), p = word / rows % subs, r = word % rows;
      if (c >= static_cast<std::uint64_t>(blob.columns_used) || p >= active) return;
      change((c * active + p) * rows + r, static_cast<std::size_t>(bit), kind);
    });
  };
  each([&](std::size_t cell, std::size_t bit, FaultKind kind) {
    change_bit(FaultSite::weights, to, cell * 8 + bit, kind);
  });
  access.site = FaultSite::metadata;
  const auto bits = static_cast<std::size_t>(layout.metadata_bits);
  std::uint8_t* const metadata = to + (blob.metadata - blob.weights);
  each([&](std::size_t cell, std::size_t bit, FaultKind kind) {
    // Of two int4 weights, the second one's are in the upper half.
    const std::size_t which = layout.cell_weights == 1 ? 0 : bit / 4,
                      in_field = layout.cell_weights == 1 ? bit : bit % 4;
    if (in_field >= bits) return;
    change_bit(FaultSite::metadata, metadata,
               (cell * static_cast<std::size_t>(layout.cell_weights) + which) * bits + in_field, kind);
  });
}

void FaultyEngine::change_selects(const ArrayTile& tile, std::size_t macro, std::uint8_t* to) {
  const MacroGeometry& g = faults_.geometry();
  const TileLayout& layout = tile.layout;
  const BlobView& blob = tile.blobs[macro];
  const auto rows = static_cast<std::uint64_t>(g.rows), subs = static_cast<std::uint64_t>(g.sub_macros);
  const auto cols = static_cast<std::uint64_t>(g.cols), lanes = static_cast<std::uint64_t>(layout.lanes);
  const auto active = static_cast<std::uint64_t>(layout.active_sub_macros());
  if (layout.selects && layout.select_bits > 0) {
    const auto bits = static_cast<std::size_t>(layout.select_bits);
    std::uint8_t* const bases = to + (blob.bases - blob.weights);
    faults_.for_each({FaultSite::selects, static_cast<int>(macro), faults_.access(loads_), 0,
                      static_cast<std::uint64_t>(blob.phases) * subs * rows},
                     [&](std::uint64_t word, int bit, FaultKind kind) {
                       const std::uint64_t s = word / (subs * rows), p = word / rows % subs, r = word % rows;
                       if (p >= active || static_cast<std::size_t>(bit) >= bits) return;
                       change_bit(FaultSite::selects, bases,
                                  ((s * active + p) * rows + r) * bits + static_cast<std::size_t>(bit), kind);
                     });
  }
  if (blob.columns == nullptr) return;
  const Outputs outputs{layout, tile.out, tile.row, {}};
  std::uint8_t* const columns = to + (blob.columns - blob.weights);
  const auto groups = static_cast<std::uint64_t>(blob.phases / layout.cell_weights);
  const std::size_t row = macro / static_cast<std::size_t>(faults_.shape().inputs);
  faults_.for_each({FaultSite::masks, static_cast<int>(macro), faults_.access(loads_), 0, groups * lanes * cols, 1},
                   [&](std::uint64_t word, int, FaultKind kind) {
                     const int lane = static_cast<int>(word / cols % lanes), c = static_cast<int>(word % cols);
                     if (c < outputs_in_lane(outputs, row, lane)) change_bit(FaultSite::masks, columns, word, kind);
                   });
}

/// Columns of a lane, of the macros of a row, that belong to the layer.
int FaultyEngine::outputs_in_lane(const Outputs& outputs, std::size_t row, int lane) const {
  const int cols = faults_.geometry().cols;
  const int first = (outputs.row + static_cast<int>(row)) * outputs.layout.tile_outputs + lane * cols;
  return std::clamp(outputs.out - first, 0, cols);
}

Cycle FaultyEngine::run(Cycle start, const MatrixView<const std::int8_t>& activations,
                        const MatrixView<std::int32_t>& accumulators, std::uint64_t pass_cycles) {
  if (on_sums_) begin_runs(activations, accumulators);
  const bool on_activations = faults_.aims_at(FaultSite::activations);
  if (on_activations) activations_ = faulty_activations(activations);
  passes_ += activations.rows;
  if (!on_activations) return engine_.run(start, activations, accumulators, pass_cycles);
  const Cycle end = engine_.run(start, activations_, accumulators, pass_cycles);
  // The copy is not there any more at the next run, but another one may be in its place.
  engine_.complete();
  engine_.renew_activations();
  return end;
}

Matrix<std::int8_t> FaultyEngine::faulty_activations(const MatrixView<const std::int8_t>& activations) {
  Matrix<std::int8_t> changed(activations.rows, activations.cols);
  for (std::size_t t = 0; t < activations.rows; ++t) {
    std::int8_t* const row = changed.row(t);
    std::memcpy(row, activations.row(t), activations.cols);
    faults_.for_each({FaultSite::activations, 0, faults_.access(passes_ + t), 0, activations.cols},
                     [&](std::uint64_t word, int bit, FaultKind kind) {
                       change_bit(FaultSite::activations, reinterpret_cast<std::uint8_t*>(row),
                                  word * 8 + static_cast<std::size_t>(bit), kind);
                     });
  }
  return changed;
}

/// Rows of array tiles take the halves of the output buffer in turn.
void FaultyEngine::begin_runs(const MatrixView<const std::int8_t>& activations,
                              const MatrixView<std::int32_t>& accumulators) {
  if (accumulators.data != last_accumulators_) part_ ^= 1;
  last_accumulators_ = accumulators.data;
  for (std::size_t row = 0; row < runs_.size(); ++row) {
    if (resident_->macros[row] == 0) continue;
    Run run;
    run.outputs = resident_;
    for (std::size_t t = 0; t < activations.rows; ++t) run.accesses.push_back(faults_.access(passes_ + t));
    run.stride = accumulators.cols * sizeof(std::int32_t);
    run.part = part_;
    runs_[row].push_back(std::move(run));
  }
}

void FaultyEngine::add(std::size_t macro, const std::int32_t* psums, std::int32_t* accumulators, std::size_t count) {
  const auto inputs = static_cast<std::size_t>(faults_.shape().inputs);
  const std::size_t row = macro / inputs;
  Run& run = runs_[row].front();
  psums_.assign(psums, psums + count);
  change_psums(run, macro, psums_);
  for (std::size_t i = 0; i < count; ++i) accumulators[i] += psums_[i];
  if (++run.arrived < run.outputs->macros[row]) return;
  run.arrived = 0;
  write_accumulators(run, row, accumulators);
  if (++run.done == run.accesses.size()) runs_[row].pop_front();
}

void FaultyEngine::change_psums(const Run& run, std::size_t macro, std::vector<std::int32_t>& psums) {
  if (!faults_.aims_at(FaultSite::psums)) return;
  const int width = faults_.geometry().merged_psum_bits();
  const auto cols = static_cast<std::uint64_t>(faults_.geometry().cols);
  const std::size_t row = macro / static_cast<std::size_t>(faults_.shape().inputs);
  faults_.for_each({FaultSite::psums, static_cast<int>(macro), run.accesses[run.done], 0, psums.size(), 32},
                   [&](std::uint64_t word, int bit, FaultKind kind) {
                     const int lane = static_cast<int>(word / cols), c = static_cast<int>(word % cols);
                     if (bit >= width || c >= outputs_in_lane(*run.outputs, row, lane)) return;
                     std::int32_t& psum = psums[word];
                     const bool before = (psum >> bit & 1) != 0, after = FaultInjector::faulty(kind, before);
                     if (before == after) return;
                     // A register of `width` bits, whose highest one is the sign.
                     const auto changed = static_cast<std::uint32_t>(psum) ^ (1u << bit);
                     const int unused = 32 - width;
                     psum = static_cast<std::int32_t>(changed << unused) >> unused;
                     faults_.count_bit(FaultSite::psums);
                   });
}

/// The sums of a token as the output buffer keeps them until they are read again.
void FaultyEngine::write_accumulators(const Run& run, std::size_t row, std::int32_t* accumulators) {
  constexpr FaultSite site = FaultSite::output_buffer;
  if (!faults_.aims_at(site)) return;
  const TileLayout& layout = run.outputs->layout;
  const auto outputs = static_cast<std::uint64_t>(layout.tile_outputs);
  const auto cols = static_cast<std::uint64_t>(faults_.geometry().cols);
  const std::uint64_t address = run.part * faults_.output_part_bytes() + run.done * run.stride;
  FaultInjector::Access access{site,
                               0,
                               fault_key({run.accesses[run.done], row}),
                               address / sizeof(std::int32_t) + row * outputs,
                               outputs,
                               kAccumulatorBits};
  const auto used = [&](std::uint64_t word) {
    return static_cast<int>(word % cols) < outputs_in_lane(*run.outputs, row, static_cast<int>(word / cols));
  };
  std::map<std::uint64_t, WrongBits> words;
  faults_.for_each(access, [&](std::uint64_t word, int bit, FaultKind kind) {
    const bool before = (accumulators[word] >> bit & 1) != 0;
    if (used(word) && FaultInjector::faulty(kind, before) != before) words[word].data |= std::uint64_t{1} << bit;
  });
  const Protection protection = faults_.protection(site);
  access.bits = static_cast<std::uint64_t>(check_bits(protection, kAccumulatorBits));
  if (access.bits > 0) {
    faults_.for_each_check(access, [&](std::uint64_t word, int bit) {
      if (used(word)) words[word].check |= 1u << bit;
    });
  }
  for (auto& [word, wrong] : words) {
    if (decode_word(protection, kAccumulatorBits, wrong, faults_.counts(site)) == Decoded::detected)
      faults_.note_error();
    accumulators[word] = static_cast<std::int32_t>(static_cast<std::uint32_t>(accumulators[word]) ^
                                                   static_cast<std::uint32_t>(wrong.data));
  }
}

void FaultyEngine::complete() { engine_.complete(); }

void FaultyEngine::reset() {
  engine_.reset();
  for (std::deque<Run>& runs : runs_) runs.clear();
}

}  // namespace flexcim
