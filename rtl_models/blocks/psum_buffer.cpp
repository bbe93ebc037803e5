#include "rtl_models/blocks/psum_buffer.h"

#include <algorithm>

namespace flexcim {

PsumBuffer::PsumBuffer(const sc_core::sc_module_name& name, const MacroGeometry& geometry, Edges edges)
    : sc_module(name),
      cols_(geometry.cols),
      depth_(geometry.psum_depth),
      entries_(static_cast<std::size_t>(geometry.psum_depth) + 1) {
  SC_HAS_PROCESS(PsumBuffer);
  if (edges == Edges::own) {
    SC_METHOD(on_clock);
    sensitive << clock.pos();
    dont_initialize();
  }
  SC_METHOD(drive_ready);
  sensitive << full_ << ack;
  for (Entry& entry : entries_) {
    entry.sums.resize(cols_);
    entry.pins.sums = entry.sums.data();
  }
}

void PsumBuffer::drive_ready() { ready.write(!full_.read() || ack.read()); }

void PsumBuffer::clock_edge(bool resets, bool enabled) {
  if (resets) {
    closed_ = 0;
    open_ = false;
    full_.write(false);
    psum_valid.write(false);
    return;
  }
  if (!enabled) return;
  const TreeStage& in = sum.read();
  const bool take = in.valid && (!full_.read() || ack.read());
  const bool give = ack.read() && closed_ > 0;
  if (!take && !give) return;
  const bool was_empty = closed_ == 0;
  if (give) {
    oldest_ = oldest_ + 1 == entries_.size() ? 0 : oldest_ + 1;
    --closed_;
  }
  if (take) store(in);
  if (give || was_empty) show_oldest();
  const bool full = closed_ == depth_ && !open_;
  if (full != full_.read()) full_.write(full);
}

void PsumBuffer::store(const TreeStage& in) {
  Entry& target = entry(closed_);
  std::int32_t* sums = target.sums.data();
  const int shift = in.tag.psum_shift();
  if (in.tag.first) {
    for (int c = 0; c < cols_; ++c) sums[c] = in.sums[c] >> shift;
  } else {
    for (int c = 0; c < cols_; ++c) sums[c] += in.sums[c] >> shift;
    events_.psum_accumulates += in.selected;
  }
  events_.psum_writes += in.selected;
  target.pins.tag = in.tag;
  open_ = !in.tag.last;
  if (in.tag.last) ++closed_;
}

void PsumBuffer::show_oldest() {
  if ((closed_ > 0) != psum_valid.read()) psum_valid.write(closed_ > 0);
  if (closed_ == 0) return;
  PsumEntry& oldest = entry(0).pins;
  oldest.version = ++version_;
  if (oldest.tag.active != psum_active.read()) psum_active.write(oldest.tag.active);
  psum.write(oldest);
}

}  // namespace flexcim
