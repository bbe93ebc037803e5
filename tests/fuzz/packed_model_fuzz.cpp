// A packed model: its header, with the metadata that makes it a model, and data.
#include "flow/model/end_tokens.h"
#include "flow/model/int8_runner.h"
#include "flow/model/load_model.h"
#include "flow/pack/packed_model.h"
#include "tests/fuzz/model_use.h"
#include "tests/fuzz/tokenizer_use.h"
#include "tests/platform/temp_folder.h"

using namespace flexcim;

namespace {

std::vector<PackedLinear> all_linears(const PackedModel& packed) {
  std::vector<PackedLinear> linears;
  for (std::size_t i = 0; i < packed.linears().size(); ++i) {
    linears.push_back(packed.load(i));
    unpack(linears.back());
  }
  return linears;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TempFolder folder;
  const std::string path = folder.write("packed.safetensors", fuzz::safetensors_of(fuzz::text_of(data, size)));
  fuzz::takes(path, [&] {
    const PackedModel packed(path);
    std::vector<PackedLinear> linears = all_linears(packed);
    fuzz::takes(path, [&] { end_tokens(path); });
    const std::unique_ptr<LanguageModel> model = load_model(path);
    fuzz::takes("", [&] { fuzz::use_tokenizer(model->text().tokenizer(), model->vocabulary()); });
    fuzz::takes("", [&] {
      Int8Runner runner(std::move(linears));
      fuzz::run_model(*model, runner);
    });
  });
  return 0;
}
