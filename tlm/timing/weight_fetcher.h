// Prefetches a command's weights into the two halves of the weight buffer, or into all of one that has a single bank.
#pragma once

#include "flow/map/image.h"
#include "tlm/engine/products_ahead.h"
#include "tlm/timing/buffer_access.h"
#include "tlm/timing/command_plan.h"
#include "tlm/timing/memory_port.h"

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace flexcim {

/// A macro tile's blob in the weight buffer.
struct FetchedBlob {
  DirectoryEntry entry;  ///< bytes = 0 where the layer has no such tile
  /// In the buffer, or where locate() says; null where there is no such tile, or memory is dataless().
  const std::uint8_t* data = nullptr;
};

/// How much of what fills one part of the weight buffer has arrived.
struct WeightFill {
  std::size_t missing = 0;  ///< blobs
  Cycle at = 0;             ///< when the last of the others has arrived
};

/// The blobs of one array tile.
struct FetchedTile {
  const FetchedBlob* blobs = nullptr;  ///< per macro
  std::uint64_t bytes = 0;             ///< of all blobs
  Cycle ready = 0;                     ///< when the last byte has arrived, or the last one of its part
  ErrorCode error = ErrorCode::none;   ///< blobs are unspecified after an error; no tile follows
};

/// Fetches the array tiles in the plan's order. Each part of the buffer (its two halves; with one bank, all of it)
/// takes as many whole tiles of one row of array tiles as fit; it is refilled when the last of them has been loaded
/// into the macros. Where a part is a single bank, its tiles are ready when it has been filled. The directory is read
/// one row ahead. Where weights are resident, every tile is ready at once and causes no traffic.
class WeightFetcher {
 public:
  /// Calls `notify` whenever next() may have a tile, from a callback of `memory` or from a function of this class.
  /// `products` may be null.
  WeightFetcher(MemoryPort& memory, const AcceleratorParameters& parameters, ProductsAhead* products,
                std::function<void()> notify);

  /// Begins with the first tile of a command in cycle `from`; `descriptor` and `plan` stay valid until stop().
  void start(const Descriptor& descriptor, const CommandPlan& plan, Cycle from);
  /// The next tile, if all its bytes (or an error) are known; null otherwise.
  const FetchedTile* next();
  /// What the blobs of the tile that next() gave lie in; null where memory is dataless().
  const std::shared_ptr<std::uint8_t[]>& buffer() const { return batches_.front()->bytes; }
  /// The part of the weight buffer that it lies in, and where it begins there.
  int part() const { return batches_.front()->part; }
  std::uint64_t address(const FetchedTile& tile) const;
  /// Where macro i's blob of the tile that next() gave lies: in the tile's buffer, or in memory until the port takes
  /// its loans back.
  const std::uint8_t* locate(const FetchedTile& tile, std::size_t i) const;
  /// Of the part in which the tile that next() gave lies; valid until two more have been released.
  const WeightFill& fill() const { return *batches_.front()->fill; }
  /// From now on what passes through the tiles of token tile `token_tile` stands in `activations` (tokens x cols *
  /// array_inputs), until the next call or stop(): products of tiles that are fetched may be formed. None for -1.
  void set_inputs(int token_tile, MatrixView<const std::int8_t> activations);
  /// Where the products of the tile that next() gave are formed before, and which one of these tiles it is; null where
  /// they are not.
  ComingTiles* coming() const { return batches_.front()->ahead; }
  std::size_t number() const { return batches_.front()->released; }
  /// The first of its tokens that passes in token tile `token_tile`.
  std::size_t first_token(int token_tile) const {
    return static_cast<std::size_t>(token_tile - group_.begin) * static_cast<std::size_t>(plan_->token_tile);
  }
  /// Nothing that has been foreseen stands any more: no products have been formed before, for any tile.
  void forget_coming();
  /// Nor for those that are fetched together with the tile that next() gave.
  void leave_coming();

  /// The tile that next() gave is in the macros' cells when `at` begins.
  void release(Cycle at);
  /// Forgets everything. No callback of a transfer comes after it: the command's last output is known, or its transfers
  /// have been aborted.
  void stop();

  void set_listener(BufferListener* listener) { listener_ = listener; }

 private:
  struct Item {
    FetchedTile tile;
    std::size_t missing = 0;  ///< blobs
  };
  struct Batch;
  /// Blobs that follow each other in memory: one transfer.
  struct Segment {
    Batch* batch;
    std::uint64_t address = 0;     ///< in memory
    std::uint8_t* data = nullptr;  ///< in the buffer
    std::uint64_t bytes = 0;
    std::size_t arrived = 0;  ///< the blobs of the batch ...
    std::size_t end = 0;      ///< ... that have not arrived yet
    std::uint64_t told = 0;   ///< bytes
  };
  /// A blob on its way.
  struct Coming {
    Coming(std::uint64_t end_in_segment, std::size_t of_item) : end(end_in_segment), item(of_item) {}
    std::uint64_t end;  ///< in its segment
    std::size_t item;
  };
  /// What fills a part of the buffer. Used again, since a command has many.
  struct Batch {
    std::shared_ptr<std::uint8_t[]> bytes;
    std::uint64_t size = 0;
    int part = 0;
    std::vector<Item> items;
    std::vector<FetchedBlob> blobs;  ///< [item][macro]
    WeightFill* fill = nullptr;
    std::size_t released = 0;  ///< items
    std::vector<Segment> segments;
    std::vector<Coming> coming;  ///< the blobs that there are, segment by segment
    ComingTiles* ahead = nullptr;
    std::size_t number = 0;  ///< in its token tile
  };
  struct FreePart {
    int part = 0;
    Cycle since = 0;
  };
  /// Of a row of array tiles.
  struct Directory {
    std::vector<std::uint8_t> bytes;
    bool arrived = false;
    Cycle at = 0;
    ErrorCode error = ErrorCode::none;
  };

  void request_directory(Cycle from);
  Directory& directory() { return directories_[directory_]; }
  const Directory& directory() const { return directories_[directory_]; }
  std::uint64_t part_bytes() const {
    return parameters_.weight.bytes / static_cast<std::uint64_t>(parameters_.weight.parts());
  }
  void fill_parts();
  bool fill_part(int part, Cycle from);
  ErrorCode add_blobs(Batch& batch, int row, std::uint64_t& bytes) const;
  void place(Batch& batch) const;
  void fail(ErrorCode error, Cycle at);
  Batch& new_batch();
  void begin_group(int end);
  void form_ahead(Batch& batch, int first_col);
  void fetch_formed(std::size_t number) const;
  void post(Batch& batch, Cycle from);
  std::shared_ptr<std::uint8_t[]> new_buffer(std::uint64_t bytes);
  void drop_batch(std::size_t at);
  bool arrive(Segment& segment, const DmaProgress& progress, ErrorCode error);
  void tell(Segment& segment, const DmaProgress& progress);
  /// They are shown in the buffer.
  bool shows_bytes() const { return listener_ != nullptr && listener_->reads_bytes(); }

  MemoryPort& memory_;
  const AcceleratorParameters& parameters_;
  ProductsAhead* const products_;
  std::function<void()> notify_;
  const Descriptor* descriptor_ = nullptr;
  const CommandPlan* plan_ = nullptr;
  CommandPlan::Row requested_, filled_;  ///< the next to be
  int col_ = 0;
  Cycle start_ = 0;
  bool failed_ = false;
  std::array<Directory, 2> directories_;             ///< of the row that is filled next and of the one behind it
  std::size_t directory_ = 0, directory_count_ = 0;  ///< the former; those that have been asked for
  std::deque<std::unique_ptr<Batch>> batches_;
  std::vector<std::unique_ptr<Batch>> unused_batches_;
  std::array<WeightFill, 8> fills_;  ///< of the last batches: two parts, one in error, and those released before
  std::size_t next_fill_ = 0;
  std::deque<FreePart> free_parts_;
  std::vector<std::shared_ptr<std::uint8_t[]>> buffers_;  ///< parts, to be used again when nobody holds them
  BufferListener* listener_ = nullptr;
  int token_tile_ = -1;                        ///< whose inputs stand in the activation buffer; -1 for none
  MatrixView<const std::int8_t> activations_;  ///< these
  /// Token tiles [begin, end) whose products are formed together, when their tiles are fetched for the first of them.
  struct Group {
    int begin = -1, end = -1;
    MatrixView<const std::int8_t> inputs;  ///< of all its tokens
  };
  Group group_;
  Matrix<std::int8_t> foreseen_;      ///< inputs of more than one token tile
  std::vector<ComingTiles*> formed_;  ///< of the batches of each of its token tiles; null for none
  std::size_t next_number_ = 0;       ///< of batches
};

}  // namespace flexcim
