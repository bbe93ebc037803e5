// The config.json and the generation_config.json of a model directory, beside the tensors of a small model of the
// family that the text names: files "config.json" and "generation_config.json" of the input.
#include "flow/model/end_tokens.h"
#include "flow/model/float_runner.h"
#include "flow/model/linear_shapes.h"
#include "flow/model/load_model.h"
#include "flow/model/model_files.h"
#include "tests/fuzz/model_use.h"
#include "tests/platform/temp_folder.h"

#include <filesystem>

using namespace flexcim;

namespace {

/// The fixture of tests/flow/models whose tensors go with this config, as far as a look at the text can tell.
std::string fixture_of(const std::string& config) {
  constexpr std::pair<const char*, const char*> kFamilies[] = {
      {"Falcon", "falcon_mamba"}, {"Mamba", "mamba"},           {"Mistral", "mistral"},
      {"Qwen2", "qwen2"},         {"Qwen3", "qwen3"},           {"OPT", "opt"},
      {"fp8", "llama_f8"},        {"compressed", "llama_int8"}, {"bias", "llama_biases"}};
  for (const auto& [word, fixture] : kFamilies) {
    if (config.find(word) != std::string::npos) return fixture;
  }
  return "llama";
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TempFolder folder;
  auto files = fuzz::files_in(fuzz::text_of(data, size));
  for (const char* name : {"config.json", "generation_config.json"}) {
    if (files.count(name) != 0) {
      folder.write(name, files[name]);
    } else {
      std::filesystem::remove(folder.path() / name);
    }
  }
  const std::filesystem::path tensors = folder.path() / "model.safetensors";
  std::filesystem::remove(tensors);
  std::filesystem::create_symlink(
      std::string(FLEXCIM_SOURCE_DIR "/tests/flow/models/") + fixture_of(files["config.json"]) + "/model.safetensors",
      tensors);
  const std::string path = folder.path().string();
  fuzz::takes("config.json", [&] { model_shapes(path + "/config.json"); });
  fuzz::takes("config.json", [&] { end_tokens(path); });
  fuzz::takes(path, [&] {
    model_files(path);
    const std::unique_ptr<LanguageModel> model = load_model(path);
    fuzz::takes("", [&] {
      FloatRunner runner(*model);
      fuzz::run_model(*model, runner);
    });
  });
  return 0;
}
