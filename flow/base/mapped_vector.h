// A vector whose elements may lie in a mapped file.
#pragma once

#include "flow/base/mapped_file.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace flexcim {

/// Elements of its own, or those of a mapped file, which stays mapped as long as a vector or a copy of it lives. Copied
/// on write: whoever asks for elements that can be changed gets a copy of them in memory, so read through a const
/// reference.
template <class T>
class MappedVector {
 public:
  MappedVector() = default;
  MappedVector(std::vector<T> elements) : own_(std::move(elements)) {}
  /// `size` elements at `first`, which lie in `file`.
  MappedVector(std::shared_ptr<const MappedFile> file, const T* first, std::size_t size)
      : file_(std::move(file)), first_(first), size_(size) {}

  const T* data() const { return file_ ? first_ : own_.data(); }
  std::size_t size() const { return file_ ? size_ : own_.size(); }
  const T* begin() const { return data(); }
  const T* end() const { return data() + size(); }
  const T& operator[](std::size_t i) const { return data()[i]; }

  /// The elements in memory, to be changed.
  std::vector<T>& own() {
    if (file_) {
      own_.assign(first_, first_ + size_);
      file_.reset();
    }
    return own_;
  }
  T* data() { return own().data(); }
  T* begin() { return data(); }
  T* end() { return data() + size(); }
  T& operator[](std::size_t i) { return own()[i]; }
  void assign(std::size_t count, T value) { *this = std::vector<T>(count, value); }

  /// Gives pages of the mapped file back to the system, which reads them again when they are next looked at. Nothing
  /// for elements in memory.
  void release() const {
    if (file_) file_->release(first_, size_ * sizeof(T));
  }

  /// The first `count` of mapped elements.
  MappedVector first(std::size_t count) const { return {file_, first_, count}; }
  /// Puts the mapped file itself in place of the memory at `place` (MappedFile::map_over); false where that cannot be.
  bool map_over(void* place) const {
    if (!file_) return false;
    const auto* first = reinterpret_cast<const std::byte*>(first_);
    return file_->map_over(place, static_cast<std::size_t>(first - file_->data()), size_ * sizeof(T));
  }

  bool operator==(const MappedVector& other) const {
    return size() == other.size() && std::equal(begin(), end(), other.begin());
  }
  bool operator!=(const MappedVector& other) const { return !(*this == other); }

 private:
  std::vector<T> own_;
  std::shared_ptr<const MappedFile> file_;  ///< null for elements of its own
  const T* first_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace flexcim
