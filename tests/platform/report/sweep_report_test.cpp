// flexcim report of a sweep: the page has what the database has.
#include "tests/platform/report/page_text.h"
#include "tests/platform/small_run.h"
#include "tests/platform/sweep/small_sweep.h"

#include <filesystem>

namespace {

namespace fs = std::filesystem;

nlohmann::json sweep_on(const std::string& page) { return page_data(file_bytes(page))["sweep"]; }

/// The points of a sweep that are ok, as its files have them.
std::vector<nlohmann::json> good_points(const SmallSweep& sweep, const std::string& out) {
  std::vector<nlohmann::json> points;
  std::istringstream lines(sweep.result(out, "points.jsonl"));
  for (std::string line; std::getline(lines, line);) {
    nlohmann::json point = nlohmann::json::parse(line);
    if (point["status"] == "ok") points.push_back(std::move(point));
  }
  return points;
}

}  // namespace

TEST_CASE("flexcim report: of a sweep the page has every point that is ok, with its axes and metrics") {
  const SmallSweep small;
  small.run("out");
  const Outcome outcome = flexcim_command({"report", small / "out"});
  INFO(outcome.error);
  REQUIRE(outcome.exit_code == 0);
  const nlohmann::json sweep = sweep_on(small / "out/report.html");
  CHECK(sweep["name"] == "small");
  CHECK(sweep["planned"] == 240);
  CHECK(sweep["ok"] == 117);
  CHECK(sweep["invalid"] == 6);
  CHECK(sweep["failed"] == 117);
  REQUIRE(sweep["reasons"].size() == 2);
  CHECK(sweep["reasons"][0]["points"] == 117);
  CHECK_THAT(sweep["reasons"][0]["reason"].get<std::string>(), Catch::Contains(", … tokens: "));

  const std::vector<nlohmann::json> points = good_points(small, "out");
  const nlohmann::json& shown = sweep["points"];
  REQUIRE(shown["number"].size() == points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    CAPTURE(i);
    CHECK(shown["number"][i] == points[i]["point"]);
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const auto& name = sweep["axes"][axis]["name"].get_ref<const std::string&>();
      const nlohmann::json& value = points[i][name];
      CHECK(sweep["axes"][axis]["values"][shown["axes"][axis][i].get<std::size_t>()] ==
            (value.is_string() ? value.get<std::string>() : value.dump()));
    }
    CHECK(shown["metrics"]["time_ns"][i] == points[i]["time_ns"]);
    CHECK(shown["metrics"]["energy_pj"][i] == points[i]["energy_pj"]);
    CHECK(shown["metrics"]["edp"][i].get<double>() == Approx(points[i]["edp"].get<double>()).epsilon(1e-5));
  }
  CHECK(sweep["axes"][1]["numbers"] == true);
  CHECK(sweep["axes"][1]["levels"][0] == "1 to 4");
  CHECK_FALSE(shown["metrics"].contains("tokens_out"));  // 0 at all points
}

TEST_CASE("flexcim report: a sweep that is not at its end is shown as far as it is") {
  const SmallSweep small;
  small.run("parts", {"--shard", "0/2"});
  CHECK_THAT(refusal({"report", small / "parts"}), Catch::Contains("parts: has shards of a sweep, not the whole"));
  fs::create_directory(small / "half");
  fs::copy(small / "parts/shard-0-of-2.sqlite", small / "half/sweep.sqlite");
  REQUIRE(flexcim_command({"report", small / "half"}).exit_code == 0);
  const nlohmann::json sweep = sweep_on(small / "half/report.html");
  CHECK(sweep["planned"] == 240);
  CHECK(sweep["points"]["number"].size() == sweep["ok"]);
  CHECK(sweep["ok"] == 117);  // of the even points, with the large buffer, all but 7 tokens
  CHECK(sweep["failed"] == 0);
}

TEST_CASE("flexcim report: a sweep has a page of its own, beside its files, which the next report replaces") {
  const SmallSweep small;
  const std::vector<std::string> few{"--set", "sweep.axes.1.range.to=2"};
  small.run("out", few);
  REQUIRE(flexcim_command({"report", small / "out"}).exit_code == 0);
  REQUIRE(flexcim_command({"report", small / "out"}).exit_code == 0);
  small.run("out", few);  // nothing is left to do, and nothing is in its way
  CHECK_THAT(refusal({"report", small / "out", small / "out"}),
             Catch::Contains("out: is a sweep, which has a page of its own"));
  write_file(small / "out/report.html", "mine");
  CHECK_THAT(refusal({"report", small / "out"}), Catch::Contains("report.html: is no longer as it was written"));
  CHECK(small.result("out", "report.html") == "mine");

  const std::string database = small.result("out", "sweep.sqlite");
  CHECK_THAT(refusal({"report", small / "out", "--out", small / "out/sweep.sqlite"}),
             Catch::Contains("it is the input"));
  CHECK((small.result("out", "sweep.sqlite") == database));
  fs::create_directory(small / "none");
  write_file(small / "none/sweep.sqlite", "mine as well, and long enough to be looked at: no database at all");
  CHECK_THAT(refusal({"report", small / "none"}), Catch::Contains("none/sweep.sqlite: is no SQLite database"));
  CHECK_FALSE(fs::exists(small / "none/report.html"));
}
