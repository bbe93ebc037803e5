#include "flow/text/normalizer.h"

#include "flow/base/error.h"
#include "flow/text/utf8.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>
#include <utf8proc.h>

namespace flexcim {
namespace {

void append_nfc(std::string_view valid, std::string& result) {
  utf8proc_uint8_t* composed = nullptr;
  const utf8proc_ssize_t size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(valid.data()), static_cast<utf8proc_ssize_t>(valid.size()),
                   &composed, static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owned(composed, &std::free);
  if (size < 0) throw std::bad_alloc();  // the only error that valid text leaves
  result.append(reinterpret_cast<const char*>(composed), static_cast<std::size_t>(size));
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

std::string nfc(std::string_view text) {
  if (is_ascii(text)) return std::string(text);
  std::string result;
  while (!text.empty()) {
    const std::size_t valid = utf8_prefix(text);
    if (valid > 0) append_nfc(text.substr(0, valid), result);
    text.remove_prefix(valid);
    if (text.empty()) break;
    result += text.front();
    text.remove_prefix(1);
  }
  return result;
}

std::size_t most_written(std::size_t bytes) { return 64 * bytes + (64 << 10); }

void replace_all(std::string& text, std::string_view words, std::string_view by, std::size_t most,
                 const std::string& where) {
  std::string result;
  std::size_t done = 0;
  for (std::size_t at = text.find(words); at != std::string::npos; at = text.find(words, done)) {
    result.append(text, done, at - done).append(by);
    done = at + words.size();
    if (result.size() > most) break;
  }
  if (done == 0) return;
  require_written(result.append(text, done), most, where);
  text = std::move(result);
}

void require_written(std::string_view text, std::size_t most, const std::string& where) {
  if (text.size() <= most) return;
  throw InputError(where + ": makes more than " + std::to_string(most) + " bytes of a text that is much shorter");
}

Normalizer::Normalizer(JsonObject json) : where_(json.where()) { add(std::move(json)); }

void Normalizer::add(JsonObject json) {
  const std::string kind = json.text("type");
  if (kind == "Sequence") {
    for (const JsonObject& each : json.list("normalizers")) add(each);
  } else if (kind == "NFC") {
    steps_.emplace_back([](std::string& text, std::size_t /*most*/) { text = nfc(text); });
  } else if (kind == "Prepend") {
    steps_.emplace_back([words = json.text("prepend")](std::string& text, std::size_t /*most*/) {
      if (!text.empty()) text.insert(0, words);
    });
  } else if (kind == "Replace") {
    JsonObject pattern = json.object("pattern");
    std::string words = pattern.text("String");
    if (words.empty()) pattern.fail("String", "is empty");
    pattern.finish();
    steps_.emplace_back([words, by = json.text("content"), where = json.where()](std::string& text, std::size_t most) {
      replace_all(text, words, by, most, where);
    });
  } else {
    json.refuse("type", "NFC, Prepend, Replace and Sequence");
  }
  json.finish();
}

std::string Normalizer::apply(std::string_view text) const {
  std::string result(text);
  const std::size_t most = most_written(text.size());
  for (const auto& step : steps_) {
    step(result, most);
    require_written(result, most, where_);
  }
  return result;
}

}  // namespace flexcim
