// The accumulators of linears against the golden model's, on a thread of their own.
#pragma once

#include "flow/pack/packed_linear.h"
#include "platform/results/fault_result.h"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace flexcim {

/// Compares while the simulation goes on: a second processor forms the golden products. Weights of a mapped file are
/// given back to the system after each product (PackedLinear::release).
class SumsCheck {
 public:
  /// Called with the first difference (first_difference()) and how large all are, on another thread.
  using Differs = std::function<void(const std::string& difference, const OutputError& error)>;

  SumsCheck() = default;
  ~SumsCheck();
  SumsCheck(const SumsCheck&) = delete;
  SumsCheck& operator=(const SumsCheck&) = delete;

  /// Sums (tokens x out) that the hardware has made of `inputs` (tokens x in) and `weights`, which outlive the check.
  /// Waits while several comparisons are pending. Where the system has no thread to give, compares at once.
  void add(const PackedLinear& weights, Matrix<std::int8_t> inputs, Matrix<std::int32_t> sums, Differs differs);
  /// The same for dense weights (out x in).
  void add(Matrix<std::int8_t> weights, Matrix<std::int8_t> inputs, Matrix<std::int32_t> sums, Differs differs);
  /// Returns when all has been compared. Throws what a comparison has thrown.
  void wait();

 private:
  struct Comparison {
    std::function<Matrix<std::int32_t>()> golden;
    Matrix<std::int32_t> sums;
    Differs differs;

    void run() const;
  };

  void add(Comparison comparison);
  void work();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Comparison> pending_;  ///< the first one is under way
  bool ended_ = false;
  std::exception_ptr error_;
  std::thread thread_;
};

}  // namespace flexcim
