#include "platform/cli/tech_command.h"

#include "platform/config/data_files.h"
#include "platform/config/figure_list.h"
#include "platform/results/text_table.h"

#include <fmt/format.h>
#include <memory>
#include <string>
#include <vector>

namespace flexcim {
namespace {

std::string table(const std::vector<NamedFigure>& figures) {
  TextTable table({{"figure", Align::left},
                   {"value", Align::right},
                   {"unit", Align::left},
                   {"tag", Align::left},
                   {"source", Align::left}});
  for (const auto& [path, figure] : figures) {
    table.add({path, fmt::format("{:.12g}", figure.value), figure.unit, std::string(1, figure.tag), figure.source});
  }
  return table.render();
}

std::string title(const std::string& name, const std::string& description) {
  return description.empty() ? name : name + ": " + description;
}

std::string text(const Technology& technology) {
  std::vector<int> bytes;
  for (const SramPoint& point : technology.sram.points) bytes.push_back(point.bytes);
  return fmt::format(
      "{}\nactivity {}, activity_basis {}, activity_source {}, sram.points at {} bytes, sram.scale {}, "
      "dram_model {}\n{}",
      title(technology.name, technology.description), technology.activity, technology.activity_basis,
      to_string(technology.activity_source), fmt::join(bytes, ", "), technology.sram.scale,
      to_string(technology.dram_model), table(figures_of(technology)));
}

std::string text(const DramDevice& device) {
  return fmt::format("{}\n{}", title(device.name, device.description), table(figures_of(device)));
}

}  // namespace

void add_tech_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("tech", "Print every figure of a technology with unit, tag and source");
  auto name = std::make_shared<std::string>();
  auto dram = std::make_shared<std::string>();
  command->add_option("technology", *name, "name, or YAML file")->required();
  CLI::Option* device = command->add_option("--dram", *dram, "those of a DRAM device as well: name, or YAML file");
  command->callback([name, dram, device] {
    std::string out = text(load_technology(*name));
    if (device->count() > 0) out += "\n" + text(load_dram_device(*dram));
    fmt::print(
        "{}\nD directly from the source, S scaled, derived or from a cited model, E engineering estimate, "
        "U unverified\n",
        out);
  });
}

}  // namespace flexcim
