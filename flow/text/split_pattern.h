// Where a regular expression cuts a text (PCRE2).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

struct pcre2_real_code_8;

namespace flexcim {

/// A regular expression as tokenizer.json files hold them, in the syntax of Oniguruma with Unicode classes; of it, what
/// means the same in PCRE2.
class SplitPattern {
 public:
  /// Throws InputError, starting with `where`, for an expression that is none, one that matches the empty text, and,
  /// naming it, syntax that Oniguruma and PCRE2 read differently or that only one of them has.
  SplitPattern(const std::string& expression, const std::string& where);
  /// One that matches these very words.
  static SplitPattern of_words(const std::string& words, const std::string& where);

  using Piece = std::function<void(std::string_view piece, bool matches)>;
  /// Hands on the matches and what lies between them, in order, nothing empty. Nothing matches bytes that are no UTF-8:
  /// they are a piece, and the text ends before them and begins anew behind them. Throws InputError where PCRE2 gives
  /// up.
  void split(std::string_view text, const Piece& piece) const;

 private:
  struct Delete {
    void operator()(pcre2_real_code_8* code) const;
  };
  void split_valid(std::string_view text, const Piece& piece) const;

  std::string where_;
  std::unique_ptr<pcre2_real_code_8, Delete> code_;
};

}  // namespace flexcim
