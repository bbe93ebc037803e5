// A tokenizer.model of SentencePiece.
#include "flow/text/sentencepiece_tokenizer.h"
#include "tests/fuzz/tokenizer_use.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace flexcim;
  fuzz::takes("t.model", [&] {
    SentencePieceOptions options;
    options.add_begin = size % 2 == 0;
    const auto tokenizer = sentencepiece_tokenizer(std::string(fuzz::text_of(data, size)), options, "t.model");
    fuzz::use_tokenizer(*tokenizer, tokenizer->size());
  });
  return 0;
}
