// flow_logits MODEL TOKENS OUT: the float logits of a model for the I32 tensor "tokens" of a safetensors file, for
// comparison with another implementation.
#include "flow/base/error.h"
#include "flow/base/safetensors.h"
#include "flow/base/safetensors_writer.h"
#include "flow/model/evaluate.h"
#include "flow/model/float_runner.h"
#include "flow/model/load_model.h"

#include <cstdio>

using namespace flexcim;

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: flow_logits MODEL TOKENS OUT\n");
    return 2;
  }
  try {
    const std::unique_ptr<LanguageModel> model = load_model(argv[1]);
    const Matrix<std::int32_t> tokens = SafetensorsFile(argv[2]).at("tokens").copy<std::int32_t>();
    FloatRunner runner(*model);
    const Matrix<float> logits = sequence_logits(*model, runner, {tokens.data(), tokens.data() + tokens.size()});
    SafetensorsWriter writer(argv[3], {{"logits", Dtype::f32, {logits.rows(), logits.cols()}}}, {});
    writer.write("logits", logits.data(), logits.size() * sizeof(float));
    writer.finish();
  } catch (const InputError& error) {
    std::fprintf(stderr, "flow_logits: %s\n", error.what());
    return 2;
  }
  return 0;
}
