#include "flow/text/tokenizer.h"

#include <algorithm>

namespace flexcim {
namespace {

constexpr const char* kUnknown = "\xEF\xBF\xBD";  // U+FFFD

}  // namespace

std::vector<int> Tokenizer::encode(std::string_view text) const {
  std::vector<int> tokens = before_;
  append(text, tokens);
  tokens.insert(tokens.end(), behind_.begin(), behind_.end());
  return tokens;
}

std::string Tokenizer::decode(const std::vector<int>& tokens, TextPart part) const {
  const bool whole = part == TextPart::whole;
  const bool added =
      whole && tokens.size() >= before_.size() && std::equal(before_.begin(), before_.end(), tokens.begin());
  std::string text;
  for (std::size_t i = added ? before_.size() : 0; i < tokens.size(); ++i) {
    const auto found = bytes_.find(tokens[i]);
    text += found == bytes_.end() ? kUnknown : found->second;
  }
  if (whole && blank_in_front_ && !text.empty() && text.front() == ' ') text.erase(0, 1);
  return text;
}

}  // namespace flexcim
