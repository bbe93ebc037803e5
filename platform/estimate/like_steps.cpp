#include "platform/estimate/like_steps.h"

#include "platform/config/block_parameters.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace flexcim {
namespace {

/// Steps tell when they last for so many refreshes of the DRAM; token tiles for twice as many.
constexpr double kRefreshes = 3;
/// Rows shorter than two refreshes: how many are needed to tell.
constexpr int kShortRows = 8;
/// The end of a token tile shows in so many rows.
constexpr int kLastRows = 2;
/// Bytes of rows begin at the same places of bursts after up to so many rows, or are not waited for.
constexpr int kMostLikeRows = 16;

double cycles_of(Picoseconds ps, Picoseconds clock_ps) {
  return static_cast<double>(ps) / static_cast<double>(clock_ps);
}

/// The next whole number, or one that is more than any layer has.
int at_least(double count) { return static_cast<int>(std::min(std::ceil(count), 1e8)); }

int up_to_multiple(int count, int of) { return (count + of - 1) / of * of; }

/// `value` * `by` / `of`, to the nearest.
std::uint64_t scaled(std::uint64_t value, std::uint64_t by, std::uint64_t of) {
  return of == 0 ? 0 : static_cast<std::uint64_t>((static_cast<unsigned __int128>(value) * by + of / 2) / of);
}

}  // namespace

LikeSteps::LikeSteps(DatalessSystem& system, const Architecture& architecture, const Descriptor& command,
                     const WeightlessImage& image, bool whole)
    : system_(system),
      parameters_(accelerator_parameters(architecture)),
      dram_(dram_parameters(architecture)),
      output_bytes_(static_cast<std::uint64_t>(command.output_bytes())),
      image_(image),
      whole_(whole),
      refresh_(cycles_of(Picoseconds{dram_.refi} * dram_.clock_ps, parameters_.clock_ps)),
      refreshing_(
          cycles_of(Picoseconds{dram_.rp_all + dram_.rfc + dram_.rcd_read} * dram_.clock_ps, parameters_.clock_ps)) {}

/// That rows but the last one transfer.
LikeSteps::Bytes LikeSteps::row_bytes(int tokens) const {
  const auto rows = static_cast<std::uint64_t>(parameters_.array.outputs);
  const std::uint64_t outputs = static_cast<std::uint64_t>(tokens) * static_cast<std::uint64_t>(plan_->array_outputs);
  return {parameters_.weights_resident ? 0 : rows * (image_.row_bytes() + image_.row_directory_bytes()),
          outputs * output_bytes_};
}

/// Of a row of full token tiles, about.
Cycle LikeSteps::macro_cycles() const {
  const std::uint64_t run =
      static_cast<std::uint64_t>(plan_->token_tile) *
      array_pass_cycles(*plan_, parameters_, 0, plan_->cols / 2, static_cast<std::uint64_t>(image_.phases()));
  const std::uint64_t load = write_cycles(parameters_.macro,
                                          static_cast<std::uint64_t>(parameters_.array.outputs) * image_.row_bytes() /
                                              static_cast<std::uint64_t>(plan_->cols),
                                          parameters_.weight.port_bytes);
  const bool shadow = parameters_.weight_update == WeightUpdate::shadow;
  return static_cast<std::uint64_t>(plan_->cols) * (shadow ? std::max(run, load) : run + load);
}

void LikeSteps::on_plan(CommandPlan& plan) {
  plan_ = &plan;
  if (whole_) return;
  const Bytes bytes = row_bytes(plan.token_tile);
  const double bytes_per_cycle = dram_.peak_bytes_per_second() * 1e-12 * static_cast<double>(parameters_.clock_ps);
  const auto macros = static_cast<double>(macro_cycles());
  const double memory = static_cast<double>(bytes.read + bytes.written) / bytes_per_cycle;
  const bool bound = macros < memory;  // by the memory
  const double each = std::max(macros, memory);

  int count = at_least(kRefreshes * refresh_ / each);
  if (each < 2 * refresh_) count = std::max(count, kShortRows);
  if (2 * bytes.written > bytes.read) {
    // How often write-backs find their rows of the DRAM open depends on where in those they begin.
    const std::uint64_t row_set =
        static_cast<std::uint64_t>(dram_.bank_groups) * static_cast<std::uint64_t>(dram_.row_bytes);
    count = up_to_multiple(count, std::max(1, static_cast<int>(row_set / width_of_outputs())));
  }
  const int like = bound && count == 1 ? 1 : like_rows(bound);
  count = up_to_multiple(count, like);
  first_rows_ = !bound ? 3 : each > kRefreshes * refresh_ ? 1 : 2;
  // Where the macros do not wait, the DRAM forgets what was left out before the end of the token tile.
  const int last = kLastRows + (bound ? 0 : at_least(refresh_ / each));
  const int begin = first_rows_ + count;
  const int gap = (plan.rows - begin - last) / like * like;
  if (gap > 0) plan.row_gap = {begin, begin + gap};

  const int token_tiles = at_least(2 * kRefreshes * refresh_ / (each * plan.rows));
  if (plan.token_tiles > token_tiles + 2) plan.token_tile_gap = {1 + token_tiles, plan.token_tiles - 1};
}

/// Bytes of a token's outputs of a row.
std::uint64_t LikeSteps::width_of_outputs() const {
  return static_cast<std::uint64_t>(plan_->array_outputs) * output_bytes_;
}

/// So many rows behind each other are like so many others: halves of buffers take turns; and bytes begin at the same
/// places of the DRAM's bursts, which counts where the memory does not bound.
int LikeSteps::like_rows(bool bound) const {
  int like = 2;
  if (bound) return like;
  const auto burst = static_cast<std::uint64_t>(dram_.burst_bytes());
  const auto array_rows = static_cast<std::uint64_t>(parameters_.array.outputs);
  for (const std::uint64_t width :
       {array_rows * image_.row_bytes(), array_rows * image_.row_directory_bytes(), width_of_outputs()}) {
    const auto repeated = static_cast<int>(burst / std::gcd(width, burst));
    if (repeated <= kMostLikeRows) like = std::max(like, repeated);
  }
  return like;
}

LikeSteps::Step LikeSteps::step(Cycle end) const {
  Step step{system_.counts(end)};
  step.counts += left_out_;
  return step;
}

void LikeSteps::on_row(CommandPlan::Row row, Cycle end) {
  if (row.token_tile == 0 && row.row == 0) waited_before_ = step(end).waited();
  const Gap& gap = plan_->row_gap;
  if (gap.size() == 0) return;
  if (row.row == first_rows_ - 1) from_ = step(end);
  if (row.row != gap.begin - 1) return;
  const Step to = step(end);
  const int count = gap.begin - first_rows_;
  const Cycle took = to.counts.cycles - from_.counts.cycles;
  Cycle cycles = scaled(took, static_cast<std::uint64_t>(gap.size()), static_cast<std::uint64_t>(count));
  if (from_.waited() != to.waited()) {
    cycles = measured(from_.counts.cycles, to.counts.cycles, to.waited() - from_.waited(), count, gap.size());
  }
  leave_out(from_, to, count, gap.size(), cycles, row_bytes(plan_->tokens_in(row.token_tile)));
}

void LikeSteps::on_token_tile(int token_tile, Cycle end) {
  const Step to = step(end);
  waited_ = to.waited() - waited_before_;
  const Gap& gap = plan_->token_tile_gap;
  if (token_tile == 0) first_token_tile_ = to;
  if (gap.size() == 0 || token_tile != gap.begin - 1) return;
  const int count = gap.begin - 1;
  const Cycle took = to.counts.cycles - first_token_tile_.counts.cycles;
  const auto tokens = static_cast<std::uint64_t>(plan_->token_tile);
  const Bytes each{tokens * static_cast<std::uint64_t>(plan_->in) + (parameters_.weights_resident ? 0 : image_.bytes()),
                   tokens * static_cast<std::uint64_t>(plan_->out) * output_bytes_};
  leave_out(first_token_tile_, to, count, gap.size(),
            scaled(took, static_cast<std::uint64_t>(gap.size()), static_cast<std::uint64_t>(count)), each);
}

/// What `more` steps take if `count` of them have taken from cycle `from` to `to`, `waited` cycles of them for memory.
Cycle LikeSteps::measured(Cycle from, Cycle to, Cycle waited, int count, int more) const {
  const double refreshes =
      std::floor(static_cast<double>(to) / refresh_) - std::floor(static_cast<double>(from) / refresh_);
  // Refreshes have not kept the macros waiting for longer than they did.
  const double refreshing = std::min(refreshing_, static_cast<double>(waited) / std::max(refreshes, 1.0));
  const double each = (static_cast<double>(to - from) - refreshes * refreshing) / count;
  return static_cast<Cycle>(each * more / (1 - refreshing / refresh_));
}

void LikeSteps::leave_out(const Step& from, const Step& to, int count, int more, Cycle cycles, const Bytes& each) {
  const CommandCounts seen = to.counts - from.counts;
  CommandCounts added = seen;
  for (const auto& one : StatisticList<CommandCounts>::list) {
    one.at(added) = scaled(one.of(seen), static_cast<std::uint64_t>(more), static_cast<std::uint64_t>(count));
  }
  added.cycles = cycles;
  added.dram.refreshes = 0;
  // Transfers may have been counted ahead of the steps that they belong to.
  AcceleratorEvents& events = added.gemm.events;
  events.dma_reads = static_cast<std::uint64_t>(more) * each.read;
  events.dma_writes = static_cast<std::uint64_t>(more) * each.written;
  added.dram.read_bursts = scaled(seen.dram.read_bursts, events.dma_reads, seen.gemm.events.dma_reads);
  added.dram.write_bursts = scaled(seen.dram.write_bursts, events.dma_writes, seen.gemm.events.dma_writes);
  left_out_ += added;
  system_.skip(cycles);
}

}  // namespace flexcim
