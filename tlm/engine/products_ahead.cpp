#include "tlm/engine/products_ahead.h"

#include "flow/base/parallel.h"

#include <algorithm>
#include <chrono>
#include <system_error>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace flexcim {
namespace {

constexpr std::uint64_t kPieceProducts = 200'000;        ///< that a piece of many tokens has at least
constexpr std::size_t kManyTokens = 8, kTokenBlock = 4;  ///< kernels take so many tokens at a time
constexpr std::size_t kMostTokenPieces = 8;
constexpr std::size_t kPieceTiles = 4;  ///< that a piece of few tokens has at least
constexpr std::uint64_t kMostPieces = 0xFFFF;
constexpr int kMostPassedOver = 1024;
/// Tries before the second thread sleeps, since waking it takes longer than tiles take to follow each other.
constexpr int kTries = 1500, kTriesPerLook = 20;
/// For the second thread, which another process may have stopped in the middle of a piece: several times what a piece
/// takes.
constexpr std::chrono::microseconds kPatience{20};
constexpr std::size_t kProductsPerNanosecond = 1;

void relax() {
#if defined(__x86_64__)
  _mm_pause();
#endif
}

// Of a ticket:
constexpr std::uint64_t next_piece(std::uint64_t ticket) { return ticket & kMostPieces; }
constexpr std::uint64_t pieces(std::uint64_t ticket) { return ticket >> 16 & kMostPieces; }
constexpr std::uint64_t first_ticket(std::uint64_t use, std::uint64_t pieces) { return use << 32 | pieces << 16; }

/// Whether `done` came to hold within `patience`.
template <class Condition>
bool wait_for(std::chrono::nanoseconds patience, const Condition& done) {
  const auto end = std::chrono::steady_clock::now() + patience;
  do {
    for (int i = 0; i < kTriesPerLook; ++i) {
      if (done()) return true;
      relax();
    }
  } while (std::chrono::steady_clock::now() < end);
  return false;
}

}  // namespace

ProductsAhead::ProductsAhead(const MacroGeometry& geometry, ArrayShape shape, const AheadParameters& parameters)
    : geometry_(geometry),
      shape_(shape),
      least_products_(parameters.least_products),
      two_threads_(thread_count(parameters.threads) > 1) {}

ProductsAhead::~ProductsAhead() {
  drop_all();
  if (!thread_.joinable()) return;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ended_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

bool ProductsAhead::start() {
  if (thread_.joinable()) return true;
  try {
    thread_ = std::thread([this] { work(); });
  } catch (const std::system_error&) {
    two_threads_ = false;
  }
  return two_threads_;
}

void ProductsAhead::use_threads(int threads) { two_threads_ = thread_count(threads) > 1; }

ComingTiles* ProductsAhead::begin(std::uint64_t products, int uses) {
  if (products < least_products_ || (uses == 1 && !two_threads_)) return nullptr;
  if (pass_over_ > 0) {
    --pass_over_;
    return nullptr;
  }
  Work* idle = nullptr;
  for (Work& work : works_) {
    if (work.use == Use::given_up) {
      if (work.formed.load(std::memory_order_acquire) != work.awaited) return nullptr;  // the other thread is not there
      free(work);
    }
    if (work.use == Use::free) idle = &work;
  }
  if (idle == nullptr || (two_threads_ && !start() && uses == 1)) return nullptr;
  if (unused_.empty()) unused_.push_back(&all_.emplace_back());
  Tiles& tiles = *unused_.back();
  unused_.pop_back();
  tiles.uses = uses;
  tiles.finished = false;
  tiles.work = idle;
  idle->tiles = &tiles;
  idle->use = Use::begun;
  return &tiles;
}

void ProductsAhead::drop(ComingTiles& tiles) { free(work_of(tiles)); }

/// Neither it nor its tiles are needed any more.
void ProductsAhead::free(Work& work) {
  work.use = Use::free;
  unused_.push_back(work.tiles);
}

void ProductsAhead::post(ComingTiles& coming) {
  Work& work = work_of(coming);
  coming.errors.assign(coming.blobs.size(), ImageError::none);
  for (Part& part : work.parts) {
    part.any = false;
    part.good = true;
    part.thrown = nullptr;
  }
  const std::size_t tokens = coming.activations.rows;
  const std::uint64_t products = tokens * coming.blobs.size() * static_cast<std::uint64_t>(geometry_.cells());
  work.by_tokens = tokens >= kManyTokens && !prefers_many_tokens();
  const std::size_t all = work.by_tokens ? tokens : coming.count;
  if (work.by_tokens) {
    const std::size_t most = std::clamp<std::size_t>(products / kPieceProducts, 1, kMostTokenPieces);
    work.per_piece = ((tokens + most - 1) / most + kTokenBlock - 1) / kTokenBlock * kTokenBlock;
    clear(work, 0);
  } else {
    const std::size_t most = tokens >= kManyTokens ? kThreads : kMostPieces;
    work.per_piece = std::max(kPieceTiles, (coming.count + most - 1) / most);
  }
  work.awaited = work.pieces = (all + work.per_piece - 1) / work.per_piece;
  work.piece_products = products / work.pieces;
  work.formed.store(0, std::memory_order_relaxed);
  work.use = Use::posted;
  // Sequentially consistent, as is the look that the other thread takes before it sleeps: one of the two sees the
  // other.
  work.ticket.store(first_ticket(++uses_, work.pieces));
  if (!sleeps_.load()) return;
  { const std::lock_guard<std::mutex> lock(mutex_); }
  changed_.notify_one();
}

bool ProductsAhead::finish(ComingTiles& coming) {
  Work& work = work_of(coming);
  const auto formed = [&] { return work.formed.load(std::memory_order_acquire) == work.awaited; };
  while (form_piece(work, 0)) {
  }
  // What the other thread still has of these takes as long as a piece of those behind them.
  while (!formed() && form_next(0)) {
  }
  const std::chrono::nanoseconds patience =
      kPatience + std::chrono::nanoseconds(work.piece_products / kProductsPerNanosecond);
  if (!wait_for(patience, formed)) {
    work.use = Use::given_up;
    pass_over();
    return false;
  }
  work.use = Use::free;
  for (const Part& part : work.parts) {
    if (part.thrown) std::rethrow_exception(part.thrown);
  }
  collect(work);
  coming.finished = true;
  return true;
}

/// Brings together what the threads have formed.
void ProductsAhead::collect(Work& work) {
  Tiles& tiles = *work.tiles;
  tiles.good = true;
  bool first = true;
  for (Part& part : work.parts) {
    tiles.good = tiles.good && part.good;
    if (!part.any) continue;
    if (first) {
      std::swap(tiles.sums, part.sums);
    } else {
      for (std::size_t i = 0; i < part.sums.size(); ++i) tiles.sums.data()[i] += part.sums.data()[i];
    }
    first = false;
  }
}

void ProductsAhead::add(ComingTiles& coming, std::size_t first_token, MatrixView<std::int32_t> accumulators) {
  for (std::size_t t = 0; t < accumulators.rows; ++t) {
    std::int32_t* const to = accumulators.row(t);
    const std::int32_t* const from = coming.sums.row(first_token + t);
    for (std::size_t i = 0; i < coming.sums.cols(); ++i) to[i] += from[i];
  }
  added_ += coming.count;
  dropped_ = std::max(0, dropped_ - 1);
  if (--coming.uses == 0) unused_.push_back(&static_cast<Tiles&>(coming));
}

void ProductsAhead::drop_all() {
  std::size_t needless = unused_.size();
  for (Work& work : works_) {
    if (work.use == Use::free) continue;
    if (work.use == Use::given_up) ++needless;
    if (work.use == Use::posted) close(work);
    while (work.use != Use::begun && work.formed.load(std::memory_order_acquire) != work.awaited) {
      std::this_thread::yield();
    }
    work.use = Use::free;
  }
  // Not before: tiles that were given up are still being formed, by the other thread and with its lines.
  for (Workspace& workspace : workspaces_) workspace.lines.clear();
  if (needless < all_.size()) pass_over();
  unused_.clear();
  for (Tiles& tiles : all_) unused_.push_back(&tiles);
}

/// Where simulated time goes on so often that tiles are dropped before they have run, or the other thread has no
/// processor of its own, it is not worth while for some time.
void ProductsAhead::pass_over() { pass_over_ = dropped_ = std::min(2 * dropped_ + 1, kMostPassedOver); }

/// No piece is begun any more.
void ProductsAhead::close(Work& work) {
  std::uint64_t ticket = work.ticket.load(std::memory_order_relaxed);
  while (!work.ticket.compare_exchange_weak(ticket, ticket - next_piece(ticket) + pieces(ticket))) {
  }
  work.awaited = next_piece(ticket);
}

/// The next piece of `work`, if there is one left.
bool ProductsAhead::form_piece(Work& work, std::size_t thread) {
  std::uint64_t ticket = work.ticket.load(std::memory_order_relaxed);
  do {
    if (next_piece(ticket) == pieces(ticket)) return false;
  } while (!work.ticket.compare_exchange_weak(ticket, ticket + 1));
  try {
    form(work, next_piece(ticket), thread);
  } catch (...) {
    work.parts[thread].thrown = std::current_exception();
  }
  work.formed.fetch_add(1, std::memory_order_release);
  return true;
}

/// Zeroes the sums of a thread.
void ProductsAhead::clear(Work& work, std::size_t thread) const {
  const Tiles& tiles = *work.tiles;
  Matrix<std::int32_t>& sums = work.parts[thread].sums;
  const std::size_t tokens = tiles.activations.rows;
  const auto outputs = static_cast<std::size_t>(shape_.outputs) * static_cast<std::size_t>(tiles.layout.tile_outputs);
  if (sums.rows() != tokens || sums.cols() != outputs) {
    sums = Matrix<std::int32_t>(tokens, outputs);
  } else {
    std::fill_n(sums.data(), sums.size(), 0);
  }
  work.parts[thread].any = true;
}

void ProductsAhead::form(Work& work, std::size_t piece, std::size_t thread) {
  Tiles& tiles = *work.tiles;
  const TileLayout& layout = tiles.layout;
  const auto outputs = static_cast<std::size_t>(layout.tile_outputs),
             inputs = static_cast<std::size_t>(layout.tile_inputs);
  const auto rows = static_cast<std::size_t>(shape_.outputs), columns = static_cast<std::size_t>(shape_.inputs);
  const std::size_t begin = piece * work.per_piece, end = begin + work.per_piece;
  // By tokens every piece checks its share of the blobs.
  const bool by_tokens = work.by_tokens;
  const auto share = [&](std::size_t i) { return i * tiles.count / work.pieces; };
  const std::size_t first_token = by_tokens ? begin : 0, first_tile = by_tokens ? 0 : begin;
  const std::size_t tokens = (by_tokens ? std::min(end, tiles.activations.rows) : tiles.activations.rows) - first_token;
  const std::size_t last_tile = by_tokens ? tiles.count : std::min(end, tiles.count);
  const std::size_t check_from = by_tokens ? share(piece) : first_tile,
                    check_to = by_tokens ? share(piece + 1) : last_tile;
  Part& part = work.parts[thread];
  if (!by_tokens && !part.any) clear(work, thread);
  Matrix<std::int32_t>& sums = work.parts[by_tokens ? 0 : thread].sums;
  std::vector<TilePasses>& passes = workspaces_[thread].passes;
  for (std::size_t o = 0; o < rows; ++o) {
    passes.clear();
    for (std::size_t tile = first_tile; tile < last_tile; ++tile) {
      for (std::size_t k = 0; k < columns; ++k) {
        const std::size_t at = (tile * rows + o) * columns + k;
        const BlobView& blob = tiles.blobs[at];
        if (blob.weights == nullptr) continue;
        if (check_from <= tile && tile < check_to) {
          const ImageError error = check_blob(geometry_, layout, tiles.out, tiles.row + static_cast<int>(o), blob);
          if (error != ImageError::none) {
            tiles.errors[at] = error;
            part.good = false;
            continue;
          }
        }
        const std::int8_t* const first = tiles.activations.row(first_token) + (tile * columns + k) * inputs;
        passes.push_back({blob, {first, tokens, inputs, tiles.activations.stride}});
      }
    }
    if (passes.empty()) continue;
    add_tile_products(geometry_, layout, passes, {sums.row(first_token) + o * outputs, tokens, outputs, sums.cols()},
                      workspaces_[thread].lines);
  }
}

/// A piece of those that were posted first.
bool ProductsAhead::form_next(std::size_t thread) {
  Work* next = nullptr;
  std::uint64_t first = ~std::uint64_t{0};
  for (Work& work : works_) {
    const std::uint64_t ticket = work.ticket.load();
    if (next_piece(ticket) == pieces(ticket) || ticket > first) continue;
    first = ticket;
    next = &work;
  }
  return next != nullptr && (form_piece(*next, thread) || form_next(thread));
}

/// Until there is something to be formed, or all is over.
bool ProductsAhead::sleep() {
  const auto anything = [this] {
    return std::any_of(works_.begin(), works_.end(), [](const Work& work) {
      const std::uint64_t ticket = work.ticket.load();
      return next_piece(ticket) != pieces(ticket);
    });
  };
  std::unique_lock<std::mutex> lock(mutex_);
  sleeps_.store(true);
  changed_.wait(lock, [&] { return ended_ || anything(); });
  sleeps_.store(false);
  return !ended_;
}

void ProductsAhead::work() {
  do {
    for (int i = 0; i < kTries; ++i) {
      if (form_next(1)) i = 0;
      relax();
    }
  } while (sleep());
}

}  // namespace flexcim
