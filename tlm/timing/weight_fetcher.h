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
  /// array_inputs), until the next call or stop(): products of tiles that are fetched may be formed.
  void set_inputs(int token_tile, MatrixView<const std::int8_t> activations) {
    token_tile_ = token_tile;
    inputs_ = activations;
  }
  /// Where the products of the tile that next() gave are formed before, and which one of these tiles it is; null where
  /// they are not.
  ComingTiles* coming() const { return batches_.front()->ahead; }
  std::size_t number() const { return batches_.front()->released; }
  /// Nothing that has been foreseen stands any more: no products have been formed before, for any tile.
  void forget_coming();
  /// Nor for those that are fetched together with the tile that next() gave.
  void leave_coming() { batches_.front()->ahead = nullptr; }

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
  void form_ahead(Batch& batch, int first_col);
  void post(Batch& batch, Cycle from);
  std::shared_ptr<std::uint8_t[]> new_buffer(std::uint64_t bytes);
  void drop_batch(std::size_t at);
  bool arrive(Segment& segment, const DmaProgress& progress, ErrorCode error);
  void tell(Segment& segment, const DmaProgress& progress);

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
  int token_tile_ = -1;  ///< whose inputs stand in `inputs_`; -1 for none
  MatrixView<const std::int8_t> inputs_;
};

}  // namespace flexcim
