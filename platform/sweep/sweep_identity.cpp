#include "platform/sweep/sweep_identity.h"

#include "flow/base/error.h"
#include "platform/results/result_record.h"
#include "platform/sweep/point_source.h"
#include "platform/yaml/number.h"

#include <algorithm>
#include <fmt/format.h>

namespace flexcim {
namespace {

constexpr std::uint64_t kMostShards = 1'000'000;

void add_input_files(std::vector<ResultRecord>& records, const Scenario& scenario) {
  std::vector<std::filesystem::path> inputs = input_files(scenario);
  inputs.erase(inputs.begin());  // the scenario itself: what it means is in the text
  for (const std::filesystem::path& input : inputs) {
    if (!input.empty()) records.push_back(record_of(input));
  }
}

/// What files mean that a value names: the effective point, which has architectures and technologies in it, and the
/// others. A value that needs those of other axes has none of its own.
void add_files_of(std::vector<ResultRecord>& records, PointLoader& loader, const CompareValue& value) {
  const auto number = [](const Override& change) { return is_number(change.value); };
  if (std::all_of(value.changes.begin(), value.changes.end(), number)) return;
  try {
    const Scenario point = loader.load(value.changes);
    records.push_back(record_of(value.name, effective_yaml(point)));
    add_input_files(records, point);
  } catch (const InputError&) {
  }
}

std::string hash_of(const Scenario& scenario, const std::string& text) {
  std::vector<ResultRecord> records{record_of("scenario", text)};
  add_input_files(records, scenario);
  PointLoader loader(scenario);
  for (const SweepAxis& axis : scenario.sweep->axes) {
    for (const CompareAxis& part : axis.parts) {
      for (const CompareValue& value : part.values) add_files_of(records, loader, value);
    }
  }
  return fmt::format("{:016x}", record_of("", record_text(records)).hash);
}

}  // namespace

std::string Shard::text() const { return fmt::format("{}/{}", index, count); }

std::string Shard::file_name() const {
  return whole() ? "sweep.sqlite" : fmt::format("shard-{}-of-{}.sqlite", index, count);
}

Shard parse_shard(const std::string& text) {
  const std::string what = "--shard " + text + ": ";
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) throw InputError(what + "expected index/count, as 0/4");
  try {
    Shard shard;
    shard.count = parse_whole(text.substr(slash + 1), std::uint64_t{1}, kMostShards);
    shard.index = parse_whole(text.substr(0, slash), std::uint64_t{0}, shard.count - 1);
    return shard;
  } catch (const InputError& error) {
    throw InputError(what + error.what());
  }
}

SweepIdentity identity_of(const Scenario& scenario, std::uint64_t points, const std::string& version) {
  SweepIdentity identity;
  identity.name = scenario.name;
  identity.version = version;
  identity.scenario = effective_yaml(scenario);
  identity.hash = hash_of(scenario, version + "\n" + identity.scenario);
  identity.points = points;
  identity.columns = column_names(*scenario.sweep);
  identity.objectives = scenario.sweep->objectives;
  return identity;
}

}  // namespace flexcim
