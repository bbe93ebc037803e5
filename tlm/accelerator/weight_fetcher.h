// Prefetches a command's weights into the two halves of the weight buffer.
#pragma once

#include "flow/map/image.h"
#include "tlm/accelerator/command_plan.h"
#include "tlm/accelerator/dma.h"

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace flexcim {

/// The blobs of one array tile in the weight buffer.
struct FetchedTile {
  boost::container::small_vector<DirectoryEntry, 4> entries;  ///< per macro; bytes = 0 where the layer has no such tile
  boost::container::small_vector<const std::uint8_t*, 4>
      blobs;                           ///< per macro, null where there is none: in `buffer`, or where locate() says
  std::shared_ptr<const void> buffer;  ///< what the blobs lie in
  std::uint64_t bytes = 0;             ///< of all blobs
  Cycle ready = 0;                     ///< when the last byte has arrived
  ErrorCode error = ErrorCode::none;   ///< blobs are unspecified after an error; no tile follows
};

/// Walks the array tiles in the plan's order. A half of the buffer takes as many whole array tiles as fit, all of one
/// row of array tiles; it is filled again when the last of them has been loaded into the macros. The directory of the
/// next row is read one row ahead. With weights_resident everything is ready at once and costs no traffic.
class WeightFetcher {
 public:
  /// `notify` is called whenever next() may have become true, from a callback of `dma` if not from a call of this.
  WeightFetcher(Dma& dma, const AcceleratorParameters& parameters, std::function<void()> notify);

  /// Begins with the first tile of a command in cycle `from`; `descriptor` and `plan` stay valid until stop().
  void start(const Descriptor& descriptor, const CommandPlan& plan, Cycle from);
  /// The next tile, if all its bytes (or an error) are known; null otherwise.
  const FetchedTile* next();
  /// Where macro i's blob of the tile that next() gave lies: in the tile's buffer, or in memory until Dma::settle().
  const std::uint8_t* locate(const FetchedTile& tile, std::size_t i) const;
  /// The tile that next() gave is in the macros' cells when `at` begins.
  void release(Cycle at);
  /// Forgets everything; callbacks of transfers under way come to nothing.
  void stop();

 private:
  struct Item {
    FetchedTile tile;
    std::size_t missing = 0;  ///< blobs
  };
  /// Blobs that follow each other in memory: one transfer.
  struct Segment {
    struct Blob {
      std::uint64_t end;  ///< in the segment
      Item* item;
    };
    DmaRequest request;
    std::vector<Blob> blobs;
    std::size_t arrived = 0;  ///< blobs
  };
  struct Batch {
    std::shared_ptr<std::uint8_t[]> bytes;
    std::uint64_t size = 0;
    std::vector<Item> items;
    std::size_t released = 0;  ///< items
    std::vector<Segment> segments;
  };
  struct Directory {
    std::vector<std::uint8_t> bytes;
    bool arrived = false;
    Cycle at = 0;
    ErrorCode error = ErrorCode::none;
  };

  void request_directory(Cycle from);
  void fill_halves();
  bool fill_half(Cycle from);
  Item make_item(int row, int col) const;
  void place(Item& item, Batch& batch, std::uint64_t& used) const;
  void fail(ErrorCode error, Cycle at);
  void post(const std::shared_ptr<Batch>& batch, Cycle from);
  std::shared_ptr<std::uint8_t[]> buffer(std::uint64_t bytes);
  void drop_batch();
  static bool arrive(Segment& segment, std::uint64_t bytes, Cycle at, ErrorCode error);

  Dma& dma_;
  const AcceleratorParameters& parameters_;
  std::function<void()> notify_;
  const Descriptor* descriptor_ = nullptr;
  const CommandPlan* plan_ = nullptr;
  std::uint64_t rows_requested_ = 0;  ///< of all token tiles, as is rows_filled_
  std::uint64_t rows_filled_ = 0;
  int col_ = 0;
  Cycle start_ = 0;
  bool failed_ = false;
  std::deque<std::shared_ptr<Directory>> directories_;
  std::deque<std::shared_ptr<Batch>> batches_;
  std::deque<Cycle> free_halves_;                         ///< since when
  std::vector<std::shared_ptr<std::uint8_t[]>> buffers_;  ///< halves, to be used again when nobody holds them
  std::shared_ptr<int> alive_;                            ///< renewed by start and stop: outdated callbacks notice
};

}  // namespace flexcim
