// The inputs of a corpus, once each, through the fuzz target that this is linked with: replay_NAME FILE|FOLDER...
// Says which input it was where the target ends the process, throws, or takes more than half a minute.
#include "tests/fuzz/target.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <vector>

namespace {

constexpr unsigned kMostSeconds = 30;

std::string present;  // input

void tell_and_die(int signal) {
  const std::string_view text = signal == SIGALRM ? "\ntakes too long: " : "\nends the process: ";
  if (write(STDERR_FILENO, text.data(), text.size()) >= 0 && write(STDERR_FILENO, present.data(), present.size()) >= 0)
    _exit(1);
  _exit(2);
}

std::vector<std::string> inputs_in(const std::vector<std::string>& places) {
  std::vector<std::string> inputs;
  for (const std::string& place : places) {
    if (!std::filesystem::is_directory(place)) {
      inputs.push_back(place);
      continue;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(place)) {
      if (entry.is_regular_file()) inputs.push_back(entry.path().string());
    }
  }
  std::sort(inputs.begin(), inputs.end());
  return inputs;
}

int replay(const std::vector<std::string>& inputs) {
  for (const std::string& input : inputs) {
    present = input + "\n";
    std::ifstream file(input, std::ios::binary);
    if (!file) throw std::runtime_error("cannot be read");
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
    alarm(kMostSeconds);
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  }
  alarm(0);
  std::printf("%zu inputs\n", inputs.size());
  return inputs.empty() ? 1 : 0;
}

}  // namespace

int main(int argc, char* argv[]) {
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGALRM}) std::signal(signal, tell_and_die);
  try {
    return replay(inputs_in({argv + 1, argv + argc}));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s%s\n", present.c_str(), error.what());
  }
  return 1;
}
