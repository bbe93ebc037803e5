// Power over time in few points: what is spent stays.
#include "platform/report/power_data.h"

#include <catch2/catch.hpp>

using namespace flexcim;

namespace {

/// `count` windows of 10 ns, the last of 5; window i spends i pJ in the cells.
PowerRows power_windows(int count) {
  return [count](const PowerRow& row) {
    for (int i = 0; i < count; ++i) {
      PowerWindow window;
      window.start_ns = 10.0 * i;
      window.end_ns = i + 1 < count ? 10.0 * (i + 1) : 10.0 * i + 5;
      window.energy[static_cast<std::size_t>(Component::cells)] = 1000 * i;
      row(window);
    }
  };
}

double energy(const nlohmann::ordered_json& data) {
  double sum = 0;
  for (std::size_t i = 0; i + 1 < data["edges_ns"].size(); ++i) {
    sum += data["mw"]["cells"][i].get<double>() *
           (data["edges_ns"][i + 1].get<double>() - data["edges_ns"][i].get<double>());
  }
  return sum;
}

}  // namespace

TEST_CASE("Power in a report: as many points as windows where a plot can show them") {
  const auto data = power_data(power_windows(3));
  CHECK(data["windows"] == 3);
  CHECK(data["windows_per_point"] == 1);
  CHECK(data["edges_ns"] == nlohmann::ordered_json{0, 10, 20, 25});
  CHECK(data["mw"]["cells"] == nlohmann::ordered_json{0, 0.1, 0.4});
  CHECK(data["mw"].size() == 1);
}

TEST_CASE("Power in a report: of many windows each point is the mean of neighbours, and the energy stays") {
  const auto data = power_data(power_windows(2001));
  CHECK(data["windows_per_point"] == 3);
  CHECK(data["edges_ns"].size() == 667 + 1);
  CHECK(data["edges_ns"].back() == 20005);
  CHECK(data["mw"]["cells"][1] == 0.4);  // (3 + 4 + 5) / 30
  CHECK(energy(data) == Approx(2000 * 2001 / 2).epsilon(1e-5));
}

TEST_CASE("Power in a report: a run without windows has none") {
  const auto data = power_data(power_windows(0));
  CHECK(data["windows"] == 0);
  CHECK(data["mw"].empty());
}
