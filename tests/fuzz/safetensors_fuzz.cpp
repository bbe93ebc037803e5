// A safetensors file as it lies on disk.
#include "tests/fuzz/safetensors_use.h"
#include "tests/platform/temp_folder.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const flexcim::TempFolder folder;
  flexcim::fuzz::use_safetensors(folder.write("x.safetensors", std::string(flexcim::fuzz::text_of(data, size))));
  return 0;
}
