// A tokenizer.json.
#include "flow/text/tokenizer_data.h"
#include "tests/fuzz/tokenizer_use.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace flexcim;
  constexpr int kVocabulary = 1 << 16;
  fuzz::takes("t.json", [&] {
    const auto tokenizer = make_tokenizer({std::string(fuzz::text_of(data, size)), "t.json"}, kVocabulary);
    fuzz::use_tokenizer(*tokenizer, kVocabulary);
  });
  return 0;
}
