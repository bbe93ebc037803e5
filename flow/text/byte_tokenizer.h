// A token a byte.
#pragma once

#include "flow/text/tokenizer.h"

namespace flexcim {

class ByteTokenizer final : public Tokenizer {
 public:
  static constexpr int kVocabulary = 256;  ///< a model with this vocabulary and no other tokenizer reads bytes
  ByteTokenizer() {
    for (int byte = 0; byte < kVocabulary; ++byte) bytes_[byte] = std::string(1, static_cast<char>(byte));
  }

 private:
  void append(std::string_view text, std::vector<int>& tokens) const override {
    for (const char byte : text) tokens.push_back(static_cast<unsigned char>(byte));
  }
};

}  // namespace flexcim
