#include "flow/text/portable_pattern.h"

#include "flow/base/error.h"

#include <cctype>
#include <string_view>

namespace flexcim {
namespace {

constexpr std::string_view kWhiteSpace = R"(\t-\r\x{85}\p{Z})";
constexpr std::string_view kGroups[] = {"?:", "?i:", "?=", "?!", "?<=", "?<!"};
constexpr std::string_view kCategories = "LMNPSZC";

class Reader {
 public:
  Reader(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  std::string read() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\\') {
        escape(false);
      } else if (c == '[') {
        set();
      } else if (c == '(') {
        group();
      } else if (c == '.' || c == '^' || c == '$') {
        refuse(1);
      } else if ((c == '{' && next(1) == ',') || (c == '}' && next(1) == '+')) {
        refuse(2);
      } else {
        copy(1);
      }
    }
    return result_;
  }

 private:
  char next(std::size_t by) const { return at_ + by < text_.size() ? text_[at_ + by] : '\0'; }

  void copy(std::size_t count) {
    result_ += text_.substr(at_, count);
    at_ += count;
  }

  [[noreturn]] void refuse(std::size_t count) const {
    throw InputError(where_ + ": \"" + std::string(text_.substr(at_, count)) + "\" at position " + std::to_string(at_) +
                     " of the regular expression is not supported");
  }

  void group() {
    copy(1);
    if (next(0) != '?') return;
    for (const std::string_view kind : kGroups) {
      if (text_.substr(at_, kind.size()) == kind) return copy(kind.size());
    }
    refuse(2);
  }

  void escape(bool in_set) {
    const char c = next(1);
    if (c == 's') {
      result_ += in_set ? std::string(kWhiteSpace) : "[" + std::string(kWhiteSpace) + "]";
      at_ += 2;
    } else if (c == 'S' && !in_set) {
      result_ += "[^" + std::string(kWhiteSpace) + "]";
      at_ += 2;
    } else if (c == 'p' || c == 'P') {
      category();
    } else if (c == 'r' || c == 'n' || c == 't' || c == 'd' || (std::ispunct(static_cast<unsigned char>(c)) != 0)) {
      copy(2);
    } else {
      refuse(2);
    }
  }

  /// A general category, such as \p{L} or \p{Lu}.
  void category() {
    const std::size_t end = text_.find('}', at_);
    const std::size_t length = end == std::string_view::npos ? 2 : end + 1 - at_;
    const bool known = next(2) == '{' && (length == 5 || length == 6) &&
                       kCategories.find(next(3)) != kCategories.npos &&
                       (length == 5 || std::islower(static_cast<unsigned char>(next(4))) != 0);
    if (!known) refuse(length);
    copy(length);
  }

  void set() {
    copy(next(1) == '^' ? 2 : 1);
    if (next(0) == ']') refuse(1);
    while (next(0) != ']') {
      if (at_ >= text_.size()) throw InputError(where_ + ": a set of the regular expression has no end");
      if (next(0) == '[') refuse(1);
      if (next(0) == '&' && next(1) == '&') refuse(2);
      if (next(0) == '\\') {
        escape(true);
      } else {
        copy(1);
      }
    }
    copy(1);
  }

  std::string_view text_;
  const std::string& where_;
  std::size_t at_ = 0;
  std::string result_;
};

}  // namespace

std::string portable_pattern(const std::string& expression, const std::string& where) {
  return Reader(expression, where).read();
}

}  // namespace flexcim
