// A whole pruned and quantized model in one safetensors file (flow.md §6).
//
// Per linear NAME: NAME.values I8 and NAME.indices U8, both [out][groups][N] (PackedLinear), NAME.scales F32 [out] and
// NAME.activation_scale F32 [1] (0: activations are quantized per token). Every other tensor of the model lies beside
// them as it was. Metadata: "flexcim.format" "1"; "flexcim.linears", a JSON list, in the model's order, of {"name",
// "pattern", "policy", "window", "weight_bits" where they are not 8, "shape": [out, in]}; "config", the model's
// config.json; "tokenizer", its tokenizer data; "generation_config", its generation_config.json, where it has one.
#pragma once

#include "flow/base/safetensors.h"
#include "flow/base/safetensors_writer.h"
#include "flow/pack/packed_linear.h"

#include <map>
#include <string>
#include <vector>

namespace flexcim {

/// What the metadata says of one linear.
struct PackedLinearInfo {
  std::string name;
  Pattern pattern;
  IndexPolicy policy = IndexPolicy::element;
  int window = 1;
  int weight_bits = 8;
  int out = 0;
  int in = 0;

  std::size_t groups() const { return static_cast<std::size_t>((in + pattern.m - 1) / pattern.m); }
  bool operator==(const PackedLinearInfo& other) const {
    return name == other.name && pattern == other.pattern && policy == other.policy && window == other.window &&
           weight_bits == other.weight_bits && out == other.out && in == other.in;
  }
};

/// The texts that make the file a whole model.
struct PackedModelTexts {
  std::string config;                  ///< JSON
  std::string tokenizer;               ///< JSON
  std::string generation_config = {};  ///< JSON; empty: there is none
};

/// Writes a packed model linear by linear, so that only one needs to be in memory. The bytes depend on the content
/// alone. Nothing stays of a file that is not finished.
class PackedModelWriter {
 public:
  /// `others`: the tensors to copy. Throws InputError naming the file where it cannot be written.
  PackedModelWriter(const std::string& path, const std::vector<PackedLinearInfo>& linears,
                    const std::vector<Tensor>& others, const PackedModelTexts& texts);
  /// Each announced linear once, in any order; std::logic_error for one that was not announced so.
  void write(const PackedLinear& linear);
  void finish();

 private:
  std::map<std::string, PackedLinearInfo> announced_;
  SafetensorsWriter writer_;
};

/// A packed model, opened: header, metadata and the tensors' types and shapes are checked at once, the entries of a
/// linear when it is loaded. Everything wrong is an InputError that names the file and the tensor or metadata key.
class PackedModel {
 public:
  explicit PackedModel(const std::string& path);

  const std::string& path() const { return file_.path(); }
  const PackedModelTexts& texts() const { return texts_; }
  const std::vector<PackedLinearInfo>& linears() const { return linears_; }  ///< in the model's order
  /// Loads linear i; its entries are validated, and stay in the file, which they keep mapped.
  PackedLinear load(std::size_t i) const;
  /// All tensors, those of the linears among them.
  const SafetensorsFile& file() const { return file_; }

 private:
  SafetensorsFile file_;
  PackedModelTexts texts_;
  std::vector<PackedLinearInfo> linears_;
};

}  // namespace flexcim
