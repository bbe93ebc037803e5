#include "platform/config/figure_list.h"

#include <yaml-cpp/yaml.h>

namespace flexcim {
namespace {

/// The figures in what a schema has written: a schema writes all its keys, and figures as maps with a tag.
void collect(const YAML::Node& node, const std::string& path, std::vector<NamedFigure>& figures) {
  if (node.IsSequence()) {
    for (std::size_t i = 0; i < node.size(); ++i) collect(node[i], join_path(path, std::to_string(i)), figures);
  } else if (node.IsMap() && node["tag"].IsDefined()) {
    figures.push_back({path,
                       {node["value"].as<double>(), node["unit"].as<std::string>(), node["tag"].as<char>(),
                        node["source"].as<std::string>()}});
  } else if (node.IsMap()) {
    for (const auto& entry : node) collect(entry.second, join_path(path, entry.first.Scalar()), figures);
  }
}

template <class T>
std::vector<NamedFigure> figures(const Schema<T>& schema, T holder) {
  YAML::Emitter out;
  schema.write(out, holder);
  std::vector<NamedFigure> figures;
  collect(YAML::Load(out.c_str()), "", figures);
  return figures;
}

}  // namespace

std::vector<NamedFigure> figures_of(const Technology& technology) { return figures(technology_schema(), technology); }
std::vector<NamedFigure> figures_of(const DramDevice& device) { return figures(dram_device_schema(), device); }

}  // namespace flexcim
