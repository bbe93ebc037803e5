#include "flow/text/added_tokens.h"

#include "flow/text/utf8.h"

namespace flexcim {
namespace {

unsigned char byte_of(char c) { return static_cast<unsigned char>(c); }

std::uint64_t edge(std::uint64_t node, char c) { return node << 8 | byte_of(c); }

/// The position in [least, at] from which on there is only white space up to `at`.
std::size_t before_space(std::string_view text, std::size_t least, std::size_t at) {
  for (std::size_t begin = at; begin > least;) {
    --begin;
    const std::string_view character = text.substr(begin, at - begin);
    const std::size_t length = utf8_length(character);
    if (length == 0 && character.size() < 4) continue;  // in the middle of one
    if (length != character.size() || !is_white_space(code_point(character))) break;
    at = begin;
  }
  return at;
}

std::size_t behind_space(std::string_view text, std::size_t at) {
  for (;;) {
    const std::size_t length = utf8_length(text.substr(at));
    if (length == 0 || !is_white_space(code_point(text.substr(at, length)))) return at;
    at += length;
  }
}

}  // namespace

AddedToken::AddedToken(JsonObject json)
    : id(json.id("id")),
      content(json.text("content")),
      left(json.flag("lstrip", false)),
      right(json.flag("rstrip", false)),
      normalized(json.flag("normalized", false)) {
  if (content.empty()) json.fail("content", "is empty");
  json.require_off("single_word");
  json.ignore({"special"});
  json.finish();
}

void AddedTokens::add(const AddedToken& token, const std::string& content) {
  std::uint32_t node = 0;
  for (const char c : content) {
    const auto [found, fresh] = next_.try_emplace(edge(node, c), static_cast<std::uint32_t>(ends_.size()));
    if (fresh) ends_.push_back(-1);
    node = found->second;
  }
  first_[byte_of(content.front())] = true;
  ends_[node] = static_cast<int>(tokens_.size());
  tokens_.push_back(token);
}

const AddedToken* AddedTokens::longest(std::string_view text, std::size_t& length) const {
  const AddedToken* found = nullptr;
  std::uint32_t node = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto next = next_.find(edge(node, text[i]));
    if (next == next_.end()) break;
    node = next->second;
    if (ends_[node] < 0) continue;
    found = &tokens_[static_cast<std::size_t>(ends_[node])];
    length = i + 1;
  }
  return found;
}

std::vector<Segment> AddedTokens::find(std::string_view text) const {
  std::vector<Segment> segments;
  std::size_t done = 0;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t length = 0;
    const AddedToken* token = first_[byte_of(text[at])] ? longest(text.substr(at), length) : nullptr;
    if (token == nullptr) {
      ++at;
      continue;
    }
    const std::size_t begin = token->left ? before_space(text, done, at) : at;
    const std::size_t end = token->right ? behind_space(text, at + length) : at + length;
    if (begin > done) segments.push_back({text.substr(done, begin - done), -1});
    segments.push_back({text.substr(begin, end - begin), token->id});
    done = at = end;
  }
  if (done < text.size()) segments.push_back({text.substr(done), -1});
  return segments;
}

}  // namespace flexcim
