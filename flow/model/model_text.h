// A model's texts.
#pragma once

#include "flow/text/tokenizer.h"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace flexcim {

/// The tokenizer of a model directory or packed model file, opened when it is first needed: token ids need none.
/// Thread-compatible: const calls may run in parallel.
class ModelText {
 public:
  /// `vocabulary`: of the model.
  ModelText(std::string path, int vocabulary);

  int vocabulary() const { return vocabulary_; }
  /// Throws InputError as read_tokenizer_data and make_tokenizer (flow/text/tokenizer_data.h) do.
  const Tokenizer& tokenizer() const;
  /// How tokens read: as the bytes of a text, or, without a tokenizer that can be opened, as ids with blanks between
  /// them.
  std::string of(const std::vector<int>& tokens, TextPart part) const;

 private:
  std::string path_;
  int vocabulary_;
  mutable std::mutex opening_;
  mutable std::unique_ptr<Tokenizer> tokenizer_;
};

}  // namespace flexcim
