// The text of a scenario, with all files that it refers to where they are.
#include "platform/config/scenario.h"
#include "tests/fuzz/target.h"
#include "tests/platform/temp_folder.h"

using namespace flexcim;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TempFolder folder;
  const std::string file = folder.write("q.yaml", std::string(fuzz::text_of(data, size)));
  std::string effective;
  if (!fuzz::takes("q.yaml", [&] { effective = effective_yaml(load_scenario(file, {})); })) return 0;
  // What was accepted can be written, read again, and means the same.
  folder.write("q.yaml", effective);
  try {
    if (effective_yaml(load_scenario(file, {})) != effective) fuzz::finding("another scenario when read again");
  } catch (const InputError& error) {
    fuzz::finding(std::string("its effective configuration is refused: ") + error.what());
  }
  return 0;
}
