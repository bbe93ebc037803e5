// Products of tiles that are about to be fetched, formed on two threads: while one settles time, the other multiplies.
#pragma once

#include "tlm/engine/tile_products.h"

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace flexcim {

/// Array tiles that follow each other in a row of array tiles, where they lie before they are fetched. Whoever asks
/// for their products fills it in: bytes and activations stand until the products have all been added, or dropped.
struct ComingTiles {
  TileLayout layout;      ///< of the layer
  int out = 0;            ///< outputs of the layer
  int row = 0;            ///< row of the layer's macro tiles that the macros (0, ·) will hold
  std::size_t count = 0;  ///< array tiles
  /// [array tile][macro (o, k) at o * shape.inputs + k], not checked; no weights where the layer has no such tile.
  std::vector<BlobView> blobs;
  MatrixView<const std::int8_t> activations;  ///< tokens x at least count * shape.inputs * layout.tile_inputs
  int uses = 1;  ///< how often the tiles will be loaded: each time some of the tokens pass through them
  // The answer of finish():
  bool finished = false;
  bool good = true;                ///< no blob is in error
  std::vector<ImageError> errors;  ///< of each blob
  Matrix<std::int32_t> sums;       ///< tokens x shape.outputs * layout.tile_outputs

  std::size_t macros() const { return count == 0 ? 0 : blobs.size() / count; }
};

struct AheadParameters {
  int threads = 0;  ///< 0 for what the processors allow; with 1 it is worth it only for tiles with several uses
  /// Of tiles that are fetched together, bytes of weights times tokens: with less it is not worth it.
  std::uint64_t least_products = 16 << 10;
};

/// One thread asks, in the order in which the tiles will run, and helps where an answer is not there yet; another one
/// forms products meanwhile. It is started with the first tiles that are worth it, and sleeps when nothing has been
/// asked for a while. Where the system has no second thread to give, or only one processor, the thread that asks forms
/// what is used several times, and for the rest begin() gives nothing and all goes on as without. Sums are exact in
/// int32: who forms which part does not show.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): what two threads write lies apart
class ProductsAhead {
 public:
  /// `shape`: of the macro array.
  ProductsAhead(const MacroGeometry& geometry, ArrayShape shape, const AheadParameters& parameters);
  ~ProductsAhead();
  ProductsAhead(const ProductsAhead&) = delete;
  ProductsAhead& operator=(const ProductsAhead&) = delete;

  /// AheadParameters::threads, before the first tiles.
  void use_threads(int threads);
  /// Tiles to be filled in and posted, or dropped; null where it is not worth it. `products`: bytes of weights times
  /// tokens; `uses` as ComingTiles has them.
  ComingTiles* begin(std::uint64_t products, int uses);
  void post(ComingTiles& tiles);
  /// Instead of post().
  void drop(ComingTiles& tiles);
  /// The blobs have been checked and, where none is in error, the sums formed. False where the other thread does not
  /// come to it: then they have been dropped. Throws what forming them has thrown.
  bool finish(ComingTiles& tiles);
  /// Adds the sums of finished tiles, of as many tokens as `accumulators` has rows, from `first_token` on. After the
  /// last of ComingTiles::uses they are free for others.
  void add(ComingTiles& tiles, std::size_t first_token, MatrixView<std::int32_t> accumulators);
  /// Bytes, activations or the layer may change: nobody reads them, and nothing is known of them any more, when it
  /// returns.
  void drop_all();
  /// How many array tiles have been added so far.
  std::uint64_t added() const { return added_; }

 private:
  static constexpr std::size_t kThreads = 2;
  enum class Use { free, begun, posted, given_up };
  /// What one thread has formed. Threads that write to the same lines of memory slow each other down.
  struct alignas(64) Part {
    bool any = false;           ///< sums; by tokens all are in the first part
    bool good = true;           ///< no blob is in error
    std::exception_ptr thrown;  ///< null for nothing
    Matrix<std::int32_t> sums;
  };
  struct Work;
  struct Tiles : ComingTiles {
    Work* work = nullptr;  ///< until they are finished
  };
  /// What has been asked for and not been answered yet.
  // NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): what two threads write lies apart
  struct Work {
    // For the thread that asks:
    Use use = Use::free;
    Tiles* tiles = nullptr;
    std::uint64_t awaited = 0;  ///< pieces that are formed or will be
    // For both:
    std::uint64_t pieces = 0;
    bool by_tokens = false;     ///< a piece is so many tokens of all array tiles, not so many array tiles of all tokens
    std::size_t per_piece = 1;  ///< of the one or the other
    std::uint64_t piece_products = 0;
    std::array<Part, kThreads> parts;
    /// Bits 0 to 15: the next piece, 16 to 31: how many there are, 32 and up: which use. Who counts it up has the
    /// piece.
    alignas(64) std::atomic<std::uint64_t> ticket{0};
    alignas(64) std::atomic<std::uint64_t> formed{0};  ///< pieces
  };

  bool form_piece(Work& work, std::size_t thread);
  void form(Work& work, std::size_t piece, std::size_t thread);
  void clear(Work& work, std::size_t thread) const;
  static void collect(Work& work);
  void free(Work& work);
  bool form_next(std::size_t thread);
  void close(Work& work);
  void pass_over();
  bool start();
  void work();
  bool sleep();
  static Work& work_of(ComingTiles& tiles) { return *static_cast<Tiles&>(tiles).work; }

  const MacroGeometry geometry_;
  const ArrayShape shape_;
  const std::uint64_t least_products_;
  // For the thread that asks:
  alignas(64) bool two_threads_;
  std::uint64_t added_ = 0;
  std::uint64_t uses_ = 0;
  int pass_over_ = 0;      ///< tiles not to begin, since those before have been dropped ...
  int dropped_ = 0;        ///< ... so often in a row
  std::deque<Tiles> all_;  ///< ever begun
  std::vector<Tiles*> unused_;
  alignas(64) std::array<Work, 4> works_;
  struct alignas(64) Workspace {
    DataLineCache lines;
    std::vector<TilePasses> passes;
  };
  std::array<Workspace, kThreads> workspaces_;

  alignas(64) std::mutex mutex_;
  std::condition_variable changed_;
  alignas(64) std::atomic<bool> sleeps_{false};
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

}  // namespace flexcim
