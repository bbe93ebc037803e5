#include "platform/workload/pruned_cache.h"

#include "flow/base/content_hash.h"
#include "flow/base/error.h"
#include "flow/base/json_input.h"
#include "flow/base/mapped_file.h"
#include "flow/base/output_file.h"
#include "flow/model/model_files.h"
#include "platform/workload/progress_bar.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <vector>

namespace flexcim {
namespace {

namespace fs = std::filesystem;

/// All settings as a text. They are named one by one, so that a setting that is new does not compile before it is here;
/// the calibration text counts by its bytes.
std::string text_of(const FlowSettings& flow, const MacroGeometry& macro) {
  const auto& [calibration, samples, sparsity, objective, granularity, update, candidates, alpha, beta, multiple,
               keep_dense, policy, weight_bits, cache] = flow;
  std::string text = fmt::format(
      "{} samples {} sparsity {} objective {} granularity {} update {} alpha {} beta {} multiple {} dense {} {} auto "
      "{} "
      "policy {} bits {} window {} columns {} candidates",
      FLEXCIM_VERSION, samples, sparsity, objective ? static_cast<int>(*objective) : -1,
      granularity ? static_cast<int>(*granularity) : -1, static_cast<int>(update), alpha, beta, multiple,
      keep_dense.first, keep_dense.last, keep_dense.automatic, static_cast<int>(policy), weight_bits, macro.window,
      macro.cols);
  for (const Candidate& each : candidates) text += " " + to_string(each);
  return text;
}

nlohmann::ordered_json json_of(const Selection& selection) {
  nlohmann::ordered_json chosen = nlohmann::ordered_json::array();
  for (const Candidate& each : selection.chosen) chosen.push_back({each.n, each.m});
  return {{"chosen", chosen},
          {"objective", selection.objective},
          {"target", selection.target},
          {"reached", selection.reached},
          {"exact", selection.exact},
          {"open", selection.open},
          {"any_above", selection.any_above}};
}

Selection selection_of(const nlohmann::json& json) {
  Selection selection;
  for (const auto& each : json.at("chosen")) selection.chosen.push_back({each.at(0), each.at(1)});
  selection.objective = json.at("objective");
  selection.target = json.at("target");
  selection.reached = json.at("reached");
  selection.exact = json.at("exact");
  selection.open = json.at("open");
  selection.any_above = json.at("any_above");
  return selection;
}

}  // namespace

PrunedCache::PrunedCache(const fs::path& folder, const fs::path& model, const FlowSettings& flow,
                         const MacroGeometry& macro) {
  std::string text = text_of(flow, macro);
  std::vector<std::string> files = model_files(model.string());
  files.push_back(flow.calibration.string());
  const Progress progress = progress_bar("reading model");
  for (std::size_t i = 0; i < files.size(); ++i) {
    text += "\n" + fs::path(files[i]).filename().string() + " " + hash_text(content_hash(MappedFile(files[i])));
    if (progress) progress(static_cast<int>(i) + 1, static_cast<int>(files.size()));
  }
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw InputError(folder.string() + ": the folder cannot be made: " + error.message());
  const fs::path name = model.has_filename() ? model.filename() : model.parent_path().filename();
  packed_ =
      (folder / (name.string() + "-" + hash_text(content_hash(text.data(), text.size())) + ".safetensors")).string();
}

std::optional<Selection> PrunedCache::find() const {
  const std::string record = packed_ + ".json";
  std::error_code ignored;
  if (!fs::exists(packed_, ignored) || !fs::exists(record, ignored)) return std::nullopt;
  try {
    const nlohmann::json json = read_json(record);
    if (json.at("hash") == hash_text(content_hash(MappedFile(packed_)))) return selection_of(json.at("selection"));
  } catch (const InputError&) {
  } catch (const nlohmann::json::exception&) {
  }
  fmt::print(stderr, "{}: is damaged; it is made anew\n", packed_);
  return std::nullopt;
}

void PrunedCache::keep(const Selection& selection) const {
  const nlohmann::ordered_json json{{"hash", hash_text(content_hash(MappedFile(packed_)))},
                                    {"selection", json_of(selection)}};
  write_text_file(packed_ + ".json", json.dump(1) + "\n");
}

}  // namespace flexcim
