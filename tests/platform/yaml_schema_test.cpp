#include "platform/yaml/yaml_schema.h"

#include "platform/yaml/yaml_types.h"
#include "tests/platform/temp_folder.h"

#include <catch2/catch.hpp>
#include <optional>

namespace flexcim {
namespace {

enum class Colour { red, green };
std::string_view to_string(Colour colour) { return colour == Colour::red ? "red" : "green"; }

struct Part {
  int size = 4;
  std::vector<std::string> names;
};

struct Thing {
  std::string name;
  int count = 3;
  int width = 32;
  double ratio = 0.5;
  bool on = false;
  Colour colour = Colour::red;
  Pattern pattern;
  Part part;
  std::vector<Part> parts;
  std::optional<int> limit;
};

Schema<Thing> thing_schema() {
  Schema<Part> part;
  part.key("size", &Part::size, whole(1, 64, "bytes"), "of the part");
  part.key("names", &Part::names, list_of(text("name")), "of it");
  Schema<Thing> s;
  s.key("name", &Thing::name, text("name"), "its name").required();
  s.key("count", &Thing::count, whole(1, 16), "how many");
  s.key("width", &Thing::width, power_of_two(256, "bits"), "how wide");
  s.key("ratio", &Thing::ratio, real(0, 1), "a part | of a whole");
  s.key("on", &Thing::on, flag(), "or off");
  s.key("colour", &Thing::colour, choice<Colour>({Colour::red, Colour::green}), "of it");
  s.key("pattern", &Thing::pattern, pattern_type(), "of the weights");
  s.key("part", &Thing::part, map_of(part), "inside");
  s.key("parts", &Thing::parts, list_of(map_of(part)), "more");
  s.key("limit", &Thing::limit, optional_of(whole(0, 9, "clocks")), "if any");
  return s;
}

Thing read(const std::string& text, const std::vector<std::string>& settings = {}) {
  std::vector<Override> overrides;
  for (const std::string& setting : settings) overrides.push_back(parse_override(setting));
  YamlReader reader("t.yaml", text, overrides);
  Thing thing;
  thing_schema().read(reader, "", reader.root(), thing);
  reader.finish();
  return thing;
}

std::string thing_error(const std::string& text, const std::vector<std::string>& settings = {}) {
  return input_error([&] { read(text, settings); });
}

}  // namespace

TEST_CASE("A schema reads what is there and keeps defaults of what is not") {
  const Thing thing = read(
      "name: a b\ncount: 16\nratio: 1e-2\non: true\ncolour: green\npattern: 2:4\n"
      "part: {names: [x, y]}\nparts: [{size: 1}, {size: 2}]\nlimit: 0\n");
  CHECK(thing.name == "a b");
  CHECK(thing.count == 16);
  CHECK(thing.width == 32);
  CHECK(thing.ratio == 0.01);
  CHECK(thing.on);
  CHECK(thing.colour == Colour::green);
  CHECK(thing.pattern == Pattern{2, 4});
  CHECK(thing.part.size == 4);
  CHECK(thing.part.names == std::vector<std::string>{"x", "y"});
  REQUIRE(thing.parts.size() == 2);
  CHECK(thing.parts[1].size == 2);
  CHECK(thing.limit == 0);
}

TEST_CASE("An unknown key is named with file, line, column and the nearest valid one") {
  CHECK(thing_error("name: a\ncuont: 3\n") ==
        "t.yaml:2:1: cuont: unknown key; did you mean \"count\"? Valid keys: name, count, width, ratio, on, colour, "
        "pattern, part, parts, limit");
  CHECK(thing_error("name: a\npart:\n  sise: 3\n") ==
        "t.yaml:3:3: part.sise: unknown key; did you mean \"size\"? Valid keys: size, names");
}

TEST_CASE("A wrong type or a value out of range is named with what is expected") {
  CHECK(thing_error("name: a\ncount: four\n") == "t.yaml:2:8: count: expected a whole number 1…16, not \"four\"");
  CHECK(thing_error("name: a\ncount: \"4\"\n") ==
        "t.yaml:2:8: count: expected a whole number 1…16, not the text \"4\"");
  CHECK(thing_error("name: a\ncount: 4.5\n") == "t.yaml:2:8: count: expected a whole number 1…16, not \"4.5\"");
  CHECK(thing_error("name: a\ncount: [4]\n") == "t.yaml:2:8: count: expected a whole number 1…16, not a list");
  CHECK(thing_error("name: a\ncount: 17\n") == "t.yaml:2:8: count: 17 is outside 1…16");
  CHECK(thing_error("name: a\ncount: 99999999999999999999\n") ==
        "t.yaml:2:8: count: 99999999999999999999 is outside 1…16");
  for (const char* word : {"1e1", "0x10", "010", "08", "+5", "- 5", "5_0", "0b1"}) {
    CHECK_THAT(thing_error(std::string("name: a\ncount: ") + word + "\n"), Catch::StartsWith("t.yaml:2:"));
  }
  for (const char* word : {"1e400", "0x1p-1", "00.5", "+0.5", ".inf", "-1e-3", "0.5.5"}) {
    CHECK_THAT(thing_error(std::string("name: a\nratio: ") + word + "\n"), Catch::StartsWith("t.yaml:2:8: ratio: "));
  }
  CHECK(thing_error("name: a\nratio: 5e-1\n").empty());
  CHECK(thing_error("name: a\nwidth: 48\n") == "t.yaml:2:8: width: 48 is no power of two 1…256");
  CHECK(thing_error("name: a\nratio: .nan\n") == "t.yaml:2:8: ratio: expected a number 0…1, not \".nan\"");
  CHECK(thing_error("name: a\nratio: 1.5\n") == "t.yaml:2:8: ratio: 1.5 is outside 0…1");
  CHECK(thing_error("name: a\non: yes\n") == "t.yaml:2:5: on: expected true or false, not \"yes\"");
  CHECK(thing_error("name: a\ncolour: grean\n") ==
        "t.yaml:2:9: colour: \"grean\" is none of red | green; did you mean \"green\"?");
  CHECK(thing_error("name: a\npattern: 4:2\n") ==
        "t.yaml:2:10: pattern: pattern \"4:2\" is neither \"dense\" nor \"N:M\" with 1 <= N <= M <= 256");
  CHECK(thing_error("name: a\npart: 3\n") == "t.yaml:2:7: part: expected a map of keys and values");
  CHECK(thing_error("name: a\nparts: {size: 1}\n") == "t.yaml:2:8: parts: expected a list of map");
  CHECK(thing_error("name: a\ncount:\n") == "t.yaml:2:1: count: has no value; expected whole number 1…16");
}

TEST_CASE("A number may be written in any unit of its key's kind, and is converted without rounding") {
  const auto size = [](const std::string& word) { return read("name: a\npart: {size: " + word + "}\n").part.size; };
  CHECK(size("32 B") == 32);
  CHECK(size("32 bytes") == 32);
  CHECK(size("0.0625KiB") == 64);
  CHECK(size("\"0.032 kB\"") == 32);
  CHECK(read("name: a\n", {"part.size=0.0625 KiB"}).part.size == 64);
  CHECK(read("name: a\nlimit: 3 clocks\n").limit == 3);
  const std::string at = "t.yaml:2:14: part.size: ";
  const auto error = [](const std::string& word) { return thing_error("name: a\npart: {size: " + word + "}\n"); };
  CHECK(error("1 KiB") == at + "\"1 KiB\": 1024 is outside 1…64");
  CHECK(error("0.3 B") == at + "\"0.3 B\": expected a whole number 1…64, not \"0.3\"");
  CHECK(error("-2 B") == at + "\"-2 B\": -2 is outside 1…64");
  CHECK(error("2 MHz") == at + "\"2 MHz\": the unit \"MHz\" is none of bytes, B, kB, MB, GB, TB, KiB, MiB, GiB, TiB");
  CHECK(error("2 KB") == at + "\"2 KB\": the unit \"KB\" is none of bytes, B, kB, MB, GB, TB, KiB, MiB, GiB, TiB");
  CHECK(error("07 B") == at + "\"07 B\": \"07\" is no number");
  CHECK(thing_error("name: a\nlimit: 3 bytes\n") == "t.yaml:2:8: limit: \"3 bytes\": the unit \"bytes\" is not clocks");
  CHECK(thing_error("name: a\ncount: 3 bytes\n") == "t.yaml:2:8: count: expected a whole number 1…16, not \"3 bytes\"");
}

TEST_CASE("Missing and repeated keys are problems") {
  CHECK(thing_error("count: 3\n") == "t.yaml:1:1: the key \"name\" is missing: its name");
  CHECK(thing_error("name: a\ncount: 3\ncount: 4\n") == "t.yaml:3:1: count: given twice");
}

TEST_CASE("All problems of a file are reported in one go, a line each") {
  CHECK(thing_error("count: 0\nparts:\n  - size: 1\n  - size: 65\n    colour: red\n") ==
        "t.yaml:1:8: count: 0 is outside 1…16\n"
        "t.yaml:4:11: parts.1.size: 65 is outside 1…64\n"
        "t.yaml:5:5: parts.1.colour: unknown key; did you mean \"size\"? Valid keys: size, names\n"
        "t.yaml:1:1: the key \"name\" is missing: its name");
}

TEST_CASE("Text that is no YAML map is refused with its place") {
  CHECK_THAT(thing_error("name: [a\ncount: 3\n"), Catch::StartsWith("t.yaml:2:"));
  CHECK_THAT(thing_error("a: b: c\n"), Catch::StartsWith("t.yaml:1:"));
  CHECK(thing_error("") == "t.yaml: is no YAML map of keys and values");
  CHECK(thing_error("- 1\n") == "t.yaml: is no YAML map of keys and values");
  const std::string second = "a second YAML document, or what belongs to none, begins here";
  CHECK(thing_error("name: a\n---\nname: b\n") == "t.yaml:2:1: " + second);
  CHECK(thing_error(",") == "t.yaml:1:1: " + second);  // yaml-cpp makes documents of it without end
  CHECK_THAT(thing_error("name: a\n,\n"), Catch::StartsWith("t.yaml:2:1: "));
  CHECK_THAT(thing_error("name: *nobody\n"), Catch::StartsWith("t.yaml:1:"));
  CHECK_THAT(thing_error("? [a, b]\n: 3\nname: x\n"), Catch::Contains("a key must be a plain word"));
}

TEST_CASE("Overrides are checked like the file, and blamed themselves") {
  CHECK(read("name: a\n", {"count=5"}).count == 5);
  CHECK(read("name: a\ncount: 99\n", {"count=5"}).count == 5);
  CHECK(read("name: a\n", {"part.size=5", "count=2"}).part.size == 5);
  CHECK(read("name: a\nparts: [{size: 1}]\n", {"parts.0.size=9"}).parts[0].size == 9);
  CHECK(thing_error("name: a\n", {"count=17"}) == "--set count=17: count: 17 is outside 1…16");
  CHECK(thing_error("name: a\n", {"part.sise=5"}) ==
        "--set part.sise=5: part.sise: unknown key; did you mean \"size\"? Valid keys: size, names");
  CHECK(thing_error("name: a\n", {"name.first=5"}) == "--set name.first=5: \"name\" is a plain value, it has no keys");
  CHECK(thing_error("name: a\nparts: [{size: 1}]\n", {"parts.1.size=9"}) ==
        "--set parts.1.size=9: \"1\" is no entry of that list, which has 1");
  CHECK(thing_error("name: a\n", {"count=2", "count=3"}) == "--set count=3: undoes --set count=2");
  CHECK(thing_error("name: a\n", {"part.size=5", "part={}"}) == "--set part={}: undoes --set part.size=5");
  CHECK(read("name: a\n", {"part={size: 3, names: [x]}", "part.size=5"}).part.size == 5);
  CHECK_THAT(thing_error("name: a\n", {"count=[1"}), Catch::StartsWith("--set count=[1: "));
  CHECK(input_error([] { parse_override("count"); }) == "--set \"count\": expected key.path=value");
  CHECK(input_error([] { parse_override("a..b=1"); }) == "--set \"a..b=1\": the path has an empty key");
  CHECK(input_error([] { parse_override("a.=1"); }) == "--set \"a.=1\": the path has an empty key");
}

TEST_CASE("What a schema writes it reads again") {
  Thing thing =
      read("name: \"no: thing\"\nratio: 0.1\ncolour: green\npattern: 2:4\nparts: [{size: 2, names: ['5']}]\n");
  YAML::Emitter out;
  thing_schema().write(out, thing);
  const Thing again = read(out.c_str());
  CHECK(again.name == thing.name);
  CHECK(again.ratio == thing.ratio);
  CHECK(again.colour == thing.colour);
  CHECK(again.pattern == thing.pattern);
  REQUIRE(again.parts.size() == 1);
  CHECK(again.parts[0].names == thing.parts[0].names);
  CHECK_FALSE(again.limit);
}

TEST_CASE("The table of keys comes from the declaration") {
  const std::string table = markdown_table(thing_schema().document());
  CHECK_THAT(table, Catch::Contains("| `name` | name |  | required | its name |\n"));
  CHECK_THAT(table, Catch::Contains("| `count` | whole number 1…16 |  | `3` | how many |\n"));
  CHECK_THAT(table, Catch::Contains("| `ratio` | number 0…1 |  | `0.5` | a part \\| of a whole |\n"));
  CHECK_THAT(table, Catch::Contains("| `part.size` | whole number 1…64 | bytes | `4` | of the part |\n"));
  CHECK_THAT(table, Catch::Contains("| `parts.N.size` |"));
  CHECK_THAT(table, Catch::Contains("| `limit` | whole number 0…9 | clocks |  | if any |\n"));
}

TEST_CASE("The nearest word has the smallest edit distance") {
  CHECK(nearest("fidelty", {"name", "fidelity"}) == "fidelity");
  CHECK(nearest("anme", {"mean", "name"}) == "name");  // one swap
  CHECK(nearest("x", {}).empty());
}

TEST_CASE("A file that cannot be read is named") {
  const TempFolder folder;
  CHECK(input_error([&] { read_text_file(folder.path() / "no.yaml"); }) ==
        (folder.path() / "no.yaml").string() + ": no such file");
  CHECK(input_error([&] { read_text_file(folder.path()); }) == folder.path().string() + ": is a folder, not a file");
  CHECK(read_text_file(folder.write("a", "text\n")) == "text\n");
}

TEST_CASE("A key is found by its path, with the struct that holds it") {
  Thing thing = read("name: a b\non: true\nparts: [{size: 1}, {size: 2, names: [x]}]\n");
  const Schema<Thing> schema = thing_schema();
  const auto text = [&](const std::string& path) { return value_text(schema.find(thing, path)); };
  CHECK(text("name") == "a b");
  CHECK(text("on") == "true");
  CHECK(text("part.size") == "4");
  CHECK(text("parts.1.size") == "2");
  CHECK(input_error([&] { text("parts.1"); }) == "\"1\" is a map in a list, it has keys");
  CHECK(text("limit") == "");
  thing.part.size = 5;
  CHECK(text("part.size") == "5");
  const auto error = [&](const std::string& path) { return input_error([&] { schema.find(thing, path); }); };
  CHECK(error("part.sise") == "\"sise\" is an unknown key; did you mean \"size\"? Valid keys: size, names");
  CHECK(error("count.size") == "\"count\" is a whole number 1…16, it has no keys");
  CHECK(error("parts.2.size") == "\"2\" is no entry of that list, which has 2");
}

}  // namespace flexcim
