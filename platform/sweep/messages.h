// What a sweep and its processes tell each other, as bytes of a stream between processes of one program.
#pragma once

#include "platform/sweep/point_result.h"
#include "platform/sweep/point_source.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flexcim {

/// A point to evaluate.
struct PointTask {
  std::uint64_t point = 0;
  SweepPoint what;
};

std::string encode(const std::vector<PointTask>& tasks);
std::string encode(const PointResult& result);

/// Takes a message away from the front of `stream`; nothing where its end has not arrived yet.
std::optional<std::vector<PointTask>> take_tasks(std::string& stream);
std::optional<PointResult> take_result(std::string& stream);

}  // namespace flexcim
