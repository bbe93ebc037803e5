// Activity over time in few points: what is done stays.
#include "platform/report/activity_data.h"

#include <catch2/catch.hpp>

using namespace flexcim;

namespace {

/// `count` windows of 10 ns, the last of 5.
ActivityRows windows(int count) {
  return [count](const ActivityRow& row) {
    for (int i = 0; i < count; ++i) {
      ActivityWindow window;
      window.start_ns = 10.0 * i;
      window.end_ns = i + 1 < count ? 10.0 * (i + 1) : 10.0 * i + 5;
      window.utilization = i % 2 == 0 ? 0.5 : 0.25;
      window.dram_read_bytes = 20;
      window.dram_write_bytes = i == 1 ? 40 : 0;
      window.buffer_bytes = {1.0 * i, 64, 0};
      row(window);
    }
  };
}

using Json = nlohmann::ordered_json;

}  // namespace

TEST_CASE("Activity in a report: a point per window where a plot can show them") {
  const Json data = activity_data(windows(3));
  CHECK(data["windows"] == 3);
  CHECK(data["windows_per_point"] == 1);
  CHECK(data["edges_ns"] == Json{0, 10, 20, 25});
  CHECK(data["utilization"] == Json{0.5, 0.25, 0.5});
  CHECK(data["dram_bytes_per_s"]["read"] == Json{2e9, 2e9, 4e9});  // 20 bytes in 10 ns, in 5 ns
  CHECK(data["dram_bytes_per_s"]["write"] == Json{0, 4e9, 0});
  CHECK(data["buffer_bytes"] == Json{{"activation", {0, 1, 2}}, {"weight", {64, 64, 64}}, {"output", {0, 0, 0}}});
}

TEST_CASE("Activity in a report: of many windows each point is a mean over its time") {
  const Json data = activity_data(windows(802));  // pairs, the last of 10 and 5 ns
  CHECK(data["windows_per_point"] == 2);
  REQUIRE(data["utilization"].size() == 401);
  CHECK(data["utilization"][0] == 0.375);
  CHECK(data["utilization"][400].get<double>() == Approx((0.5 * 10 + 0.25 * 5) / 15).epsilon(1e-5));
  CHECK(data["dram_bytes_per_s"]["write"][0] == 2e9);
  CHECK(data["buffer_bytes"]["activation"][0] == 0.5);
  CHECK(data["buffer_bytes"]["weight"][400] == 64);
}
