#include "flow/pack/pack_model.h"

#include "flow/base/error.h"
#include "flow/base/mapped_file.h"
#include "flow/base/parallel.h"
#include "flow/base/tensor_store.h"
#include "flow/compensate/compensate_model.h"
#include "flow/map/nearest_pattern.h"
#include "flow/model/weight_format.h"
#include "flow/text/tokenizer_data.h"

#include <filesystem>
#include <mutex>
#include <set>

namespace flexcim {
namespace {

PackedModelTexts texts_of(const std::string& directory, const LanguageModel& model) {
  PackedModelTexts texts;
  texts.config = MappedFile(directory + "/config.json").text();
  const std::string generation = directory + "/generation_config.json";
  if (std::filesystem::exists(generation)) texts.generation_config = MappedFile(generation).text();
  texts.tokenizer = read_tokenizer_data(directory, model.vocabulary()).text;
  return texts;
}

std::vector<PackedLinearInfo> infos_of(const LanguageModel& model, const ModelPruning& pruning) {
  std::vector<PackedLinearInfo> infos;
  for (std::size_t i = 0; i < model.linears().size(); ++i) {
    const LinearInfo& linear = model.linears()[i];
    const Pattern pattern = pruning.patterns.at(i);
    const IndexPolicy policy = policy_for(pruning, pattern);
    infos.push_back({linear.name, pattern, policy, policy == IndexPolicy::element ? 1 : pruning.window,
                     pruning.weight_bits, linear.out, linear.in});
  }
  return infos;
}

/// Everything that is not the weights of a linear. Throws InputError for a value that is not finite.
std::vector<Tensor> others_of(const TensorStore& store, const LanguageModel& model) {
  std::set<std::string> weights;
  for (const LinearInfo& linear : model.linears()) {
    for (const std::string& name : weight_tensors(linear.name)) weights.insert(name);
  }
  std::vector<Tensor> others;
  for (const auto& [name, tensor] : store.tensors()) {
    if (weights.count(name) > 0) continue;
    require_finite(*tensor);
    others.push_back(*tensor);
  }
  return others;
}

std::string shape_of(int out, int in) {
  return shape_text({static_cast<std::size_t>(out), static_cast<std::size_t>(in)});
}

}  // namespace

void require_candidates(const MacroGeometry& geometry, const std::vector<Candidate>& candidates) {
  for (const Candidate each : candidates) {
    require_support(geometry, nearest_pattern(geometry, each.pattern()), "candidate " + to_string(each));
  }
}

std::vector<LinearReport> write_packed_model(const std::string& path, const std::string& source,
                                             const LanguageModel& model, const ModelPruning& pruning,
                                             const PruneLinears& prune) {
  const TensorStore store(source);
  PackedModelWriter writer(path, infos_of(model, pruning), others_of(store, model), texts_of(source, model));
  std::vector<LinearReport> reports = prune([&](PackedLinear&& linear) { writer.write(linear); });
  writer.finish();
  return reports;
}

std::vector<LinearReport> write_packed_model(const std::string& path, const std::string& source,
                                             const LanguageModel& model, const Calibration& calibration,
                                             const ModelPruning& pruning, const Progress& progress) {
  return write_packed_model(path, source, model, pruning, [&](const auto& sink) {
    return prune_linears(model, calibration, pruning, sink, progress);
  });
}

std::vector<PackedLinear> load_packed_linears(const std::string& path, const LanguageModel& model, int last_block,
                                              const Progress& progress) {
  const PackedModel packed(path);
  if (packed.linears().size() != model.linears().size()) {
    throw InputError(path + ": has " + std::to_string(packed.linears().size()) + " linears where its config has " +
                     std::to_string(model.linears().size()));
  }
  std::size_t wanted = 0;
  for (std::size_t i = 0; i < packed.linears().size(); ++i) {
    const LinearInfo& expected = model.linears()[i];
    const PackedLinearInfo& found = packed.linears()[i];
    if (found.name != expected.name || found.out != expected.out || found.in != expected.in) {
      throw InputError(path + ": linear " + std::to_string(i) + " is " + found.name + " " +
                       shape_of(found.out, found.in) + " where its config has " + expected.name + " " +
                       shape_of(expected.out, expected.in));
    }
    if (expected.block <= last_block) wanted = i + 1;
  }
  std::vector<PackedLinear> linears(wanted);
  std::mutex progress_mutex;
  int done = 0;
  parallel_for(0, wanted, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      linears[i] = packed.load(i);
      linears[i].release();  // what checking them has brought into memory
      const std::lock_guard<std::mutex> lock(progress_mutex);
      if (progress) progress(++done, static_cast<int>(wanted));
    }
  });
  return linears;
}

std::vector<LinearReport> prune_linears(const LanguageModel& model, const Calibration& calibration,
                                        const ModelPruning& pruning, const std::function<void(PackedLinear&&)>& sink,
                                        const Progress& progress) {
  if (pruning.update == Update::none) return prune_model(model, calibration.statistics, pruning, sink, progress);
  if (calibration.sequences.empty()) throw InputError("update compensate needs a calibration text");
  return compensate_model(model, calibration.sequences, pruning, sink, progress);
}

PrunedModel prune_to_memory(const LanguageModel& model, const Calibration& calibration, const ModelPruning& pruning) {
  PrunedModel result;
  result.reports = prune_linears(model, calibration, pruning,
                                 [&](PackedLinear&& linear) { result.linears.push_back(std::move(linear)); });
  return result;
}

}  // namespace flexcim
