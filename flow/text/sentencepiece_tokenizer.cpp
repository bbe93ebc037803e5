#include "flow/text/sentencepiece_tokenizer.h"

#include "flow/base/error.h"
#include "flow/text/byte_tokens.h"
#include "flow/text/normalizer.h"
#include "flow/text/utf8.h"

#include <exception>
#include <new>
#include <sentencepiece_processor.h>

namespace flexcim {
namespace {

constexpr const char* kBlank = "\xE2\x96\x81";  // U+2581, which SentencePiece writes for a blank

/// Whether the library has done something. What it thinks wrong with a model it says by a status, or by an exception of
/// one of its own parts.
template <class Work>
bool does(const Work& work) {
  try {
    return work().ok();
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception&) {
    return false;
  }
}

class SentencePieceTokenizer final : public Tokenizer {
 public:
  SentencePieceTokenizer(const std::string& content, const SentencePieceOptions& options, const std::string& where)
      : where_(where) {
    // The library would also say on the standard error what is wrong.
    if (content.empty() || !does([&] { return processor_.LoadFromSerializedProto(content); })) {
      throw InputError(where + ": is no SentencePiece model");
    }
    for (int id = 0; id < processor_.GetPieceSize(); ++id) bytes_[id] = piece_bytes(id);
    if (options.add_begin) before_ = {symbol(processor_.bos_id(), "beginning-of-text")};
    if (options.add_end) behind_ = {symbol(processor_.eos_id(), "end-of-text")};
    std::vector<std::string> pieces;
    const bool encoded = does([&] { return processor_.Encode("a", &pieces); });
    blank_in_front_ = encoded && !pieces.empty() && pieces.front().compare(0, 3, kBlank) == 0;
  }

 private:
  std::string piece_bytes(int id) const {
    std::string piece = processor_.IdToPiece(id);
    if (processor_.IsByte(id)) return std::string(1, byte_of_token(piece).value_or('?'));
    replace_all(piece, kBlank, " ", piece.size(), where_);
    return piece;
  }

  int symbol(int id, const char* what) const {
    if (id < 0)
      throw InputError(where_ + ": has no " + what + " symbol, which add_bos_token or add_eos_token asks for");
    return id;
  }

  void append(std::string_view text, std::vector<int>& tokens) const override {
    const std::size_t valid = utf8_prefix(text);
    if (valid < text.size()) {
      throw InputError("byte " + std::to_string(valid) + " of the text is not UTF-8, which SentencePiece needs");
    }
    std::vector<int> ids;
    if (!does([&] { return processor_.Encode(text, &ids); }))
      throw InputError(where_ + ": SentencePiece cannot encode the text");
    tokens.insert(tokens.end(), ids.begin(), ids.end());
  }

  std::string where_;
  sentencepiece::SentencePieceProcessor processor_;
};

}  // namespace

std::unique_ptr<Tokenizer> sentencepiece_tokenizer(const std::string& content, const SentencePieceOptions& options,
                                                   const std::string& where) {
  return std::make_unique<SentencePieceTokenizer>(content, options, where);
}

bool has_sentencepiece() { return true; }

}  // namespace flexcim
