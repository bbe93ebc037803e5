#include "flow/base/safetensors.h"

#include "flow/base/error.h"
#include "flow/base/float16.h"
#include "flow/base/safetensors_writer.h"
#include "flow/base/tensor_store.h"
#include "tests/flow/scratch.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

using namespace flexcim;
using Catch::Matchers::Contains;

namespace {

/// A file of this header and `data_bytes` zero bytes.
std::string file_of(const std::string& header, std::size_t data_bytes) {
  const std::uint64_t length = header.size();
  std::string bytes(reinterpret_cast<const char*>(&length), sizeof length);
  return bytes + header + std::string(data_bytes, '\0');
}

std::string open_error(const std::string& bytes) {
  const Scratch scratch;
  const std::string path = write_file(scratch / "model.safetensors", bytes);
  const std::string message = message_of<InputError>([&] { SafetensorsFile file(path); });
  CHECK((message.empty() || message.find("model.safetensors") != std::string::npos));
  return message;
}

std::string entry(const std::string& name, const std::string& dtype, const std::string& shape,
                  const std::string& offsets) {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
}

}  // namespace

TEST_CASE("safetensors: what the writer wrote is read back") {
  const Scratch scratch;
  const std::string path = scratch / "x.safetensors";
  const std::vector<float> floats = {1.5f, -2.0f, 0.25f, 3.0f, 4.0f, 5.0f};
  const std::vector<std::int8_t> bytes = {-128, 0, 127};
  {
    SafetensorsWriter writer(path, {{"b", Dtype::i8, {3}}, {"a", Dtype::f32, {2, 3}}, {"empty", Dtype::i64, {0, 4}}},
                             {{"format", "pt"}, {"note", "quo\"te"}});
    writer.write("b", bytes);
    writer.write("a", floats.data(), 8);
    writer.write("a", floats.data() + 2, 16);
    writer.finish();
  }
  const SafetensorsFile file(path);
  CHECK(file.metadata() == std::map<std::string, std::string>{{"format", "pt"}, {"note", "quo\"te"}});
  CHECK(file.tensors().size() == 3);
  const auto a = file.at("a").view<float>();
  REQUIRE(a.rows == 2);
  REQUIRE(a.cols == 3);
  CHECK(std::vector<float>(a.data, a.data + 6) == floats);
  const auto b = file.at("b").copy<std::int8_t>();
  CHECK(std::vector<std::int8_t>(b.data(), b.data() + 3) == bytes);
  CHECK(file.at("empty").elements() == 0);
  CHECK(file.find("c") == nullptr);
  CHECK_THAT(message_of<InputError>([&] { file.at("c"); }), Contains("tensor c is missing"));
  CHECK_THAT(message_of<InputError>([&] { file.at("b").view<float>(); }), Contains("tensor b is I8 where F32"));
  CHECK_FALSE(std::filesystem::exists(scratch / ".x.partial"));
}

TEST_CASE("safetensors: bytes do not depend on the order of declaration or of writing") {
  const Scratch scratch;
  const std::vector<std::int8_t> small = {1, 2, 3};
  const std::vector<std::int32_t> large = {4, 5};
  {
    SafetensorsWriter writer(scratch / "1", {{"s", Dtype::i8, {3}}, {"l", Dtype::i32, {2}}});
    writer.write("s", small);
    writer.write("l", large);
    writer.finish();
  }
  {
    SafetensorsWriter writer(scratch / "2", {{"l", Dtype::i32, {2}}, {"s", Dtype::i8, {3}}});
    writer.write("l", large);
    writer.write("s", small);
    writer.finish();
  }
  CHECK(file_bytes(scratch / "1") == file_bytes(scratch / "2"));
}

TEST_CASE("safetensors: metadata that is no UTF-8, e.g. a name in Latin-1, is written readably") {
  const Scratch scratch;
  SafetensorsWriter writer(scratch / "x", {{"a", Dtype::u8, {0}}},
                           {{"note",
                             "Gr\xf6\xdf"
                             "e"}});
  writer.finish();
  CHECK(SafetensorsFile(scratch / "x").metadata().at("note") == u8"Gr\ufffd\ufffde");
}

TEST_CASE("safetensors: an unfinished writer leaves the target as it was") {
  const Scratch scratch;
  const std::string path = write_file(scratch / "x", "old");
  {
    SafetensorsWriter writer(path, {{"a", Dtype::u8, {4}}});
    writer.write("a", "12", 2);
    CHECK_THROWS_AS(writer.finish(), std::logic_error);
    CHECK_THROWS_AS(writer.write("a", "345", 3), std::logic_error);
    CHECK_THROWS_AS(writer.write("b", "3", 1), std::logic_error);
  }
  CHECK(file_bytes(path) == "old");
  CHECK_FALSE(std::filesystem::exists(scratch / ".x.partial"));
  CHECK_THAT(message_of<std::system_error>([&] { SafetensorsWriter(scratch / "no/where", {}); }),
             Contains("no/where: cannot be written"));
}

TEST_CASE("safetensors: malformed files are refused with file and tensor") {
  const std::string good = entry("t", "F32", "[2]", "[0,8]");
  REQUIRE(open_error(file_of("{" + good + "}", 8)).empty());
  REQUIRE(open_error(file_of("{" + good + "}   ", 8)).empty());

  CHECK_THAT(open_error(""), Contains("too short"));
  CHECK_THAT(open_error("1234567"), Contains("too short"));
  CHECK_THAT(open_error(std::string(8, '\xFF') + "{}"), Contains("truncated"));
  CHECK_THAT(open_error(file_of("{" + good + "}", 8).substr(0, 20)), Contains("truncated"));
  CHECK_THAT(open_error(file_of("", 0)), Contains("not valid JSON"));
  CHECK_THAT(open_error(file_of("[]", 0)), Contains("not a JSON object"));
  CHECK_THAT(open_error(file_of("{" + good, 8)), Contains("not valid JSON"));
  CHECK_THAT(open_error(file_of(std::string(1'000'000, '['), 8)), Contains("more than 200 deep"));
  CHECK_THAT(open_error(file_of("{\"t\":1e999}", 8)), Contains("not valid JSON"));
  CHECK_THAT(open_error(file_of("{\"\xFF\":{}}", 8)), Contains("not valid JSON"));
  CHECK_THAT(open_error(file_of("{" + good + "," + good + "}", 8)), Contains("\"t\" occurs twice"));
  CHECK_THAT(open_error(file_of("{\"t\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}", 8)),
             Contains("\"dtype\" occurs twice"));
  CHECK_THAT(open_error(file_of("{\"t\":3}", 0)), Contains("tensor t"));
  CHECK_THAT(open_error(file_of("{\"t\":{}}", 0)), Contains("tensor t: dtype is missing"));
  CHECK_THAT(open_error(file_of("{" + entry("t", "F31", "[2]", "[0,8]") + "}", 8)),
             Contains("\"F31\" is not supported"));
  CHECK_THAT(open_error(file_of("{" + entry("t", "F32", "2", "[0,8]") + "}", 8)), Contains("tensor t: shape"));
  CHECK_THAT(open_error(file_of("{" + entry("t", "F32", "[-2]", "[0,8]") + "}", 8)), Contains("tensor t: a dimension"));
  CHECK_THAT(open_error(file_of("{" + entry("t", "F32", "[2.0]", "[0,8]") + "}", 8)),
             Contains("tensor t: a dimension"));
  CHECK_THAT(open_error(file_of("{" + entry("t", "F32", "[4611686018427387904,4]", "[0,0]") + "}", 0)),
             Contains("tensor t: the size that its shape gives is out of range"));
  CHECK_THAT(open_error(file_of("{" + entry("t", "U8", "[4294967296,4294967296,0]", "[0,0]") + "}", 0)),
             Contains("out of range"));
  CHECK_THAT(open_error(file_of("{" + entry("t", "F32", "[2]", "[0]") + "}", 8)), Contains("tensor t: data_offsets"));
  CHECK_THAT(open_error(file_of("{" + entry("t", "F32", "[2]", "[8,0]") + "}", 8)), Contains("do not fit shape [2]"));
  CHECK_THAT(open_error(file_of("{" + entry("t", "F32", "[3]", "[0,8]") + "}", 8)), Contains("do not fit shape [3]"));
  CHECK_THAT(open_error(file_of("{" + good + "}", 7)), Contains("tensor t: its data ends at byte 8 of 7"));
  CHECK_THAT(open_error(file_of("{" + good + "}", 9)), Contains("1 bytes after the last tensor"));
  CHECK_THAT(open_error(file_of("{" + good + "," + entry("u", "U8", "[4]", "[6,10]") + "}", 10)),
             Contains("tensor u: its data overlaps"));
  CHECK_THAT(open_error(file_of("{" + good + "," + entry("u", "U8", "[4]", "[9,13]") + "}", 13)),
             Contains("tensor u: unused bytes 8..8"));
  CHECK_THAT(open_error(file_of("{\"__metadata__\":{\"a\":1}}", 0)), Contains("__metadata__: a is not a string"));
  CHECK_THAT(open_error(file_of("{\"__metadata__\":[]}", 0)), Contains("__metadata__ is not an object"));
  CHECK_THAT(message_of<InputError>([] { SafetensorsFile("/no/such/file"); }),
             Contains("/no/such/file: cannot be opened"));
  CHECK_THAT(message_of<InputError>([] { SafetensorsFile("/tmp"); }), Contains("/tmp: is not a regular file"));
}

TEST_CASE("safetensors: a tensor of many rows without an element takes no time") {
  const Scratch scratch;
  const std::string path = write_file(scratch / "x.safetensors",
                                      file_of("{" + entry("e", "F32", "[1152921504606846976,0]", "[0,0]") + "}", 0));
  const SafetensorsFile file(path);
  require_finite(file.at("e"));
  CHECK(to_float(file.at("e")).size() == 0);
  CHECK(file.at("e").copy<float>().rows() == std::size_t{1} << 60);
}

TEST_CASE("safetensors: a shape of more dimensions than anybody has is refused without being shown") {
  std::string ones = "[1";
  for (int i = 1; i < 64; ++i) ones += ",1";
  CHECK(open_error(file_of("{" + entry("e", "I8", ones + "]", "[0,1]") + "}", 1)).empty());
  CHECK_THAT(open_error(file_of("{" + entry("e", "I8", ones + ",1]", "[0,1]") + "}", 1)),
             Contains("tensor e: its shape has 65 dimensions, more than 64"));
}

TEST_CASE("safetensors: mutated files load or are refused, nothing else") {
  const std::string good = file_of("{" + entry("t", "F16", "[2,3]", "[0,12]") + "," +
                                       entry("u", "I8", "[4]", "[12,16]") + ",\"__metadata__\":{\"format\":\"pt\"}}",
                                   16);
  REQUIRE(open_error(good).empty());
  std::mt19937 random(1);
  const std::string alphabet = std::string("0123456789[]{}\",:-eFIU\\\xFF ") + '\0';
  int refused = 0;
  for (int round = 0; round < 1500; ++round) {
    std::string bytes = good;
    for (auto changes = 1 + random() % 3; changes > 0; --changes) {
      bytes[random() % bytes.size()] = alphabet[random() % alphabet.size()];
    }
    if (random() % 4 == 0) bytes.resize(random() % bytes.size());
    refused += open_error(bytes).empty() ? 0 : 1;
  }
  CHECK(refused > 500);
}

TEST_CASE("safetensors: misaligned data can be copied, not viewed") {
  const Scratch scratch;
  std::string bytes =
      file_of("{" + entry("a", "U8", "[1]", "[0,1]") + "," + entry("b", "F32", "[1]", "[1,5]") + "}", 0);
  const float value = 2.5f;
  bytes += std::string(1, 'x') + std::string(reinterpret_cast<const char*>(&value), 4);
  while (bytes.size() % 2 == 0) bytes.insert(8, " "), ++bytes[0];  // makes the address of b odd
  const SafetensorsFile file(write_file(scratch / "m", bytes));
  CHECK(file.at("b").copy<float>()(0, 0) == 2.5f);
  CHECK(to_float(file.at("b"))(0, 0) == 2.5f);
  CHECK_THAT(message_of<InputError>([&] { file.at("b").view<float>(); }),
             Contains("tensor b: its data is not aligned"));
}

TEST_CASE("to_float: converts every finite F16 and BF16 exactly") {
  const auto half = [](unsigned bits) {
    const int exponent = (bits >> 10) & 31;
    const double fraction = (bits & 1023) / 1024.0;
    const double magnitude = exponent == 0 ? std::ldexp(fraction, -14) : std::ldexp(1 + fraction, exponent - 15);
    return static_cast<float>((bits & 0x8000) != 0 ? -magnitude : magnitude);
  };
  std::vector<std::uint16_t> patterns;
  for (unsigned bits = 0; bits < 65536; ++bits) {
    if ((bits & 0x7C00) != 0x7C00) patterns.push_back(static_cast<std::uint16_t>(bits));
  }
  const Scratch scratch;
  {
    SafetensorsWriter writer(scratch / "h", {{"f", Dtype::f16, {2, patterns.size() / 2}}, {"b", Dtype::bf16, {1}}});
    writer.write("f", patterns.data(), patterns.size() * 2);
    const std::uint16_t minus_three = 0xC040;
    writer.write("b", &minus_three, 2);
    writer.finish();
  }
  const SafetensorsFile file(scratch / "h");
  CHECK(to_float(file.at("b"))(0, 0) == -3.0f);
  const Matrix<float> all = to_float(file.at("f"));
  REQUIRE(all.rows() == 2);
  int wrong = 0, wrong_back = 0;
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    wrong += bits_of(all.data()[i]) != bits_of(half(patterns[i]));
    wrong_back += float_to_float16(all.data()[i]) != patterns[i];
  }
  CHECK(wrong == 0);
  CHECK(wrong_back == 0);
  const Matrix<float> second = to_float(file.at("f"), 1, 1);
  CHECK(std::memcmp(second.row(0), all.row(1), all.cols() * 4) == 0);
}

TEST_CASE("float_to_float16: rounds to nearest, ties to even, and keeps what is not finite") {
  CHECK(float_to_float16(1.0f + 0x1p-11f) == 0x3C00);
  CHECK(float_to_float16(1.0f + 0x1.8p-10f) == 0x3C02);
  CHECK(float_to_float16(0x1p-25f) == 0x0000);
  CHECK(float_to_float16(0x1.8p-24f) == 0x0002);
  CHECK(float_to_float16(65519.0f) == 0x7BFF);
  CHECK(float_to_float16(-65520.0f) == 0xFC00);
  CHECK(float_to_float16(std::numeric_limits<float>::infinity()) == 0x7C00);
  CHECK((float_to_float16(std::numeric_limits<float>::quiet_NaN()) & 0x7FFF) > 0x7C00);
}

TEST_CASE("to_float: converts every finite F8 exactly") {
  const Scratch scratch;
  std::vector<std::uint8_t> bytes;
  for (int byte = 0; byte < 256; ++byte) bytes.push_back(static_cast<std::uint8_t>(byte));
  // Sign, exponent and mantissa taken apart. E4M3 has one NaN, E5M2 those of IEEE 754 and infinities.
  const auto value = [](int byte, int exponent_bits) {
    const int mantissa_bits = 7 - exponent_bits, bias = (1 << (exponent_bits - 1)) - 1;
    const int exponent = byte >> mantissa_bits & ((1 << exponent_bits) - 1), mantissa = byte % (1 << mantissa_bits);
    const double share = std::ldexp(mantissa, -mantissa_bits);
    const double size = exponent == 0 ? std::ldexp(share, 1 - bias) : std::ldexp(1 + share, exponent - bias);
    return (byte & 0x80) != 0 ? -size : size;
  };
  const auto special = [](int byte, int exponent_bits) {
    return exponent_bits == 4 ? (byte & 0x7F) == 0x7F : (byte & 0x7F) >= 0x7C;
  };
  for (const int exponent_bits : {4, 5}) {
    const std::string name = exponent_bits == 4 ? "F8_E4M3" : "F8_E5M2";
    const Dtype type = parse_dtype(name).value();
    std::vector<std::uint8_t> finite;
    for (const std::uint8_t byte : bytes) {
      if (!special(byte, exponent_bits)) finite.push_back(byte);
    }
    SafetensorsWriter writer(scratch / name, {{"x", type, {finite.size()}}, {"y", type, {1}}});
    writer.write("x", finite.data(), finite.size());
    const std::uint8_t nan = 0xFF;
    writer.write("y", &nan, 1);
    writer.finish();
    const SafetensorsFile file(scratch / name);
    const Matrix<float> found = to_float(file.at("x"));
    for (std::size_t i = 0; i < finite.size(); ++i) CHECK(found.data()[i] == value(finite[i], exponent_bits));
    CHECK_THAT(message_of<InputError>([&] { to_float(file.at("y")); }), Contains("element [0] is NaN"));
    CHECK(finite.size() == (exponent_bits == 4 ? 254u : 248u));
  }
}

TEST_CASE("to_float: names tensor and index of NaN and infinity") {
  const Scratch scratch;
  const std::vector<float> values = {1, 2, 3, std::nanf(""), 5, -std::numeric_limits<float>::infinity()};
  const std::vector<std::uint16_t> halves = {0x3C00, 0xFC00};
  {
    SafetensorsWriter writer(scratch / "n",
                             {{"w", Dtype::f32, {3, 2}}, {"h", Dtype::f16, {2, 1}}, {"i", Dtype::i8, {0}}});
    writer.write("w", values);
    writer.write("h", halves.data(), 4);
    writer.finish();
  }
  const SafetensorsFile file(scratch / "n");
  CHECK_THAT(message_of<InputError>([&] { to_float(file.at("w")); }), Contains("tensor w: element [1,1] is NaN"));
  CHECK_THAT(message_of<InputError>([&] { to_float(file.at("w"), 2, 1); }), Contains("element [2,1] is infinite"));
  CHECK_THAT(message_of<InputError>([&] { to_float(file.at("h")); }), Contains("tensor h: element [1,0] is infinite"));
  CHECK_THAT(message_of<InputError>([&] { to_float(file.at("i")); }),
             Contains("tensor i is I8 where F32, F16, BF16, F8_E4M3 or F8_E5M2"));
  CHECK(to_float(file.at("w"), 0, 1)(0, 1) == 2.0f);
}

TEST_CASE("tensor store: shards are one set of tensors") {
  const Scratch scratch;
  for (const std::string name : {"a", "b"}) {
    SafetensorsWriter writer(scratch / (name + ".safetensors"), {{name, Dtype::u8, {1}}});
    writer.write(name, name.data(), 1);
    writer.finish();
  }
  const auto open_with = [&](const std::string& index) {
    write_file(scratch / "model.safetensors.index.json", index);
    return message_of<InputError>([&] { TensorStore store(scratch.str()); });
  };
  CHECK_THAT(message_of<InputError>([&] { TensorStore store(scratch.str()); }), Contains("holds neither"));
  REQUIRE(open_with(R"({"weight_map":{"a":"a.safetensors","b":"b.safetensors"}})").empty());
  const TensorStore store(scratch.str());
  CHECK(static_cast<char>(*store.at("a").data) == 'a');
  CHECK(static_cast<char>(*store.at("b").data) == 'b');
  CHECK(store.find("c") == nullptr);
  CHECK_THAT(message_of<InputError>([&] { store.at("c"); }), Contains("index.json: tensor c is missing"));

  CHECK_THAT(open_with("{\n\n"), Contains("index.json:3: is not valid JSON"));
  CHECK_THAT(open_with("[]"), Contains("weight_map is missing"));
  CHECK_THAT(open_with(R"({"weight_map":{"a":1}})"), Contains("a is not a file name"));
  CHECK_THAT(open_with(R"({"weight_map":{"a":"../a.safetensors"}})"), Contains("a is not a plain file name"));
  CHECK_THAT(open_with(R"({"weight_map":{"a":"c.safetensors"}})"),
             Contains("weight_map: a is in c.safetensors, which is not there"));
  CHECK_THAT(open_with(R"({"weight_map":{"a":"b.safetensors"}})"),
             Contains("weight_map: a is not in") && Contains("b.safetensors"));
}
