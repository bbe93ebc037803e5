// What is done with a tokenizer, whatever made it.
#pragma once

#include "flow/text/tokenizer.h"
#include "tests/fuzz/target.h"

#include <string>
#include <vector>

namespace flexcim::fuzz {

/// Texts to tokens and back; tokens are those of the vocabulary.
inline void use_tokenizer(const Tokenizer& tokenizer, int vocabulary) {
  const std::string long_word(300, 'a');
  for (const std::string& text : {std::string(), std::string("Hello, world!  It's 1234\n\n 5 \t."),
                                  std::string("na\xC3\xAFve \xE4\xB8\xAD\xE6\x96\x87 \xF0\x9F\x99\x82"),
                                  std::string("a\xFF"
                                              "b\0c",
                                              5),
                                  long_word}) {
    takes("", [&] {
      const std::vector<int> tokens = tokenizer.encode(text);
      for (const int token : tokens) {
        if (token < 0 || token >= vocabulary) finding("token " + std::to_string(token) + " is none");
      }
      tokenizer.decode(tokens, TextPart::whole);
    });
  }
  tokenizer.decode({0, 1, vocabulary - 1, 7, -1}, TextPart::continued);
}

}  // namespace flexcim::fuzz
