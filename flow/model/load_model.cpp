#include "flow/model/load_model.h"

#include "flow/error.h"
#include "flow/mapped_file.h"
#include "flow/model/config.h"
#include "flow/model/llama.h"
#include "flow/model/mamba.h"
#include "flow/tensor_store.h"

#include <filesystem>

namespace flexcim {
namespace {

ModelConfig read_config(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    const std::string file = path + "/config.json";
    return {MappedFile(file).text(), file};
  }
  const SafetensorsFile file(path);
  const auto text = file.metadata().find("config");
  if (text == file.metadata().end()) {
    throw InputError(path + ": is neither a model directory nor a packed model (no \"config\" in __metadata__)");
  }
  return {text->second, path + ": __metadata__: config"};
}

std::string architecture(const ModelConfig& config) {
  const nlohmann::json& names = config.raw("architectures");
  if (!names.is_null()) {
    if (!names.is_array() || names.size() != 1 || !names[0].is_string()) {
      config.fail("architectures", "is " + names.dump() + ", not a list of one name");
    }
    return names[0].get<std::string>();
  }
  const std::string type = config.text("model_type", "");
  if (type.empty()) config.fail("architectures", "is missing");
  if (type == "llama") return "LlamaForCausalLM";
  if (type == "mamba") return "MambaForCausalLM";
  config.fail("model_type", "is \"" + type + "\"; supported are llama and mamba");
}

}  // namespace

std::unique_ptr<LanguageModel> load_model(const std::string& path) {
  const ModelConfig config = read_config(path);
  const std::string name = architecture(config);
  if (name == "LlamaForCausalLM") return std::make_unique<Llama>(path, LlamaConfig(config));
  if (name == "MambaForCausalLM") return std::make_unique<Mamba>(path, MambaConfig(config));
  config.fail("architectures", "is \"" + name + "\"; supported are LlamaForCausalLM and MambaForCausalLM");
}

}  // namespace flexcim
