#include "platform/config/data_files.h"

#include "platform/yaml/yaml_types.h"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>

namespace flexcim {
namespace {

namespace fs = std::filesystem;

constexpr int kDeepestBase = 8;  // files that refer to each other in a circle end here
constexpr const char* kNone = "none";

/// One kind of data file.
template <class T>
struct Kind {
  const char* folder;
  const char* what;
  const char* default_base;
  const Schema<T>& (*schema)();
};

constexpr Kind<Architecture> kArchitecture{"architectures", "architecture", kNone, &architecture_schema};
constexpr Kind<Technology> kTechnology{"technologies", "technology", "28nm", &technology_schema};
constexpr Kind<DramDevice> kDram{"dram", "DRAM device", "lpddr4", &dram_device_schema};

/// Whether files of one kind are in folders of that name.
bool holds_data(const fs::path& folder) {
  return folder == kArchitecture.folder || folder == kTechnology.folder || folder == kDram.folder;
}

bool is_path(const std::string& name) {
  const std::string extension = fs::path(name).extension().string();
  return extension == ".yaml" || extension == ".yml";
}

std::vector<std::string> names_in(const std::vector<fs::path>& folders, const char* kind,
                                  const char* extension = ".yaml") {
  std::vector<std::string> names;
  for (const fs::path& folder : folders) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder / kind, error)) {
      if (entry.path().extension() == extension) names.push_back(entry.path().stem().string());
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

/// The file of a name, or empty with a problem noted. `from`: the folder of the file that refers to it; inside
/// architectures/, technologies/ or dram/, what lies beside that folder is found as well.
template <class T>
fs::path find_file(YamlReader& reader, const std::string& path, const YAML::Node& node, const std::string& name,
                   const Kind<T>& kind) {
  const fs::path from = reader.folder(path);
  if (is_path(name)) return (from / name).lexically_normal();
  std::vector<fs::path> folders = data_folders(from);
  if (holds_data(from.filename())) folders.insert(folders.begin(), from.parent_path());
  for (const fs::path& folder : folders) {
    fs::path file = folder / kind.folder / (name + ".yaml");
    std::error_code error;
    if (fs::exists(file, error)) return file;
  }
  const std::vector<std::string> known = names_in(folders, kind.folder);
  reader.problem(path, node,
                 known.empty() ? fmt::format("there is no {} \"{}\"", kind.what, name)
                               : fmt::format("there is no {} \"{}\"; did you mean \"{}\"? Known: {}", kind.what, name,
                                             nearest(name, known), fmt::join(known, ", ")));
  return {};
}

template <class T>
void read_map(YamlReader& reader, const std::string& path, const YAML::Node& node, T& target, const Kind<T>& kind,
              const std::string& default_base, int depth);

/// `path`: of what is read; `key`: of the name.
template <class T>
void read_named(YamlReader& reader, const std::string& path, const std::string& key, const YAML::Node& node,
                const std::string& name, T& target, const Kind<T>& kind, int depth) {
  if (depth > kDeepestBase) return reader.problem(key, node, fmt::format("\"{}\" refers back to itself", name));
  const fs::path file = find_file(reader, key, node, name, kind);
  if (file.empty()) return;
  KnownFiles* const known_files = reader.known_files();
  const std::string known_as = kind.what + file.string();
  if (known_files != nullptr) {
    if (const auto known = known_files->find(known_as); known != known_files->end()) {
      target = std::any_cast<const T&>(known->second.value);
      return reader.adopt(path, known->second.places);
    }
  }
  std::string text;
  try {
    text = read_text_file(file);
  } catch (const InputError& error) {
    return reader.problem(key, node, error.what());
  }
  try {
    YamlReader inner(file, text);
    inner.set_known_files(known_files);
    read_map(inner, "", inner.root(), target, kind, kNone, depth);
    reader.adopt(path, inner);
    if (known_files != nullptr && inner.good()) known_files->insert({known_as, {target, inner.places()}});
  } catch (const InputError& error) {
    reader.problem(key, node, error.what());
  }
}

/// What a map without a base starts from, beyond the defaults of its struct.
template <class T>
void read_defaults(YamlReader&, const std::string&, const YAML::Node&, T&) {}
void read_defaults(YamlReader& reader, const std::string& path, const YAML::Node& node, Architecture& target) {
  const std::string key = join_path(path, "dram.standard");
  read_named(reader, key, key, node, kDram.default_base, target.dram.device, kDram, 0);
}

template <class T>
void read_map(YamlReader& reader, const std::string& path, const YAML::Node& node, T& target, const Kind<T>& kind,
              const std::string& default_base, int depth) {
  std::string base = default_base;
  const YAML::Node base_node = node["base"];
  if (base_node.IsDefined() && base_node.IsScalar()) base = base_node.Scalar();
  if (base != kNone) {
    const bool good = reader.good();
    read_named(reader, path, join_path(path, "base"), base_node.IsDefined() ? base_node : node, base, target, kind,
               depth + 1);
    if (good && !reader.good()) target = T{};
  } else {
    read_defaults(reader, path, node, target);
  }
  const bool outer = reader.overlay();
  reader.set_overlay(base != kNone);
  kind.schema().read(reader, path, node, target);
  reader.set_overlay(outer);
}

/// A map in place, or the whole of a file: only one that changes no other has to have all required keys.
template <class T>
JsonSchema json_of_kind(const Kind<T>& kind, T& defaults, bool file) {
  JsonSchema map = json_of_keys(kind.schema().keys(), &defaults);
  JsonSchema alone{{"properties", {{"base", {{"const", kNone}}}}}};
  if (!file) alone["required"] = {"base"};
  require_only_if(map, alone);
  return map;
}

template <class T>
YamlType<T> data_type(const Kind<T>& kind) {
  YamlType<T> type;
  type.type = "name | path | map";
  type.read = [kind](YamlReader& reader, const std::string& path, const YAML::Node& node, T& target) {
    if (reader.overlay() && node.IsMap() && !node["base"].IsDefined()) {
      return kind.schema().read(reader, path, node, target);
    }
    target = T{};
    if (node.IsScalar()) {
      read_named(reader, path, path, node, node.Scalar(), target, kind, 0);
    } else if (node.IsMap()) {
      read_map(reader, path, node, target, kind, kind.default_base, 0);
    } else {
      reader.problem(path, node, fmt::format("expected the {} by name, by path, or as a map of its keys", kind.what));
    }
  };
  type.write = [kind](YAML::Emitter& out, T& value) { kind.schema().write(out, value); };
  type.json = [kind](T& value) { return json_or_word(json_of_kind(kind, value, false)); };
  type.find = [kind](const std::string& path, T& value) { return kind.schema().find(value, path); };
  return type;
}

template <class T>
JsonSchema file_json(const Kind<T>& kind) {
  T defaults{};
  return json_of_kind(kind, defaults, true);
}

/// `check`: what no single key shows.
template <class T>
T load_alone(const std::string& name, const Kind<T>& kind, void (*check)(YamlReader&, const std::string&, const T&)) {
  const std::string what = kind.what;
  if (name.empty()) throw InputError("command line: " + what + ": is empty; expected a name or a path");
  YamlReader reader("command line", "{}", {}, {{what, name}});
  T result;
  data_type(kind).read(reader, what, reader.root()[what], result);
  if (reader.good()) check(reader, what, result);
  reader.finish();
  return result;
}

/// The scenarios that were installed with the running program, PREFIX/bin beside PREFIX/share; empty if it is not an
/// installed one.
fs::path installed_scenarios() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  const fs::path scenarios = program.parent_path().parent_path() / FLEXCIM_INSTALLED_SCENARIOS;
  return !error && fs::is_directory(scenarios, error) ? scenarios : fs::path();
}

}  // namespace

std::vector<fs::path> data_folders(const fs::path& scenario_folder) {
  std::vector<fs::path> folders{scenario_folder};
  if (const char* data = std::getenv("FLEXCIM_DATA"); data != nullptr && *data != '\0') folders.emplace_back(data);
  const fs::path installed = installed_scenarios();
  folders.push_back(installed.empty() ? fs::path(FLEXCIM_SCENARIOS_DIR) : installed);
  return folders;
}

YamlType<Architecture> architecture_type() { return data_type(kArchitecture); }
YamlType<Technology> technology_type() { return data_type(kTechnology); }
YamlType<DramDevice> dram_device_type() { return data_type(kDram); }

JsonSchema architecture_file_json() { return file_json(kArchitecture); }
JsonSchema technology_file_json() { return file_json(kTechnology); }
JsonSchema dram_file_json() { return file_json(kDram); }

std::string architecture_text(Architecture architecture) {
  YAML::Emitter out;
  architecture_schema().write(out, architecture);
  return out.c_str();
}

fs::path find_shapes(const std::string& name, const fs::path& from) {
  constexpr const char* kShapes = "shapes";
  std::error_code error;
  fs::path path = (from / name).lexically_normal();
  if (fs::is_directory(path, error)) return path / "config.json";
  if (path.extension() == ".json") return path;
  const std::vector<fs::path> folders = data_folders(from);
  for (const fs::path& folder : folders) {
    fs::path file = folder / kShapes / (name + ".json");
    if (fs::exists(file, error)) return file;
  }
  const std::vector<std::string> known = names_in(folders, kShapes, ".json");
  throw InputError(fmt::format("there is no model \"{}\"; did you mean \"{}\"? Known: {}", name, nearest(name, known),
                               fmt::join(known, ", ")));
}

Technology load_technology(const std::string& name) { return load_alone(name, kTechnology, check_technology); }
DramDevice load_dram_device(const std::string& name) { return load_alone(name, kDram, check_dram_device); }

}  // namespace flexcim
