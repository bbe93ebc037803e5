#include "flow/base/json_input.h"

#include "flow/base/error.h"
#include "flow/base/json_output.h"
#include "tests/flow/scratch.h"

#include <cmath>
#include <limits>

using namespace flexcim;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

json python(const std::string& text) { return parse_python_json(text, "f"); }
std::string refused(const std::string& text) {
  return message_of<InputError>([&] { python(text); });
}

}  // namespace

TEST_CASE("python's words for numbers that are not finite are read where values may stand") {
  CHECK(python("Infinity") == kInf);
  CHECK(python(" -Infinity\n") == -kInf);
  CHECK(std::isnan(python("NaN").get<double>()));
  CHECK(python(R"({"a": 1, "limit": [0.0,Infinity], "b":-1e3, "c" :-Infinity,"d": 7})") ==
        json({{"a", 1}, {"limit", {0.0, kInf}}, {"b", -1000.0}, {"c", -kInf}, {"d", 7}}));
  const json list = python("[-1,NaN,2.5e-3 , Infinity\t,\r\n0,true,[NaN],{\"x\":3}]");
  CHECK(std::isnan(list[1].get<double>()));
  CHECK(std::isnan(list[6][0].get<double>()));
  CHECK((list[0] == -1 && list[2] == 2.5e-3 && list[3] == kInf && list[4] == 0 && list[7]["x"] == 3));
}

TEST_CASE("strings that hold such a word, or quotes and backslashes before it, stay as they are") {
  for (const std::string text : {R"(["Infinity", "NaN", "a: -Infinity, b"])", R"(["\"", "Infinity ,NaN"])",
                                 R"(["\\", "[NaN]"])", R"({"Infinity": 1, ":NaN,": "\\\" NaN "})"}) {
    CHECK(python(text) == json::parse(text));
  }
  CHECK(python(R"(["\\",NaN,"NaN"])")[2] == "NaN");
  CHECK(python(R"({"NaN": Infinity})") == json({{"NaN", kInf}}));
}

TEST_CASE("what Python does not read either is refused where it stands") {
  for (const std::string text : {"nan",        "inf",       "+Infinity", "- Infinity",      "--Infinity",
                                 "Infinit",    "Infinityx", "-NaN",      "1Infinity",       "NaN1",
                                 "[1 NaN]",    "[NaN NaN]", "{NaN: 1}",  "{\"a\": 1, NaN}", "{\"a\": 1, NaN : 1}",
                                 "\"Infinity", "[\"\\",     "",          "Infinity,",       "[Infinity",
                                 "[trueNaN]",  "NaN\"\""}) {
    CAPTURE(text);
    CHECK_THAT(refused(text), Contains("is not valid JSON at byte"));
  }
  // Behind a word the position is the same as before it.
  CHECK_THAT(refused("{\"a\": Infinity,\n\"b\": tru}"), Contains("f:2: is not valid JSON at byte 25"));
  CHECK_THAT(refused("{\"a\": 12345678,\n\"b\": tru}"), Contains("f:2: is not valid JSON at byte 25"));
  CHECK_THAT(refused(R"({"a": NaN, "a": NaN})"), Contains("the key \"a\" occurs twice"));
}

TEST_CASE("everywhere else JSON stays strict") {
  for (const std::string text : {"Infinity", "[-Infinity]", "{\"a\": NaN}"}) {
    CHECK_THAT(message_of<InputError>([&] { parse_json(text, "f"); }), Contains("is not valid JSON"));
  }
}

TEST_CASE("messages show such numbers as they stand") {
  CHECK(json_text(python(R"({"a":[0.5,Infinity,-Infinity],"b":{"c":NaN},"d":"x\"y"})")) ==
        R"({"a":[0.5,Infinity,-Infinity],"b":{"c":NaN},"d":"x\"y"})");
  CHECK(json_text(json::array()) == "[]");
  CHECK(json_text(json::object()) == "{}");
}

TEST_CASE("no result is written with a number that is not finite") {
  const nlohmann::ordered_json good{{"b", 1.5}, {"a", {1, nullptr, "x"}}};
  CHECK(result_text(good) == R"({"b":1.5,"a":[1,null,"x"]})");
  for (const double value : {kInf, -kInf, std::nan("")}) {
    nlohmann::ordered_json bad = good;
    bad["layers"] = {{{"energy_pj", 1.0}}, {{"energy_pj", value}}};
    CHECK_THAT(message_of<InputError>([&] { result_text(bad); }),
               Contains("layers.1.energy_pj is not a finite number"));
  }
}

TEST_CASE("text is quoted as JSON has it, and bytes that are none of UTF-8 are replaced") {
  CHECK(json_string("a\"\\\n…") == "\"a\\\"\\\\\\n…\"");
  CHECK(json_string("f\xff") == "\"f\xef\xbf\xbd\"");
}

TEST_CASE("lists and objects that lie too deep in each other are refused before anybody goes down") {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') + "1" + std::string(static_cast<std::size_t>(depth), ']');
  };
  CHECK_NOTHROW(parse_json(nested(200), "f"));
  CHECK_NOTHROW(json_text(parse_json(nested(200), "f")));
  for (const int depth : {202, 1'000'000}) {
    CHECK(message_of<InputError>([&] { parse_json(nested(depth), "f"); }) ==
          "f: lists and objects lie more than 200 deep");
  }
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  CHECK(refused(objects) == "f: lists and objects lie more than 200 deep");
}

TEST_CASE("a message shows the beginning of a long value") {
  CHECK(json_text(std::string(198, 'x')) == "\"" + std::string(198, 'x') + "\"");
  CHECK(json_text(std::string(199, 'x')) == "\"" + std::string(199, 'x') + "...");
  std::string accents;
  for (int i = 0; i < 200; ++i) accents += "\u00e9";
  const std::string shown = json_text(accents);
  CHECK(shown == "\"" + accents.substr(0, 198) + "...");  // 199 would be half a character
  CHECK(json_text(json(std::vector<int>(1'000'000, 1))).size() < 210);
  CHECK(json_text(json(std::vector<int>(3, 1))) == "[1,1,1]");
}
