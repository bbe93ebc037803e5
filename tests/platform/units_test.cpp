#include "platform/yaml/units.h"

#include "platform/yaml/number.h"
#include "tests/platform/temp_folder.h"

#include <catch2/catch.hpp>

namespace flexcim {

TEST_CASE("Numbers are told from words, with the letters of a unit or without") {
  for (const char* word : {"64", "-0.5", "1e3", "64 KiB", "500MHz"}) CHECK(is_number(word));
  for (const char* word : {"", "-", "2:4", "4x4", "2nd.yaml", "info", "lpddr4", "64  KiB"})
    CHECK_FALSE(is_number(word));
}

TEST_CASE("A number with a unit becomes a decimal number of another, with every digit") {
  CHECK(in_unit("64 KiB", "bytes") == "65536");
  CHECK(in_unit("1.5KiB", "bytes") == "1536");
  CHECK(in_unit("1 kB", "bytes") == "1000");
  CHECK(in_unit("1 TiB", "bytes") == "1099511627776");
  CHECK(in_unit("0.3 B", "bytes") == "0.3");
  CHECK(in_unit("1.3 KiB", "bytes") == "1331.2");
  CHECK(in_unit("32 B/cycle", "bytes/cycle") == "32");
  CHECK(in_unit("500 MHz", "MHz") == "500");
  CHECK(in_unit("1 GHz", "MHz") == "1000");
  CHECK(in_unit("1 Hz", "MHz") == "0.000001");
  CHECK(in_unit("1.5 us", "ns") == "1500");
  CHECK(in_unit("0.625 ns", "ps") == "625");
  CHECK(in_unit("10 ms", "s") == "0.01");
  CHECK(in_unit("-0.50 us", "ns") == "-500");
  CHECK(in_unit("0 us", "ns") == "0");
  CHECK(in_unit("0.00 ns", "us") == "0");
  CHECK(in_unit("0.008 nJ/bit", "pJ/bit") == "8");
  CHECK(in_unit("7 pairs", "pairs") == "7");
}

TEST_CASE("What is no number with a unit of the kind is refused") {
  const auto error = [](const std::string& word, const std::string& unit) {
    return input_error([&] { in_unit(word, unit); });
  };
  CHECK(error("1 ns", "MHz") == "the unit \"ns\" is none of MHz, Hz, kHz, GHz");
  CHECK(error("1 pJ", "pJ/bit") == "the unit \"pJ\" is none of pJ/bit, fJ/bit, nJ/bit, uJ/bit, mJ/bit");
  CHECK(error("1 ns", "cycles") == "the unit \"ns\" is not cycles");
  CHECK(error("1  ns", "ns") == "the unit \" ns\" is none of ns, ps, us, ms, s");
  CHECK_FALSE(error("1.2.3 ns", "ns").empty());
  CHECK_FALSE(error("01 ns", "ns").empty());
  CHECK_FALSE(error("- ns", "ns").empty());
  CHECK_FALSE(error("99999999999999999999 KiB", "bytes").empty());
  CHECK_FALSE(error("18014398509481984 KiB", "bytes").empty());
  CHECK(in_unit("18014398509481983 KiB", "bytes") == "18446744073709550592");
}

TEST_CASE("Words that are numbers, or begin as none, have no unit") {
  for (const char* word : {"1 B", "1.5us", "-1 ns", "1e"}) CHECK(has_unit(word));
  for (const char* word : {"", "1", "1.5", "1e-3", "-1", "0x10", "-", "B", ".5 B", "four", ".inf", ".nan"}) {
    CHECK_FALSE(has_unit(word));
  }
}

TEST_CASE("Ratios of units are powers of two and ten") {
  CHECK(unit_ratio("GiB", "bytes")->twos == 30);
  CHECK(unit_ratio("um2/KiB", "mm2/KiB")->tens == -6);
  CHECK_FALSE(unit_ratio("uW/KiB", "uW/MiB"));
  CHECK_FALSE(unit_ratio("uW", "pairs"));
}

}  // namespace flexcim
