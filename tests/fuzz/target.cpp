#include "tests/fuzz/target.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace flexcim::fuzz {

void finding(const std::string& what) {
  std::fprintf(stderr, "finding: %s\n", what.c_str());
  std::abort();
}

bool takes(const std::string& names, const std::function<void()>& read) {
  constexpr std::size_t kLongestMessage = 64 << 10;
  try {
    read();
    return true;
  } catch (const InputError& error) {
    const std::string message = error.what();
    if (message.empty()) finding("an error without a message");
    if (message.find(names) == std::string::npos) finding("a message that does not name " + names + ": " + message);
    if (message.size() > kLongestMessage) finding("a message of " + std::to_string(message.size()) + " bytes");
    return false;
  }
}

std::map<std::string, std::string> files_in(std::string_view input) {
  constexpr std::string_view kBegin = "==== ";
  std::map<std::string, std::string> files;
  std::string* file = nullptr;
  while (!input.empty()) {
    const std::size_t end = std::min(input.find('\n'), input.size() - 1) + 1;
    const std::string_view line = input.substr(0, end);
    if (line.substr(0, kBegin.size()) == kBegin) {
      file = &files[std::string(line.substr(kBegin.size(), line.find_last_not_of('\n') + 1 - kBegin.size()))];
    } else if (file != nullptr) {
      file->append(line);
    }
    input.remove_prefix(end);
  }
  return files;
}

std::string safetensors_of(std::string_view input) {
  const std::size_t end = std::min(input.find('\0'), input.size());
  const std::uint64_t length = end;
  std::string file(sizeof length, '\0');
  std::memcpy(file.data(), &length, sizeof length);
  return file.append(input.substr(0, end)).append(input.substr(std::min(end + 1, input.size())));
}

std::uint64_t Numbers::next(unsigned bytes) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < bytes && !rest_.empty(); ++i) {
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(rest_.front())) << 8 * i;
    rest_.remove_prefix(1);
  }
  return value;
}

}  // namespace flexcim::fuzz
