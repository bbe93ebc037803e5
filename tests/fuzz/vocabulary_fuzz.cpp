// The tokenizer's files of a model directory, by their names: vocab.json, merges.txt, tokenizer_config.json,
// added_tokens.json, tokenizer.json.
#include "flow/text/tokenizer_data.h"
#include "tests/fuzz/tokenizer_use.h"
#include "tests/platform/temp_folder.h"

#include <filesystem>

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace flexcim;
  static const TempFolder folder;
  auto files = fuzz::files_in(fuzz::text_of(data, size));
  for (const char* name :
       {"vocab.json", "merges.txt", "tokenizer_config.json", "added_tokens.json", "tokenizer.json"}) {
    if (files.count(name) != 0) {
      folder.write(name, files[name]);
    } else {
      std::filesystem::remove(folder.path() / name);
    }
  }
  constexpr int kVocabulary = 1 << 16;
  const std::string path = folder.path().string();
  fuzz::takes(path, [&] {
    const auto tokenizer = make_tokenizer(read_tokenizer_data(path, kVocabulary), kVocabulary);
    fuzz::use_tokenizer(*tokenizer, kVocabulary);
  });
  return 0;
}
