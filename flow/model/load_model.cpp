#include "flow/model/load_model.h"

#include "flow/base/error.h"
#include "flow/base/json_input.h"
#include "flow/model/config.h"
#include "flow/model/decoder.h"
#include "flow/model/mamba.h"

#include <filesystem>

namespace flexcim {
namespace {

template <DecoderConfig (*Read)(const ModelConfig&)>
std::unique_ptr<LanguageModel> decoder(const std::string& path, const ModelConfig& config) {
  return std::make_unique<Decoder>(path, Read(config));
}

template <MambaConfig (*Read)(const ModelConfig&)>
std::unique_ptr<LanguageModel> mamba(const std::string& path, const ModelConfig& config) {
  return std::make_unique<Mamba>(path, Read(config));
}

/// A family of models by the names that config.json has for it.
struct Family {
  std::string_view architecture;
  std::string_view type;
  std::unique_ptr<LanguageModel> (*open)(const std::string& path, const ModelConfig& config);
};
constexpr Family kFamilies[] = {{"LlamaForCausalLM", "llama", decoder<llama_config>},
                                {"MistralForCausalLM", "mistral", decoder<mistral_config>},
                                {"Qwen2ForCausalLM", "qwen2", decoder<qwen2_config>},
                                {"Qwen3ForCausalLM", "qwen3", decoder<qwen3_config>},
                                {"OPTForCausalLM", "opt", decoder<opt_config>},
                                {"MambaForCausalLM", "mamba", mamba<mamba_config>},
                                {"FalconMambaForCausalLM", "falcon_mamba", mamba<falcon_mamba_config>}};

/// The family whose `name` is `value`, the value of `key`.
const Family& family_of(const ModelConfig& config, const std::string& key, std::string_view Family::*name,
                        const std::string& value) {
  std::string known;
  for (const Family& family : kFamilies) {
    if (family.*name == value) return family;
    known += (known.empty() ? "" : ", ") + std::string(family.*name);
  }
  config.fail(key, "is \"" + value + "\"; supported are " + known);
}

const Family& family_of(const ModelConfig& config) {
  const std::string type = config.text("model_type", "");
  const Family* const of_type = type.empty() ? nullptr : &family_of(config, "model_type", &Family::type, type);
  const nlohmann::json& names = config.raw("architectures");
  if (names.is_null()) {
    if (of_type == nullptr) config.fail("architectures", "is missing");
    return *of_type;
  }
  if (!names.is_array() || names.size() != 1 || !names[0].is_string()) {
    config.fail("architectures", "is " + json_text(names) + ", not a list of one name");
  }
  const Family& family = family_of(config, "architectures", &Family::architecture, names[0].get<std::string>());
  if (of_type != nullptr && of_type != &family) {
    config.fail("model_type", "is \"" + type + "\", but architectures is " + json_text(names));
  }
  return family;
}

/// transformers would add an adapter that lies beside the model.
void require_no_adapter(const std::string& path) {
  const std::filesystem::path adapter = std::filesystem::path(path) / "adapter_config.json";
  std::error_code ignored;
  if (std::filesystem::exists(adapter, ignored)) throw InputError(adapter.string() + ": adapters are not supported");
}

std::unique_ptr<LanguageModel> open(const std::string& path) {
  const ModelConfig config = read_config(path);
  const Family& family = family_of(config);
  require_no_adapter(path);
  return family.open(path, config);
}

}  // namespace

std::unique_ptr<LanguageModel> load_model(const std::string& path) {
  std::unique_ptr<LanguageModel> model = open(path);
  model->set_text(std::make_unique<const ModelText>(path, model->vocabulary()));
  return model;
}

}  // namespace flexcim
