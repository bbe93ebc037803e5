#include "platform/soc/accelerator_signals.h"

#include "tlm/fabric/picoseconds.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace flexcim {
namespace {

constexpr std::uint64_t kLatest = std::numeric_limits<std::int64_t>::max();

const char* opcode_name(std::uint8_t opcode) {
  switch (static_cast<Opcode>(opcode)) {
    case Opcode::nop:
      return "nop";
    case Opcode::gemm:
      return "gemm";
  }
  return "unknown";
}

}  // namespace

AcceleratorSignals::AcceleratorSignals(TraceFile& file, const std::string& scope, Accelerator& accelerator,
                                       std::map<std::uint32_t, std::string> layers)
    : file_(file),
      log_(file.changes()),
      scope_(scope),
      accelerator_(accelerator),
      layers_(std::move(layers)),
      clock_ps_(accelerator.parameters().clock_ps) {
  add_command();
  add_work();
  accelerator_.add_listener(*this);
  accelerator_.add_buffer_listener(*this);
  accelerator_.on_command_end([this](const CommandRecord& record) { on_command_end(record); });
}

void AcceleratorSignals::add_command() {
  const std::string scope = scope_ + ".command", group = "Command";
  busy_ = file_.add_level({scope, "busy", group, 1, Radix::bit});
  index_ = file_.add_number({scope, "index", group, 32, Radix::unsigned_decimal}, 0);
  tag_ = file_.add_number({scope, "tag", group, 32, Radix::unsigned_decimal}, 0);
  opcode_ = file_.add_text({scope, "opcode", group, 1, Radix::text}, "none");
  layer_ = layers_.empty() ? ChangeLog::none : file_.add_text({scope, "layer", group, 1, Radix::text}, "none");
  error_ = file_.add_text({scope, "error", group, 1, Radix::text}, to_string(ErrorCode::none).data());
}

void AcceleratorSignals::add_work() {
  const std::string work = scope_ + ".accelerator", tiles = "Tiles";
  stage_ = file_.add_states({work, "stage", tiles, 1, Radix::text}, {"compute", "load", "write_back", "wait", "idle"});
  load_tile_ = file_.add_number({work, "load_tile", tiles, 32, Radix::unsigned_decimal}, 0);
  compute_tile_ = file_.add_number({work, "compute_tile", tiles, 32, Radix::unsigned_decimal}, 0);
  write_back_tile_ = file_.add_number({work, "write_back_tile", tiles, 32, Radix::unsigned_decimal}, 0);

  const std::string dma = scope_ + ".dma";
  outstanding_ = file_.add_level({dma, "outstanding", "DMA", 16, Radix::analog});
  read_bytes_ = file_.add_level({dma, "read_bytes", "DMA", 64, Radix::analog});
  write_bytes_ = file_.add_level({dma, "write_bytes", "DMA", 64, Radix::analog});

  const std::string buffers = scope_ + ".buffers";
  const auto add = [&](BufferId id, const char* name) {
    occupancy_[static_cast<std::size_t>(id)] = file_.add_level({buffers, name, "Buffers", 32, Radix::analog});
  };
  add(BufferId::activation, "activation");
  occupancy_[static_cast<std::size_t>(BufferId::weight)] = ChangeLog::none;
  if (!accelerator_.parameters().weights_resident) add(BufferId::weight, "weight");
  add(BufferId::output, "output");
}

void AcceleratorSignals::begin_command() { loads_ = computes_ = write_backs_ = 0; }

const char* AcceleratorSignals::layer(std::uint32_t tag) const {
  const auto layer = layers_.find(tag);
  return layer == layers_.end() ? "none" : layer->second.c_str();
}

void AcceleratorSignals::on_command_end(const CommandRecord& record) {
  const std::int64_t start = ps(record.start), end = ps(record.end);
  log_.raise(busy_, start, end);
  log_.hold(stage_, start, end, waiting);
  log_.set(index_, start, commands_++);
  log_.set(tag_, start, std::int64_t{record.tag});
  log_.set(opcode_, start, opcode_name(accelerator_.descriptor().opcode));
  log_.set(layer_, start, layer(record.tag));
  log_.set(error_, end, to_string(record.error).data());
  begin_command();
  open_view(start, end);
}

/// GTKWave shows the first command in the window, and a little before and after it: the host, and its interrupt.
void AcceleratorSignals::open_view(std::int64_t start_ps, std::int64_t end_ps) {
  const auto from = static_cast<std::int64_t>(std::min(file_.options().from_ps, kLatest));
  const auto to = static_cast<std::int64_t>(std::min(file_.options().to_ps, kLatest));
  if (end_ps < from || start_ps > to) return;
  const std::int64_t margin = (end_ps - start_ps) / 12;
  const std::int64_t opens = std::max(start_ps - margin, from);
  file_.open_at(static_cast<std::uint64_t>(opens), static_cast<std::uint64_t>(std::min(end_ps + margin, to) - opens));
}

void AcceleratorSignals::on_activity(ActivityKind kind, std::int64_t start_ps, std::int64_t end_ps,
                                     const AcceleratorEvents& events) {
  switch (kind) {
    case ActivityKind::load:
      log_.hold(stage_, start_ps, end_ps, loading);
      log_.set(load_tile_, start_ps, loads_++);
      break;
    case ActivityKind::compute:
      log_.hold(stage_, start_ps, end_ps, computing);
      log_.set(compute_tile_, start_ps, computes_++);
      break;
    case ActivityKind::dma:
      log_.raise(outstanding_, start_ps, end_ps);
      log_.change(read_bytes_, end_ps, static_cast<std::int64_t>(events.dma_reads));
      log_.change(write_bytes_, end_ps, static_cast<std::int64_t>(events.dma_writes));
      break;
    case ActivityKind::buffer:
      break;  // on_access() has more
  }
}

void AcceleratorSignals::on_access(const BufferAccess& access) {
  if (access.kind == BufferAccess::Kind::write_back) {
    log_.enter(stage_, ps(access.at), writing_back);
    log_.set(write_back_tile_, ps(access.at), write_backs_++);
  }
  if (!access.fills()) return;
  const Signal signal = occupancy_[static_cast<std::size_t>(access.buffer)];
  for (std::uint64_t row = 0; row < access.rows; ++row) {
    log_.change(signal, ps(access.at + row * access.row_cycles), static_cast<std::int64_t>(access.row_bytes));
  }
}

void AcceleratorSignals::on_free(BufferId buffer, std::uint64_t bytes, Cycle at) {
  log_.change(occupancy_[static_cast<std::size_t>(buffer)], ps(at), -static_cast<std::int64_t>(bytes));
  if (buffer == BufferId::output) log_.leave(stage_, ps(at), writing_back);
}

void AcceleratorSignals::on_abort() {
  for (const Signal signal :
       {stage_, load_tile_, compute_tile_, write_back_tile_, occupancy_[0], occupancy_[1], occupancy_[2]}) {
    log_.cut(signal, now_picoseconds());
  }
  begin_command();
}

}  // namespace flexcim
