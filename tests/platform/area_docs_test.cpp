#include "platform/energy/energy_model.h"
#include "tests/platform/default_architecture.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>

namespace flexcim {
namespace {

const std::vector<std::string> kVariants{"dense_dcim",      "fixed_1_2",    "fixed_2_4", "flexcim_published",
                                         "flexcim_window2", "per_cell_mux", "digital_nm"};

Architecture variant(const std::string& name) { return architecture_of("{base: " + name + "}"); }

std::vector<AreaPart> area(const Architecture& architecture, Sequencing sequencing) {
  return EnergyModel(architecture, load_technology("28nm"), sequencing).area();
}

std::string overhead(const Architecture& architecture, Sequencing sequencing) {
  const double dense = dense_macros_mm2(architecture, load_technology("28nm"));
  return fmt::format("{:+.1f} %", 100 * macro_overhead(area(architecture, sequencing), dense));
}

/// mm² by part of each shipped variant, with `grouped`.
std::string parts_table() {
  std::string text = "| mm² | " + fmt::format("{}", fmt::join(kVariants, " | ")) + " |\n| --- |";
  for (std::size_t i = 0; i < kVariants.size(); ++i) text += " --- |";
  std::vector<std::vector<AreaPart>> areas;
  areas.reserve(kVariants.size());
  for (const std::string& name : kVariants) areas.push_back(area(variant(name), Sequencing::grouped));
  for (std::size_t part = 0; part < areas[0].size(); ++part) {
    if (areas[0][part].sram) continue;
    text += "\n| " + areas[0][part].name + " |";
    for (const auto& each : areas) text += fmt::format(" {:.3f} |", each[part].mm2);
  }
  text += "\n| **macro** |";
  for (const auto& each : areas) text += fmt::format(" {:.3f} |", macros_mm2(each));
  text += "\n| over dense |";
  for (const std::string& name : kVariants) text += " " + overhead(variant(name), Sequencing::grouped) + " |";
  return text + "\n";
}

/// What windows, index sequencing, sub-macros and second words cost over the same macro for dense weights.
std::string overhead_table() {
  std::string text =
      "| over dense | w = 1 | w = 2 | w = 4 | w = 1, `scan` | w = 2, `scan` | w = 4, `scan` |\n"
      "| --- | --- | --- | --- | --- | --- | --- |\n";
  const auto row = [&](const std::string& title, Architecture architecture) {
    text += "| " + title + " |";
    for (const Sequencing sequencing : {Sequencing::grouped, Sequencing::scan}) {
      for (const int window : {1, 2, 4}) {
        architecture.macro.window = window;
        text += " " + overhead(architecture, sequencing) + " |";
      }
    }
    text += "\n";
  };
  for (const std::string name : {"dense_dcim", "fixed_1_2", "fixed_2_4", "flexcim_published", "digital_nm"}) {
    row("`" + name + "`", variant(name));
  }
  for (const int sub_macros : {2, 8}) {
    Architecture architecture = variant("flexcim_published");
    architecture.macro.sub_macros = sub_macros;
    row(fmt::format("`flexcim_published`, P = {}", sub_macros), architecture);
  }
  for (const std::string name : {"flexcim_published", "digital_nm"}) {
    Architecture architecture = variant(name);
    architecture.weight_update = WeightUpdate::shadow;
    row("`" + name + "`, `shadow`", architecture);
  }
  return text;
}

}  // namespace

TEST_CASE("docs/energy.md has the areas that the shipped architectures come to") {
  const std::string docs = read_text_file(std::string(FLEXCIM_DOCS_DIR) + "/energy.md");
  for (const std::string& table : {parts_table(), overhead_table()}) {
    INFO("a table differs; copy this one:\n" << table);
    CHECK(docs.find("\n" + table + "\n") != std::string::npos);
  }
}

}  // namespace flexcim
