// What a waveform records of a signal: raw bytes, taken where the simulation runs; a dump is made of them later.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <optional>
#include <utility>

namespace flexcim {

class Probe {
 public:
  virtual ~Probe() = default;
  /// Copies the present value to `to` and returns its bytes, 0..bytes(); or returns kUnchanged and copies nothing.
  virtual int capture(unsigned char* to) = 0;
  virtual std::size_t bytes() const = 0;

  static constexpr int kUnchanged = -1;
};

/// One value, compared with what it was.
template <class Value, class Read>
class ValueProbe : public Probe {
 public:
  explicit ValueProbe(Read read) : read_(std::move(read)) {}
  int capture(unsigned char* to) override {
    const Value value = read_();
    if (last_ == value) return kUnchanged;
    last_ = value;
    std::memcpy(to, &value, sizeof value);
    return sizeof value;
  }
  std::size_t bytes() const override { return sizeof(Value); }

 private:
  Read read_;
  std::optional<Value> last_;
};

/// The elements of a packed bus; those from `count` on are zero.
template <class Element>
struct Packed {
  const Element* elements = nullptr;
  int count = 0;
};

/// Elements [first, end) of a packed bus. `read` returns an optional Packed: nothing if it has not changed.
template <class Element, class Read>
class BusProbe : public Probe {
 public:
  BusProbe(int first, int end, Read read) : first_(first), end_(end), read_(std::move(read)) {}
  int capture(unsigned char* to) override {
    const std::optional<Packed<Element>> packed = read_();
    if (!packed) return kUnchanged;
    const int count = std::max(0, std::min(end_, packed->count) - first_);
    const std::size_t size = static_cast<std::size_t>(count) * sizeof(Element);
    if (size > 0) std::memcpy(to, packed->elements + first_, size);
    return static_cast<int>(size);
  }
  std::size_t bytes() const override { return static_cast<std::size_t>(end_ - first_) * sizeof(Element); }

 private:
  int first_, end_;
  Read read_;
};

}  // namespace flexcim
