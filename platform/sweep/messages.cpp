#include "platform/sweep/messages.h"

#include <cstring>
#include <type_traits>

namespace flexcim {
namespace {

/// Values one behind the other; texts with their length in front.
class Writer {
 public:
  template <class V>
  void put(const V& value) {
    static_assert(std::is_trivially_copyable_v<V>);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void put(const std::string& text) {
    put(text.size());
    bytes_ += text;
  }
  /// With its length in front.
  std::string message() const {
    Writer whole;
    whole.put(bytes_);
    return whole.bytes_;
  }

 private:
  std::string bytes_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  template <class V>
  V take() {
    V value{};
    std::memcpy(&value, bytes_.data() + at_, sizeof value);
    at_ += sizeof value;
    return value;
  }
  std::string take_text() {
    const auto size = take<std::size_t>();
    at_ += size;
    return std::string(bytes_.substr(at_ - size, size));
  }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

std::optional<std::string> take_message(std::string& stream) {
  std::size_t size = 0;
  if (stream.size() < sizeof size) return std::nullopt;
  std::memcpy(&size, stream.data(), sizeof size);
  if (stream.size() - sizeof size < size) return std::nullopt;
  std::string message = stream.substr(sizeof size, size);
  stream.erase(0, sizeof size + size);
  return message;
}

}  // namespace

std::string encode(const std::vector<PointTask>& tasks) {
  Writer writer;
  writer.put(tasks.size());
  for (const PointTask& task : tasks) {
    writer.put(task.point);
    writer.put(task.what.changes.size());
    for (const Override& change : task.what.changes) {
      writer.put(change.path);
      writer.put(change.value);
    }
  }
  return writer.message();
}

std::string encode(const PointResult& result) {
  Writer writer;
  writer.put(result.point);
  writer.put(result.status);
  writer.put(result.reason);
  writer.put(result.figures);
  return writer.message();
}

std::optional<std::vector<PointTask>> take_tasks(std::string& stream) {
  const std::optional<std::string> message = take_message(stream);
  if (!message) return std::nullopt;
  Reader reader(*message);
  std::vector<PointTask> tasks(reader.take<std::size_t>());
  for (PointTask& task : tasks) {
    task.point = reader.take<std::uint64_t>();
    task.what.changes.resize(reader.take<std::size_t>());
    for (Override& change : task.what.changes) {
      change.path = reader.take_text();
      change.value = reader.take_text();
    }
  }
  return tasks;
}

std::optional<PointResult> take_result(std::string& stream) {
  const std::optional<std::string> message = take_message(stream);
  if (!message) return std::nullopt;
  Reader reader(*message);
  PointResult result;
  result.point = reader.take<std::uint64_t>();
  result.status = reader.take<PointStatus>();
  result.reason = reader.take_text();
  result.figures = reader.take<PointFigures>();
  return result;
}

}  // namespace flexcim
