// What the tokens of a vocabulary stand for.
#pragma once

#include "flow/text/json_object.h"

#include <string>
#include <utility>
#include <vector>

namespace flexcim {

/// The "decoder" of a tokenizer.json: ByteLevel, or Replace of words, ByteFallback, Fuse, Strip of one blank in front,
/// Metaspace, and a Sequence of these.
class TokenDecoder {
 public:
  /// Throws InputError naming kind or key for anything else.
  explicit TokenDecoder(JsonObject json);

  /// Throws InputError where it makes more of the token than most_written() (flow/text/normalizer.h).
  std::string bytes_of(const std::string& token) const;
  bool blank_in_front() const { return blank_in_front_; }  ///< of a text, which is none of it

 private:
  void add(JsonObject json);

  std::string where_;
  bool byte_level_ = false, byte_fallback_ = false, blank_in_front_ = false;
  std::vector<std::pair<std::string, std::string>> replaced_;
};

}  // namespace flexcim
