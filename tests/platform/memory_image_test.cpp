#include "platform/workload/memory_image.h"

#include "flow/base/error.h"
#include "tests/platform/temp_folder.h"
#include "tlm/memory/memory_store.h"

#include <catch2/catch.hpp>

using namespace flexcim;

namespace {

constexpr std::uint64_t kBase = 0x8000'0000;

std::vector<std::uint8_t> bytes_of(std::size_t count, std::uint8_t value) {
  return std::vector<std::uint8_t>(count, value);
}

}  // namespace

TEST_CASE("A memory image: segments follow each other at pages, and are loaded where they are") {
  MemoryImage image(kBase);
  CHECK(image.bytes() == 0);
  CHECK(image.append("a", bytes_of(1, 1)) == kBase);
  CHECK(image.reserve("b", 4096) == kBase + 4096);
  CHECK(image.append("c", bytes_of(4097, 3)) == kBase + 2 * 4096);
  CHECK(image.append("empty", {}) == kBase + 4 * 4096);
  CHECK(image.bytes() == 4 * 4096);
  image.place("d", kBase + 1, bytes_of(4095, 4));  // the rest of a's page
  CHECK(image.bytes() == 4 * 4096);

  std::vector<std::uint8_t> memory(4 * 4096 + 1, 9);
  image.load(memory.data(), 4 * 4096);
  std::vector<std::uint8_t> expected(4 * 4096 + 1, 9);  // what is only reserved is left as it is
  expected[0] = 1;
  std::fill_n(expected.begin() + 1, 4095, 4);
  std::fill_n(expected.begin() + 2 * 4096, 4097, 3);
  CHECK(memory == expected);
}

TEST_CASE("A memory image moves to memory: a mapped file lies there copied on write and what is put behind it stays") {
  const TempFolder folder;
  const std::string path = folder.write("data", std::string(4096, 'x') + std::string(4096, 'y')).string();
  const auto file = std::make_shared<const MappedFile>(path);
  MemoryImage image(kBase);
  image.append("in memory", bytes_of(3, 1));
  image.append("mapped", {file, reinterpret_cast<const std::uint8_t*>(file->data()), 4100});
  image.place("behind", kBase + 4096 + 4100, bytes_of(2, 7));
  MemoryStore memory(5 * 4096);
  CHECK_THROWS_AS(image.move_to(memory.data(), 4096), InputError);
  image.move_to(memory.data(), memory.size());
  CHECK(memory.data()[2] == 1);
  CHECK(memory.data()[4096] == 'x');
  CHECK(memory.data()[2 * 4096 + 3] == 'y');
  CHECK(memory.data()[2 * 4096 + 4] == 7);
  memory.data()[4096] = 'z';
  CHECK(folder.read("data")[0] == 'x');
  CHECK(image.bytes() == 3 * 4096);  // places stay known
}

TEST_CASE("A memory image: segments that overlap, or lie outside, are refused by their names") {
  MemoryImage image(kBase);
  image.place("the program", kBase + 100, bytes_of(50, 1));
  const auto refusal = [&](std::uint64_t address, std::size_t count) -> std::string {
    try {
      image.place("the data", address, bytes_of(count, 2));
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  CHECK(refusal(kBase + 149, 1) == "the program (50 bytes at 0x80000064) and the data (1 bytes at 0x80000095) overlap");
  CHECK(refusal(kBase + 90, 11) ==
        "the data (11 bytes at 0x8000005a) and the program (50 bytes at 0x80000064) overlap");
  CHECK(refusal(kBase + 100, 1) == "the data (1 bytes at 0x80000064) and the program (50 bytes at 0x80000064) overlap");
  CHECK(refusal(kBase + 90, 1000) != "");
  CHECK(refusal(kBase - 1, 10) == "the data (10 bytes at 0x7fffffff) lies outside of the memory at 0x80000000");
  CHECK(refusal(UINT64_MAX - 3, 10) ==
        "the data (10 bytes at 0xfffffffffffffffc) lies outside of the memory at 0x80000000");
  CHECK(refusal(kBase + 90, 10) == "");  // touching is no overlap
  CHECK(refusal(kBase + 150, 10) == "");
}

TEST_CASE("A memory image that is larger than the memory leaves it as it is") {
  MemoryImage image(kBase);
  image.append("the program", bytes_of(8, 1));
  image.reserve("the stack", 100);
  std::vector<std::uint8_t> memory(4096 + 99);
  CHECK_THROWS_WITH(image.load(memory.data(), memory.size()),
                    "the stack (100 bytes at 0x80001000) ends behind the memory of 4195 bytes at 0x80000000");
  CHECK(memory == std::vector<std::uint8_t>(4096 + 99));
  memory.resize(4096 + 100);
  image.load(memory.data(), memory.size());
  CHECK(memory[7] == 1);
}
