#include "platform/report/activity_data.h"

#include "platform/report/window_points.h"

namespace flexcim {

nlohmann::ordered_json activity_data(const ActivityRows& rows) {
  enum : std::size_t { kUtilization, kRead, kWrite, kHeld, kFigures = kHeld + kBuffers };
  const WindowPoints<kFigures> points(rows, [](const ActivityWindow& window, auto& sums) {
    const double ns = window.end_ns - window.start_ns;
    sums[kUtilization] += window.utilization * ns;
    sums[kRead] += 1e9 * static_cast<double>(window.dram_read_bytes);
    sums[kWrite] += 1e9 * static_cast<double>(window.dram_write_bytes);
    for (std::size_t i = 0; i < kBuffers; ++i) sums[kHeld + i] += window.buffer_bytes[i] * ns;
  });
  const auto held = [&](BufferId buffer) { return points.per_ns(kHeld + static_cast<std::size_t>(buffer)); };
  nlohmann::ordered_json json = points.json();
  json["utilization"] = points.per_ns(kUtilization);
  json["dram_bytes_per_s"] = {{"read", points.per_ns(kRead)}, {"write", points.per_ns(kWrite)}};
  json["buffer_bytes"] = {{"activation", held(BufferId::activation)},
                          {"weight", held(BufferId::weight)},
                          {"output", held(BufferId::output)}};
  return json;
}

}  // namespace flexcim
