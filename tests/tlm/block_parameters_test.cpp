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
  accelerator.output = {16, (1 << 16) + 1};
  CHECK(refusal(accelerator) == "accelerator: port of the output buffer must move 1 to 65536 bytes per cycle");
  accelerator.output = {16, 1};
  accelerator.array.inputs = 65;
  CHECK(refusal(accelerator) == "accelerator: macros_o and macros_k must be 1..64");
}
