// In the place of sentencepiece_tokenizer.cpp where the library is not there.
#include "flow/base/error.h"
#include "flow/text/sentencepiece_tokenizer.h"

namespace flexcim {

std::unique_ptr<Tokenizer> sentencepiece_tokenizer(const std::string& /*content*/,
                                                   const SentencePieceOptions& /*options*/, const std::string& where) {
  throw InputError(where +
                   ": this program was built without SentencePiece: install the Debian package "
                   "libsentencepiece-dev and build again, or give token ids");
}

bool has_sentencepiece() { return false; }

}  // namespace flexcim
