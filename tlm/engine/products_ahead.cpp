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

ComingTiles* ProductsAhead::begin(std::uint64_t products) {
  if (!two_threads_ || products < least_products_) return nullptr;
  if (pass_over_ > 0) {
    --pass_over_;
    return nullptr;
  }
  Tiles* unused = nullptr;
  for (Tiles& tiles : tiles_) {
    if (tiles.use == Use::given_up) {
      if (tiles.formed.load(std::memory_order_acquire) != tiles.awaited)
        return nullptr;  // the other thread is not there
      tiles.use = Use::free;
    }
    if (tiles.use == Use::free) unused = &tiles;
  }
  if (unused == nullptr || !start()) return nullptr;
  unused->use = Use::begun;
  return unused;
}

void ProductsAhead::post(ComingTiles& coming) {
  Tiles& tiles = own(coming);
  tiles.errors.assign(tiles.blobs.size(), ImageError::none);
  for (Part& part : tiles.parts) {
    part.any = false;
    part.good = true;
    part.thrown = nullptr;
  }
  const std::size_t tokens = tiles.activations.rows;
  const std::uint64_t products = tokens * tiles.blobs.size() * static_cast<std::uint64_t>(geometry_.cells());
  tiles.by_tokens = tokens >= kManyTokens;
  const std::size_t all = tiles.by_tokens ? tokens : tiles.count;
  if (tiles.by_tokens) {
    const std::size_t most = std::clamp<std::size_t>(products / kPieceProducts, 1, kMostTokenPieces);
    tiles.per_piece = ((tokens + most - 1) / most + kTokenBlock - 1) / kTokenBlock * kTokenBlock;
    clear(tiles, 0);
  } else {
    tiles.per_piece = std::max(kPieceTiles, (tiles.count + kMostPieces - 1) / kMostPieces);
  }
  tiles.awaited = tiles.pieces = (all + tiles.per_piece - 1) / tiles.per_piece;
  tiles.piece_products = products / tiles.pieces;
  tiles.formed.store(0, std::memory_order_relaxed);
  tiles.use = Use::posted;
  // Sequentially consistent, as is the look that the other thread takes before it sleeps: one of the two sees the
  // other.
  tiles.ticket.store(first_ticket(++uses_, tiles.pieces));
  if (!sleeps_.load()) return;
  { const std::lock_guard<std::mutex> lock(mutex_); }
  changed_.notify_one();
}

bool ProductsAhead::finish(ComingTiles& coming) {
  Tiles& tiles = own(coming);
  while (form_piece(tiles, 0)) {
  }
  const std::chrono::nanoseconds patience =
      kPatience + std::chrono::nanoseconds(tiles.piece_products / kProductsPerNanosecond);
  if (!wait_for(patience, [&] { return tiles.formed.load(std::memory_order_acquire) == tiles.awaited; })) {
    tiles.use = Use::given_up;
    pass_over();
    return false;
  }
  tiles.use = Use::finished;
  tiles.good = true;
  for (const Part& part : tiles.parts) {
    if (part.thrown) std::rethrow_exception(part.thrown);
    tiles.good = tiles.good && part.good;
  }
  return true;
}

void ProductsAhead::add(ComingTiles& coming, MatrixView<std::int32_t> accumulators) {
  Tiles& tiles = own(coming);
  for (const Part& part : tiles.parts) {
    if (!part.any) continue;
    for (std::size_t t = 0; t < part.sums.rows(); ++t) {
      std::int32_t* const to = accumulators.row(t);
      const std::int32_t* const from = part.sums.row(t);
      for (std::size_t i = 0; i < part.sums.cols(); ++i) to[i] += from[i];
    }
  }
  tiles.use = Use::free;
  added_ += tiles.count;
  dropped_ = std::max(0, dropped_ - 1);
}

void ProductsAhead::drop_all() {
  bool any = false;
  for (Tiles& tiles : tiles_) {
    if (tiles.use == Use::free) continue;
    any = any || tiles.use != Use::given_up;
    if (tiles.use == Use::posted) close(tiles);
    while (tiles.use != Use::begun && tiles.formed.load(std::memory_order_acquire) != tiles.awaited) {
      std::this_thread::yield();
    }
    tiles.use = Use::free;
  }
  if (any) pass_over();
}

/// Where simulated time goes on so often that tiles are dropped before they have run, or the other thread has no
/// processor of its own, it is not worth while for some time.
void ProductsAhead::pass_over() { pass_over_ = dropped_ = std::min(2 * dropped_ + 1, kMostPassedOver); }

void ProductsAhead::renew_activations() {
  for (Workspace& workspace : workspaces_) workspace.lines.clear();
}

/// No piece is begun any more.
void ProductsAhead::close(Tiles& tiles) {
  std::uint64_t ticket = tiles.ticket.load(std::memory_order_relaxed);
  while (!tiles.ticket.compare_exchange_weak(ticket, ticket - next_piece(ticket) + pieces(ticket))) {
  }
  tiles.awaited = next_piece(ticket);
}

/// The next piece of `tiles`, if there is one left.
bool ProductsAhead::form_piece(Tiles& tiles, std::size_t thread) {
  std::uint64_t ticket = tiles.ticket.load(std::memory_order_relaxed);
  do {
    if (next_piece(ticket) == pieces(ticket)) return false;
  } while (!tiles.ticket.compare_exchange_weak(ticket, ticket + 1));
  try {
    form(tiles, next_piece(ticket), thread);
  } catch (...) {
    tiles.parts[thread].thrown = std::current_exception();
  }
  tiles.formed.fetch_add(1, std::memory_order_release);
  return true;
}

/// Zeroes the sums of a thread.
void ProductsAhead::clear(Tiles& tiles, std::size_t thread) const {
  Matrix<std::int32_t>& sums = tiles.parts[thread].sums;
  const std::size_t tokens = tiles.activations.rows;
  const auto outputs = static_cast<std::size_t>(shape_.outputs) * static_cast<std::size_t>(tiles.layout.tile_outputs);
  if (sums.rows() != tokens || sums.cols() != outputs) {
    sums = Matrix<std::int32_t>(tokens, outputs);
  } else {
    std::fill_n(sums.data(), sums.size(), 0);
  }
  tiles.parts[thread].any = true;
}

void ProductsAhead::form(Tiles& tiles, std::size_t piece, std::size_t thread) {
  const TileLayout& layout = tiles.layout;
  const auto outputs = static_cast<std::size_t>(layout.tile_outputs),
             inputs = static_cast<std::size_t>(layout.tile_inputs);
  const auto rows = static_cast<std::size_t>(shape_.outputs), columns = static_cast<std::size_t>(shape_.inputs);
  const std::size_t begin = piece * tiles.per_piece, end = begin + tiles.per_piece;
  // By tokens every piece checks its share of the blobs.
  const bool by_tokens = tiles.by_tokens;
  const auto share = [&](std::size_t i) { return i * tiles.count / tiles.pieces; };
  const std::size_t first_token = by_tokens ? begin : 0, first_tile = by_tokens ? 0 : begin;
  const std::size_t tokens = (by_tokens ? std::min(end, tiles.activations.rows) : tiles.activations.rows) - first_token;
  const std::size_t last_tile = by_tokens ? tiles.count : std::min(end, tiles.count);
  const std::size_t check_from = by_tokens ? share(piece) : first_tile,
                    check_to = by_tokens ? share(piece + 1) : last_tile;
  Part& part = tiles.parts[thread];
  if (!by_tokens && !part.any) clear(tiles, thread);
  Matrix<std::int32_t>& sums = tiles.parts[by_tokens ? 0 : thread].sums;
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
  Tiles* next = nullptr;
  std::uint64_t first = ~std::uint64_t{0};
  for (Tiles& tiles : tiles_) {
    const std::uint64_t ticket = tiles.ticket.load();
    if (next_piece(ticket) == pieces(ticket) || ticket > first) continue;
    first = ticket;
    next = &tiles;
  }
  return next != nullptr && (form_piece(*next, thread) || form_next(thread));
}

/// Until there is something to be formed, or all is over.
bool ProductsAhead::sleep() {
  const auto anything = [this] {
    return std::any_of(tiles_.begin(), tiles_.end(), [](const Tiles& tiles) {
      const std::uint64_t ticket = tiles.ticket.load();
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
