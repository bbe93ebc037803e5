// The products of attention of one pass of a block on the accelerator.
#pragma once

#include "platform/driver/firmware_driver.h"
#include "platform/program/placed_attention.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>

namespace flexcim {

/// To be used from the program of `host`: it writes what is new in the cache, and for each product its inputs, submits
/// a command, sleeps until that has ended and reads the sums back.
class AcceleratorAttention : public AttentionProducts {
 public:
  /// A product has ended. In the order of the commands.
  using Done = std::function<void(int block, const AttentionTask& task, const Int8Cache& cache,
                                  const Matrix<std::int8_t>& inputs, const Matrix<std::int32_t>& sums)>;

  /// `in_flight` is kept at the number of its commands that have not been finished. `goes_on`: behind a command that
  /// the accelerator has ended with an error, with zeros for its outputs. All that is referred to outlives it.
  AcceleratorAttention(ProgramHost& host, FirmwareDriver& driver, const PlacedAttention& placed, int block,
                       bool overlaps, bool goes_on, std::size_t& in_flight, Done done);

  void appended(const Int8Cache& cache, std::size_t tokens) override;
  void start(const AttentionTask& task, Matrix<std::int8_t> inputs) override;
  /// Throws LayerRefused, unless it goes on.
  Matrix<std::int32_t> finish() override;
  bool overlaps() const override { return overlaps_; }

 private:
  struct Begun {
    AttentionTask task;
    Matrix<std::int8_t> inputs;
    Descriptor command;
    std::uint32_t ticket;
  };

  ProgramHost& host_;
  FirmwareDriver& driver_;
  const PlacedAttention& placed_;
  const int block_;
  const bool overlaps_;
  const bool goes_on_;
  std::size_t& in_flight_;
  const Done done_;
  const Int8Cache* cache_ = nullptr;
  std::size_t slot_ = 0;  ///< of the next product
  std::deque<Begun> begun_;
};

}  // namespace flexcim
