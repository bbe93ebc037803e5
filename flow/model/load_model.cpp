#include "flow/model/load_model.h"

#include "flow/base/error.h"
#include "flow/base/json_input.h"
#include "flow/model/config.h"
#include "flow/model/llama.h"
#include "flow/model/mamba.h"

#include <filesystem>

namespace flexcim {
namespace {

constexpr const char* kLlama = "LlamaForCausalLM";
constexpr const char* kMamba = "MambaForCausalLM";

/// The architecture that model_type stands for; empty where it is missing.
std::string architecture_of_type(const ModelConfig& config) {
  const std::string type = config.text("model_type", "");
  if (type.empty()) return "";
  if (type == "llama") return kLlama;
  if (type == "mamba") return kMamba;
  config.fail("model_type", "is \"" + type + "\"; supported are llama and mamba");
}

std::string architecture(const ModelConfig& config) {
  const nlohmann::json& names = config.raw("architectures");
  if (names.is_null()) {
    std::string name = architecture_of_type(config);
    if (name.empty()) config.fail("architectures", "is missing");
    return name;
  }
  if (!names.is_array() || names.size() != 1 || !names[0].is_string()) {
    config.fail("architectures", "is " + json_text(names) + ", not a list of one name");
  }
  auto name = names[0].get<std::string>();
  if (name != kLlama && name != kMamba) {
    config.fail("architectures", "is \"" + name + "\"; supported are " + kLlama + " and " + kMamba);
  }
  const std::string of_type = architecture_of_type(config);
  if (!of_type.empty() && of_type != name) {
    config.fail("model_type", "is \"" + config.text("model_type", "") + "\", but architectures is " + json_text(names));
  }
  return name;
}

/// transformers would add an adapter that lies beside the model.
void require_no_adapter(const std::string& path) {
  const std::filesystem::path adapter = std::filesystem::path(path) / "adapter_config.json";
  std::error_code ignored;
  if (std::filesystem::exists(adapter, ignored)) throw InputError(adapter.string() + ": adapters are not supported");
}

std::unique_ptr<LanguageModel> open(const std::string& path) {
  const ModelConfig config = read_config(path);
  const std::string name = architecture(config);
  require_no_adapter(path);
  if (name == kLlama) return std::make_unique<Llama>(path, LlamaConfig(config));
  return std::make_unique<Mamba>(path, MambaConfig(config));
}

}  // namespace

std::unique_ptr<LanguageModel> load_model(const std::string& path) {
  std::unique_ptr<LanguageModel> model = open(path);
  model->set_text(std::make_unique<const ModelText>(path, model->vocabulary()));
  return model;
}

}  // namespace flexcim
