#include "flow/base/error.h"
#include "tlm/timing/command_plan.h"
#include "tlm/timing/dma_parameters.h"
#include "tlm/timing/interconnect_parameters.h"

#include <catch2/catch.hpp>
#include <string>

using namespace flexcim;

namespace {

/// What validate() says; empty where it takes them.
template <class Parameters>
std::string refusal(const Parameters& parameters) {
  try {
    parameters.validate();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("Parameters of blocks: the ends of every range are in it, what is beyond is named") {
  CHECK(refusal(DmaParameters{1, 16}) == "");
  CHECK(refusal(DmaParameters{64, 4096}) == "");
  CHECK(refusal(DmaParameters{0, 16}) == "DMA: outstanding must be 1..64");
  CHECK(refusal(DmaParameters{65, 16}) == "DMA: outstanding must be 1..64");
  for (const int bytes : {-16, 0, 8, 48, 8192}) {
    CHECK(refusal(DmaParameters{8, bytes}) == "DMA: burst_bytes must be a power of two from 16 to 4096");
  }
  CHECK(refusal(InterconnectParameters{1, 1, 0}) == "");
  CHECK(refusal(InterconnectParameters{1000, 1024, 1000}) == "");
  CHECK(refusal(InterconnectParameters{0, 32, 4}) == "interconnect: clock_ps must be at least 1");
  for (const int bytes : {-1, 0, 24, 2048}) {
    CHECK(refusal(InterconnectParameters{1000, bytes, 4}) ==
          "interconnect: width_bytes must be a power of two from 1 to 1024");
  }
  for (const int cycles : {-1, 1001}) {
    CHECK(refusal(InterconnectParameters{1000, 32, cycles}) == "interconnect: latency_cycles must be 0..1000");
  }
  AcceleratorParameters accelerator;
  CHECK(refusal(accelerator) == "");
  accelerator.array = {64, 64};
  accelerator.weight = {64 << 20, 1 << 16};
  accelerator.output = {16, 1};
  CHECK(refusal(accelerator) == "");
  accelerator.output.bytes = 15;
  CHECK(refusal(accelerator) == "accelerator: output buffer must have 16 to 67108864 bytes");
  accelerator.output = {(64 << 20) + 1, 1};
  CHECK(refusal(accelerator) == "accelerator: output buffer must have 16 to 67108864 bytes");
  for (const int bytes : {0, (1 << 16) + 1}) {
    accelerator.output = {16, static_cast<std::uint64_t>(bytes)};
    CHECK(refusal(accelerator) == "accelerator: port of the output buffer must move 1 to 65536 bytes per cycle");
  }
  for (const int banks : {1, 2, 256}) {
    accelerator.output = {16, 1, banks};
    CHECK(refusal(accelerator) == "");
  }
  for (const int banks : {-1, 0, 3, 12, 512}) {
    accelerator.output = {16, 1, banks};
    CHECK(refusal(accelerator) == "accelerator: output buffer must have a power of two of banks, 1 to 256");
  }
  accelerator.output = {};
  accelerator.activation.bytes = 15;
  CHECK(refusal(accelerator) == "accelerator: activation buffer must have 16 to 67108864 bytes");
  accelerator.activation = {};
  accelerator.weight.bytes = 15;
  CHECK(refusal(accelerator) == "accelerator: weight buffer must have 16 to 67108864 bytes");
  accelerator.weight = {};
  for (const ArrayShape array : {ArrayShape{0, 1}, ArrayShape{65, 1}, ArrayShape{1, 0}, ArrayShape{1, 65}}) {
    accelerator.array = array;
    CHECK(refusal(accelerator) == "accelerator: macros_o and macros_k must be 1..64");
  }
  accelerator.array = {1, 1};
  for (const int clock_ps : {1, 1'000'000'000}) {
    accelerator.clock_ps = clock_ps;
    CHECK(refusal(accelerator) == "");
  }
  for (const int clock_ps : {0, 1'000'000'001}) {
    accelerator.clock_ps = clock_ps;
    CHECK(refusal(accelerator) == "accelerator: the clock period must be 1 ps to 1 ms");
  }
  accelerator = {};
  accelerator.macro.rows = 3;
  CHECK(refusal(accelerator).find("rows") != std::string::npos);
}
