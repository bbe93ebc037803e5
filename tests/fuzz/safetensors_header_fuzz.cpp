// The header of a safetensors file, in a file whose length of the header is right.
#include "tests/fuzz/safetensors_use.h"
#include "tests/platform/temp_folder.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace flexcim;
  static const TempFolder folder;
  fuzz::use_safetensors(folder.write("x.safetensors", fuzz::safetensors_of(fuzz::text_of(data, size))));
  return 0;
}
