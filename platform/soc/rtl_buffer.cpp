#include "platform/soc/rtl_buffer.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

namespace flexcim {
namespace {

SramBuffer::Geometry sram_geometry(std::uint64_t bytes, const BufferParameters& parameters, int banks) {
  const std::uint64_t row = static_cast<std::uint64_t>(banks) * parameters.port_bytes;
  return {static_cast<std::uint32_t>((bytes + row - 1) / row * row), static_cast<std::uint32_t>(banks),
          static_cast<std::uint32_t>(parameters.port_bytes)};
}

}  // namespace

RtlBuffer::RtlBuffer(const sc_core::sc_module_name& name, std::uint64_t bytes, const BufferParameters& parameters,
                     int banks, const sc_core::sc_time& period)
    : sc_module(name),
      sram("sram", sram_geometry(bytes, parameters, banks)),
      parameters_(parameters),
      banks_(banks),
      period_(period) {
  SC_HAS_PROCESS(RtlBuffer);
  enable_.write(true);
  sram.clock(clock);
  sram.reset(reset_);
  sram.enable(enable_);
  sram.read(read_);
  sram.read_data(read_data_);
  sram.write(write_);
  sram.write_ready(write_ready_);
  SC_METHOD(on_clock);
  sensitive << clock.pos();
  dont_initialize();
}

void RtlBuffer::access(const BufferAccess& access) {
  using Kind = BufferAccess::Kind;
  if (access.kind == Kind::fill) {
    for (std::uint64_t row = 0; row < access.rows; ++row) {
      add_write(access.at + row * access.row_cycles, access.address + row * access.address_stride,
                access.data + row * access.data_stride, access.row_bytes, access.first && row == 0, true, true);
    }
    return;
  }
  Stream stream;
  stream.access = access;
  stream.next = access.at;
  const bool sums = access.kind == Kind::accumulate || access.kind == Kind::write_back;
  if (!sums) {
    begin(stream);
  } else if (access.kind == Kind::write_back) {
    // Behind the words of the last pass.
    const std::uint64_t words = parameters_.words(access.row_bytes);
    stream.next += words * parameters_.accumulate_cycles(access.first) + 1;
  }
  streams_.push_back(std::move(stream));
}

/// Takes the rows' bytes, which may change from now on.
void RtlBuffer::begin(Stream& stream) const {
  const BufferAccess& access = stream.access;
  stream.bytes.resize(access.rows * access.row_bytes);
  for (std::uint64_t r = 0; r < access.rows; ++r) {
    std::memcpy(&stream.bytes[r * access.row_bytes], access.data + r * access.data_stride, access.row_bytes);
  }
  stream.begun = true;
}

void RtlBuffer::abort() {
  if (writing_) taken_ = std::move(writes_.front());
  writes_.clear();
  streams_.clear();
  asked_.valid = expected_.valid = reading_ = writing_ = false;
  read_.write({false, 0, 0, ++version_});
  write_.write({false, 0, 0, nullptr, ++version_});
}

void RtlBuffer::on_clock() {
  now_ = sc_core::sc_time_stamp().value() / period_.value() - 1;
  check_data();
  if (writing_ && !write_ready_.read() && !writes_.front().waits) fail("sums wait for their bank");
  if (writing_ && write_ready_.read()) {
    taken_ = std::move(writes_.front());
    if (taken_.first) occupancy_ = 0;
    if (taken_.fills) occupancy_ += taken_.bytes.size();
    writes_.pop_front();
    writing_ = false;
  }
  drive_read();
  drive_write();
}

Cycle RtlBuffer::due() const {
  // With the pins, which stand until all processes of an edge have run, it is the same before on_clock() and behind it.
  if (reading_ || writing_ || read_.read().valid || write_.read().valid || read_data_.read().valid) return 0;
  Cycle due = writes_.empty() ? kNever : writes_.front().at;
  for (const Stream& stream : streams_) {
    const bool takes = stream.access.kind == BufferAccess::Kind::write_back && !stream.begun;
    due = std::min(due, takes ? stream.access.at : stream.next);
  }
  return due;
}

std::size_t RtlBuffer::waiting() const {
  return static_cast<std::size_t>(
      std::find_if(writes_.begin(), writes_.end(), [this](const Write& write) { return write.at > now_; }) -
      writes_.begin());
}

/// The data of the read before the last are on the pins.
void RtlBuffer::check_data() {
  if (expected_.valid) {
    const SramData& data = read_data_.read();
    const std::size_t count = expected_.bytes.size();
    if (!data.valid || std::memcmp(data.data, expected_.bytes.data(), count) != 0) {
      fail("the " + std::to_string(count) + " bytes at " + std::to_string(expected_.address) +
           " are not those that were used");
    }
  }
  expected_ = std::move(asked_);
  asked_ = {};
}

void RtlBuffer::drive_read() {
  using Kind = BufferAccess::Kind;
  // Sums that are written back stand now, and may not later.
  for (Stream& stream : streams_) {
    if (stream.access.kind == Kind::write_back && !stream.begun && stream.access.at <= now_) begin(stream);
  }
  const bool due = !streams_.empty() && streams_.front().next <= now_;
  if (!due) {
    if (reading_) read_.write({false, 0, 0, ++version_});
    reading_ = false;
    return;
  }
  Stream& stream = streams_.front();
  const BufferAccess& access = stream.access;
  if (stream.next < now_) fail("a read comes late");
  const std::uint64_t address = access.address + stream.row * access.address_stride + stream.done;
  const std::uint64_t count = chunk(address, access.row_bytes - stream.done);
  Cycle step = 1;
  if (access.kind == Kind::accumulate) {
    step = parameters_.accumulate_cycles(access.first);
    if (stream.done == 0) {
      const std::uint8_t* const row = access.data + stream.row * access.data_stride;
      stream.bytes.assign(row, row + access.row_bytes);
    }
    reading_ = !access.first;
    if (reading_) {
      read_.write({true, static_cast<std::uint32_t>(address), static_cast<std::uint32_t>(count), ++version_});
    } else {
      read_.write({false, 0, 0, ++version_});
    }
    add_write(now_ + (access.first ? 0 : 1), address, &stream.bytes[stream.done], count,
              access.first && stream.row == 0 && stream.done == 0, access.first, false);
  } else {
    read(stream, address, count);
  }
  stream.done += count;
  stream.next += step;
  if (stream.done < access.row_bytes) return;
  stream.done = 0;
  if (++stream.row == access.rows) {
    streams_.pop_front();
  } else if (access.row_cycles != 0) {
    stream.next = access.at + stream.row * access.row_cycles;
  }
}

void RtlBuffer::read(const Stream& stream, std::uint64_t address, std::uint64_t count) {
  const std::uint8_t* const bytes = &stream.bytes[stream.row * stream.access.row_bytes + stream.done];
  reading_ = true;
  read_.write({true, static_cast<std::uint32_t>(address), static_cast<std::uint32_t>(count), ++version_});
  asked_.address = address;
  asked_.bytes.assign(bytes, bytes + count);
  asked_.valid = !forwarded(address, asked_.bytes);
}

/// Whether some of the bytes come from the queue; those are compared here.
bool RtlBuffer::forwarded(std::uint64_t address, const std::vector<std::uint8_t>& bytes) const {
  std::vector<std::uint8_t> given = bytes;
  bool any = false;
  for (const Write& write : writes_) {
    if (write.at > now_) break;
    const std::uint64_t from = std::max(address, write.address);
    const std::uint64_t to = std::min(address + bytes.size(), write.address + write.bytes.size());
    if (from >= to) continue;
    any = true;
    std::memcpy(&given[from - address], &write.bytes[from - write.address], to - from);
  }
  if (given != bytes) fail("bytes at " + std::to_string(address) + " in the write queue are not those that were used");
  return any;
}

/// Bytes of the next access: two banks give parts of two words.
std::uint64_t RtlBuffer::chunk(std::uint64_t address, std::uint64_t bytes) const {
  const std::uint64_t port = parameters_.port_bytes;
  return std::min(bytes, banks_ > 1 ? port : port - address % port);
}

void RtlBuffer::drive_write() {
  const bool was_writing = write_.read().valid;
  if (!writing_ && !writes_.empty() && writes_.front().at <= now_) {
    const Write& next = writes_.front();
    write_.write({true, static_cast<std::uint32_t>(next.address), static_cast<std::uint32_t>(next.bytes.size()),
                  next.bytes.data(), ++version_});
    writing_ = true;
  } else if (!writing_ && was_writing) {
    write_.write({false, 0, 0, nullptr, ++version_});
  }
}

void RtlBuffer::add_write(Cycle at, std::uint64_t address, const std::uint8_t* data, std::uint64_t bytes, bool first,
                          bool fills, bool waits) {
  while (bytes > 0) {  // a write stays inside a word
    const std::uint64_t count = std::min(bytes, parameters_.port_bytes - address % parameters_.port_bytes);
    writes_.push_back({at, address, {data, data + count}, first, fills, waits});
    first = false;
    address += count;
    data += count;
    bytes -= count;
  }
}

void RtlBuffer::fail(const std::string& what) const { throw std::logic_error(std::string(name()) + ": " + what); }

}  // namespace flexcim
