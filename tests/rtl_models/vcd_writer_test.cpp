#include "rtl_models/trace/vcd_writer.h"

#include "tests/rtl_models/read_vcd.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace flexcim {
namespace {

using Type = VcdVariable::Type;

/// What a dump of `variables` holds behind its header.
template <class Changes>
std::string dump(const std::vector<VcdVariable>& variables, Changes changes) {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("flexcim_vcd_" + std::to_string(getpid()))).string();
  VcdWriter vcd(path, variables);
  changes(vcd);
  vcd.close();
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  std::filesystem::remove(path);
  const std::string end = "$enddefinitions $end\n";
  return text.str().substr(text.str().find(end) + end.size());
}

TEST_CASE("vcd: numbers of every width, in two's complement") {
  for (int width = 2; width <= 64; ++width) {
    std::string expected = "#0\n";
    const std::string text = dump({{"top", "a", Type::wire, width}}, [&](VcdWriter& vcd) {
      vcd.time(0);
      for (int bit = 0; bit < width; ++bit) {
        for (const std::int64_t sign : {1, -1}) {
          const auto value = static_cast<std::int64_t>((std::uint64_t{0x5a5a5a5a5a5a5a5b} >> (63 - bit)) * sign);
          vcd.change(0, value);
          expected += "b" + two_complement(value, width) + " !\n";
        }
      }
      vcd.change(0, std::int64_t{0});
      expected += "b0 !\n";
    });
    INFO("width " << width);
    CHECK(text == expected + "#0\n");
  }
}

TEST_CASE("vcd: bits, masks, text, reals, and times where something changes") {
  const std::string text = dump({{"top", "bit", Type::wire, 1},
                                 {"top", "mask", Type::wire, 5},
                                 {"top", "one", Type::wire, 1},
                                 {"top", "state", Type::text, 1},
                                 {"top", "power", Type::real, 1}},
                                [](VcdWriter& vcd) {
                                  vcd.time(5);
                                  vcd.time(10);
                                  vcd.change(0, std::int64_t{3});
                                  vcd.change(1, ColumnMask(6));
                                  vcd.change(2, ColumnMask(1));
                                  vcd.time(1000000000000000);
                                  vcd.change(3, "loading");
                                  vcd.change(4, -0.25);
                                  vcd.time(1000000000000001);
                                });
  CHECK(text ==
        "#10\n1!\nb00110 \"\n1#\n"
        "#1000000000000000\nsloading $\nr-0.25 %\n"
        "#1000000000000001\n");
}

TEST_CASE("vcd: more than fits into the buffer, with identifiers of several characters") {
  constexpr int kVariables = 20000;
  std::vector<VcdVariable> variables;
  for (int i = 0; i < kVariables; ++i) variables.push_back({"top", "v" + std::to_string(i), Type::wire, 20});
  const std::string text = dump(variables, [&](VcdWriter& vcd) {
    for (std::uint64_t time = 0; time < 10; ++time) {
      vcd.time(time);
      for (int i = 0; i < kVariables; ++i) vcd.change(i, std::int64_t{i});
    }
  });
  std::istringstream lines(text);
  std::size_t count = 0;
  std::int64_t sum = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line[0] != 'b') continue;
    ++count;
    sum += std::stoll(line.substr(1), nullptr, 2);
  }
  CHECK(count == 10 * kVariables);
  CHECK(sum == 10LL * kVariables * (kVariables - 1) / 2);
}

}  // namespace
}  // namespace flexcim
