#define PCRE2_CODE_UNIT_WIDTH 8
#include "flow/text/split_pattern.h"

#include "flow/base/error.h"
#include "flow/text/portable_pattern.h"
#include "flow/text/utf8.h"

#include <cctype>
#include <pcre2.h>

namespace flexcim {
namespace {

std::string message_of(int error) {
  PCRE2_UCHAR message[256];
  pcre2_get_error_message(error, message, sizeof message);
  return reinterpret_cast<const char*>(message);
}

struct DeleteMatch {
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};

}  // namespace

void SplitPattern::Delete::operator()(pcre2_real_code_8* code) const { pcre2_code_free(code); }

SplitPattern::SplitPattern(const std::string& expression, const std::string& where) : where_(where) {
  const std::string pattern = portable_pattern(expression, where);
  int error = 0;
  PCRE2_SIZE at = 0;
  code_.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), PCRE2_UTF | PCRE2_UCP, &error,
                            &at, nullptr));
  if (code_ == nullptr) throw InputError(where + ": no regular expression: " + message_of(error));
  std::uint32_t empty = 0;
  pcre2_pattern_info(code_.get(), PCRE2_INFO_MATCHEMPTY, &empty);
  if (empty != 0) throw InputError(where + ": the regular expression matches the empty text, which is not supported");
  // Where there is no compiler for this processor, PCRE2 interprets.
  pcre2_jit_compile(code_.get(), PCRE2_JIT_COMPLETE);
}

SplitPattern SplitPattern::of_words(const std::string& words, const std::string& where) {
  std::string expression;
  for (const char c : words) {
    if (std::ispunct(static_cast<unsigned char>(c)) != 0) expression += '\\';
    expression += c;
  }
  return {expression, where};
}

void SplitPattern::split(std::string_view text, const Piece& piece) const {
  while (!text.empty()) {
    const std::size_t valid = utf8_prefix(text);
    if (valid > 0) split_valid(text.substr(0, valid), piece);
    std::size_t end = valid;
    while (end < text.size() && utf8_length(text.substr(end)) == 0) ++end;
    if (end > valid) piece(text.substr(valid, end - valid), false);
    text.remove_prefix(end);
  }
}

void SplitPattern::split_valid(std::string_view text, const Piece& piece) const {
  const std::unique_ptr<pcre2_match_data, DeleteMatch> match(pcre2_match_data_create(1, nullptr));
  const PCRE2_SIZE* range = pcre2_get_ovector_pointer(match.get());
  std::size_t done = 0;
  while (done < text.size()) {
    const int found = pcre2_match(code_.get(), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), done,
                                  PCRE2_NO_UTF_CHECK, match.get(), nullptr);
    if (found == PCRE2_ERROR_NOMATCH) break;
    if (found < 0) throw InputError(where_ + ": the regular expression fails on the text: " + message_of(found));
    const std::size_t begin = range[0], end = range[1];
    if (begin > done) piece(text.substr(done, begin - done), false);
    piece(text.substr(begin, end - begin), true);
    done = end;
  }
  if (done < text.size()) piece(text.substr(done), false);
}

}  // namespace flexcim
