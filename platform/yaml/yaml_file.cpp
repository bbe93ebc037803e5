#include "platform/yaml/yaml_file.h"

#include "flow/base/error.h"
#include "platform/yaml/bounded.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fstream>
#include <sstream>
#include <string_view>
#include <vector>
#include <yaml-cpp/anchor.h>
#include <yaml-cpp/eventhandler.h>

namespace flexcim {
namespace {

constexpr std::uintmax_t kLargestFile = 16u << 20;

/// Bytes of a character of UTF-8 by its first one; 0 for one that begins none, and for what no text holds.
std::size_t character_bytes(unsigned char first) {
  if (first < 0x80) return first == 0 ? 0 : 1;
  return first < 0xC2 || first > 0xF4 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

/// How much of `text` is UTF-8. yaml-cpp would put other characters in the place of what is not.
std::size_t utf8_bytes(const std::string& text) {
  const auto follows = [&](std::size_t at) { return at < text.size() && (text[at] & 0xC0) == 0x80; };
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t bytes = character_bytes(static_cast<unsigned char>(text[at]));
    if (bytes == 0) return at;
    for (std::size_t i = 1; i < bytes; ++i) {
      if (!follows(at + i)) return at;
    }
    at += bytes;
  }
  return at;
}

/// What most often leads to a message of yaml-cpp's that does not say it.
std::string hint(const std::string& text, const YAML::Exception& error) {
  if (error.mark.is_null()) return "";
  const std::size_t begin = text.rfind('\n', static_cast<std::size_t>(std::max(error.mark.pos - 1, 0))) + 1;
  const std::string_view blanks = std::string_view(text).substr(begin, text.find_first_not_of(" \t", begin) - begin);
  if (blanks.find('\t') != std::string_view::npos) return "; lines begin with blanks, not with tabs";
  if (error.msg == YAML::ErrorMsg::MAP_VALUE) {
    return "; text with a colon and a blank in it needs quotes, and the keys of a map begin in one column";
  }
  return "";
}

/// Only where documents begin.
class DocumentMarks : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override { last_ = mark; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& /*mark*/, YAML::anchor_t /*anchor*/) override {}
  void OnAlias(const YAML::Mark& /*mark*/, YAML::anchor_t /*anchor*/) override {}
  void OnScalar(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                const std::string& /*value*/) override {}
  void OnSequenceStart(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                       YAML::EmitterStyle::value /*style*/) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                  YAML::EmitterStyle::value /*style*/) override {}
  void OnMapEnd() override {}

  const YAML::Mark& last() const { return last_; }

 private:
  YAML::Mark last_;
};

/// Throws YAML::Exception where a second document begins. YAML::LoadAll does not come to an end where yaml-cpp makes of
/// a "," one document without anything in it after the other.
void require_one_document(const std::string& text) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  DocumentMarks marks;
  if (parser.HandleNextDocument(marks) && parser.HandleNextDocument(marks)) {
    throw YAML::Exception(marks.last(), "a second YAML document, or what belongs to none, begins here");
  }
}

}  // namespace

std::string read_text_file(const std::filesystem::path& file) {
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (!std::filesystem::exists(status)) throw InputError(file.string() + ": no such file");
  if (std::filesystem::is_directory(status)) throw InputError(file.string() + ": is a folder, not a file");
  std::ifstream in(file, std::ios::binary);
  std::string text;
  std::vector<char> chunk(1 << 16);
  while (in && text.size() <= kLargestFile) {
    in.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    text.append(chunk.data(), static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad() || !in.eof()) {
    if (text.size() > kLargestFile) throw InputError(file.string() + ": larger than 16 MiB");
    throw InputError(file.string() + ": cannot be read");
  }
  return text;
}

YAML::Node parse_map(const std::filesystem::path& file, const std::string& text) {
  if (const std::size_t good = utf8_bytes(text); good < text.size()) {
    const std::size_t line = text.rfind('\n', good) + 1;  // 0 where there is none before
    throw InputError(fmt::format("{}:{}:{}: the byte 0x{:02x} is no UTF-8 text", file.string(),
                                 std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(good), '\n') + 1,
                                 good - line + 1, static_cast<unsigned char>(text[good])));
  }
  YAML::Node document;
  try {
    require_one_document(text);
    document = YAML::Load(text);
    require_bounded(document, text);
  } catch (const YAML::Exception& error) {
    throw InputError(place_in(file, error.mark) + ": " + error.msg + hint(text, error));
  }
  if (!document.IsMap()) throw InputError(file.string() + ": is no YAML map of keys and values");
  return document;
}

std::string place_in(const std::filesystem::path& file, const YAML::Mark& mark) {
  if (mark.is_null()) return file.string();
  return fmt::format("{}:{}:{}", file.string(), mark.line + 1, mark.column + 1);
}

std::string without_keys(const std::string& text, const std::vector<std::string>& keys) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  try {
    const YAML::Node root = YAML::Load(text);
    if (!root.IsMap() || root.Style() == YAML::EmitterStyle::Flow) return text;
    bool leave = false;
    auto from = lines.begin();
    const auto clear_until = [&](std::ptrdiff_t line) {
      const auto to = lines.begin() + line;
      if (leave) std::fill(from, to, "");
      from = to;
    };
    for (const auto& entry : root) {
      clear_until(entry.first.Mark().line);
      leave = std::find(keys.begin(), keys.end(), entry.first.Scalar()) != keys.end();
    }
    clear_until(static_cast<std::ptrdiff_t>(lines.size()));
    std::string rest = fmt::format("{}\n", fmt::join(lines, "\n"));
    YAML::Load(rest);
    return rest;
  } catch (const YAML::Exception&) {
    return text;
  }
}

}  // namespace flexcim
