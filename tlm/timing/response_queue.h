// What a memory controller has still to answer, in the order of its answers.
#pragma once

#include "flow/base/cycle.h"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace flexcim {

/// How many requests a DRAM controller holds.
constexpr unsigned kDramQueueDepth = 16;

/// Answers are given in the order of their times, those of one time in the order in which their requests were accepted.
template <class Request>
class ResponseQueue {
 public:
  bool empty() const { return first_ == entries_.size(); }
  std::size_t size() const { return entries_.size() - first_; }
  /// Of one that is not empty(): when the next answer is due.
  Picoseconds due() const { return entries_[first_].at_ps; }
  const Request& front() const { return entries_[first_].request; }

  /// `request` is answered at `at_ps`. Few answers overtake each other, and few others at a time.
  void accept(Picoseconds at_ps, Request request) {
    if (first_ > kUnused) {
      entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(first_));
      first_ = 0;
    }
    std::size_t place = entries_.size();
    entries_.emplace_back();
    for (; place > first_ && entries_[place - 1].at_ps > at_ps; --place) {
      entries_[place] = std::move(entries_[place - 1]);
    }
    entries_[place] = {at_ps, std::move(request)};
  }
  /// The next one to be answered, which is then forgotten.
  Request take() { return std::move(entries_[first_++].request); }

  /// From when on fewer than `depth` are still to be answered, at least 1; 0 where no more are there. An answer that is
  /// due leaves in that very moment.
  Picoseconds room(std::size_t depth) const { return size() < depth ? 0 : entries_[entries_.size() - depth].at_ps; }

  /// All answers are due `ps` later.
  void skip(Picoseconds ps) {
    for (std::size_t i = first_; i < entries_.size(); ++i) entries_[i].at_ps += ps;
  }
  template <class Visit>
  void for_each(const Visit& visit) const {
    for (std::size_t i = first_; i < entries_.size(); ++i) visit(entries_[i].request);
  }

 private:
  static constexpr std::size_t kUnused = 64;  ///< entries at the front, at most

  struct Entry {
    Picoseconds at_ps = 0;
    Request request{};
  };
  std::vector<Entry> entries_;
  std::size_t first_ = 0;  ///< of those that are there
};

}  // namespace flexcim
