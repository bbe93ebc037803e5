#include "platform/program/sums_check.h"

#include "flow/model/golden.h"
#include "flow/model/int8_matmul.h"
#include "platform/program/layer_figures.h"

#include <system_error>
#include <utility>

namespace flexcim {
namespace {

constexpr std::size_t kMostPending = 8;

}  // namespace

void SumsCheck::Comparison::run() const {
  const Matrix<std::int32_t> expected = golden();
  if (sums != expected) differs(first_difference(sums, expected), output_error(sums, expected));
}

SumsCheck::~SumsCheck() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void SumsCheck::add(const PackedLinear& weights, Matrix<std::int8_t> inputs, Matrix<std::int32_t> sums,
                    Differs differs) {
  const auto golden = [&weights, inputs = std::move(inputs)] {
    Matrix<std::int32_t> products(inputs.rows(), static_cast<std::size_t>(weights.out));
    int8_matmul(inputs, weights, products);
    weights.release();
    return products;
  };
  add({golden, std::move(sums), std::move(differs)});
}

void SumsCheck::add(Matrix<std::int8_t> weights, Matrix<std::int8_t> inputs, Matrix<std::int32_t> sums,
                    Differs differs) {
  const auto golden = [weights = std::move(weights), inputs = std::move(inputs)] {
    return golden_gemm(weights, inputs);
  };
  add({golden, std::move(sums), std::move(differs)});
}

void SumsCheck::add(Comparison comparison) {
  if (!thread_.joinable()) {
    try {
      thread_ = std::thread([this] { work(); });
    } catch (const std::system_error&) {
      return comparison.run();
    }
  }
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return pending_.size() < kMostPending; });
  pending_.push_back(std::move(comparison));
  changed_.notify_all();
}

void SumsCheck::wait() {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return pending_.empty(); });
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

void SumsCheck::work() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ended_ || !pending_.empty(); });
    if (ended_) return;
    const Comparison& first = pending_.front();  // stays where it is while others are added behind it
    lock.unlock();
    std::exception_ptr error;
    try {
      first.run();
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    if (error) error_ = error;
    pending_.pop_front();
    changed_.notify_all();
  }
}

}  // namespace flexcim
