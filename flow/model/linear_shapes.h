// The linears of a published model by its config.json alone, without weights.
#pragma once

#include <string>
#include <vector>

namespace flexcim {

/// A linear that computes tokens x in times in x out.
struct LinearShape {
  std::string name;  ///< as the model's tensors are called, without ".weight"
  int block = 0;     ///< -1 for the linear behind the last block that gives the logits
  int out = 0, in = 0;
};

struct ModelShapes {
  std::string type;  ///< model_type of the config
  int blocks = 0;
  std::vector<LinearShape> linears;  ///< block by block in the model's own order, then the one that gives the logits
};

/// `config`: a config.json in the Hugging Face layout, of model_type llama, mistral, qwen2, opt or mamba. Only what
/// gives shapes is read: a model may be beyond what `flexcim flow` can run. Throws InputError naming file and key.
ModelShapes model_shapes(const std::string& config);

}  // namespace flexcim
