#include "platform/yaml/extends.h"

#include "flow/base/error.h"
#include "platform/yaml/yaml_file.h"
#include "platform/yaml/yaml_reader.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace flexcim {
namespace {

namespace fs = std::filesystem;
using Named = std::map<std::string, std::string>;

/// A map with its file, and what it has from others.
struct Layer {
  fs::path file;
  YAML::Node root;
  Extended extended;
};

/// Whether `kind` says that two maps do not have the same keys.
bool other_kind(const YAML::Node& a, const YAML::Node& b) {
  return a["kind"].IsDefined() && b["kind"].IsDefined() && a["kind"].IsScalar() && b["kind"].IsScalar() &&
         a["kind"].Scalar() != b["kind"].Scalar();
}

/// Notes that `path` is what stands at `there` in `lower`.
void take(Extended& upper, const std::string& path, const Layer& lower, const std::string& there) {
  upper.origins[path] = lower.extended.file_of(there, lower.file);
  for (const auto& [below, file] : lower.extended.origins) {
    if (below.rfind(there + ".", 0) == 0) upper.origins[path + below.substr(there.size())] = file;
  }
}

/// Puts into `upper`, the map at `path`, what it has not.
void lay_under(YAML::Node upper, const YAML::Node& lower, const std::string& path, Extended& extended,
               const Layer& lower_file, const Named& named) {
  std::map<std::string, const YAML::Node> own;
  for (const auto& entry : upper) {
    if (entry.first.IsScalar()) own.emplace(entry.first.Scalar(), entry.second);
  }
  for (const auto& entry : lower) {
    const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "";
    const std::string here = join_path(path, name);
    const auto found = own.find(name);
    if (found == own.end()) {
      upper.force_insert(entry.first, entry.second);  // also a key that is given twice, for the schema to see
      take(extended, here, lower_file, here);
    } else if (const YAML::Node& value = found->second; !value.IsMap()) {
      continue;
    } else if (entry.second.IsMap() && !other_kind(value, entry.second)) {
      lay_under(value, entry.second, here, extended, lower_file, named);
    } else if (named.count(here) != 0 && entry.second.IsScalar() && !value["base"].IsDefined()) {
      YAML::Node(value).force_insert("base", entry.second);
      take(extended, here + ".base", lower_file, here);
    }
  }
}

/// `chain`: the files that have led here, `layer.file` the last.
void extend(Layer& layer, const Named& named, std::vector<fs::path> chain) {
  const YAML::Node value = std::as_const(layer.root)[kExtends];
  if (!value.IsDefined()) return;
  const auto refuse = [&](const std::string& text) {
    throw InputError(fmt::format("{}: {}: {}", place_in(layer.file, value.Mark()), kExtends, text));
  };
  if (!value.IsScalar() || value.Scalar().empty()) refuse("expected the path of a file");
  layer.root.remove(kExtends);
  if (std::as_const(layer.root)[kExtends].IsDefined()) refuse("given twice");

  Layer lower;
  lower.file = (layer.file.parent_path() / value.Scalar()).lexically_normal();
  std::error_code error;
  const auto same = [&](const fs::path& file) { return fs::equivalent(file, lower.file, error); };
  if (std::any_of(chain.begin(), chain.end(), same)) refuse(lower.file.string() + " leads back to itself");
  std::string text;
  try {
    text = read_text_file(lower.file);
  } catch (const InputError& unreadable) {
    refuse(unreadable.what());
  }
  lower.root = parse_map(lower.file, text);
  chain.push_back(lower.file);
  extend(lower, named, std::move(chain));

  layer.extended.files.push_back(lower.file);
  layer.extended.files.insert(layer.extended.files.end(), lower.extended.files.begin(), lower.extended.files.end());
  lay_under(layer.root, lower.root, "", layer.extended, lower, named);
}

}  // namespace

const fs::path& Extended::file_of(const std::string& path, const fs::path& own) const {
  for (std::string known = path; !origins.empty() && !known.empty();) {
    const auto found = origins.find(known);
    if (found != origins.end()) return found->second;
    const std::size_t dot = known.rfind('.');
    known.resize(dot == std::string::npos ? 0 : dot);
  }
  return own;
}

Extended extend(const YAML::Node& root, const fs::path& file, const Named& named) {
  Layer layer{file, root, {}};
  extend(layer, named, {file});
  return layer.extended;
}

}  // namespace flexcim
