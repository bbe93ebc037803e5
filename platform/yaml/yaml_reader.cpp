#include "platform/yaml/yaml_reader.h"

#include "platform/yaml/bounded.h"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>
#include <sstream>

namespace flexcim {
namespace {

std::vector<std::string> split(const std::string& path) {
  std::vector<std::string> keys;
  std::stringstream stream(path);
  for (std::string key; std::getline(stream, key, '.');) keys.push_back(key);
  if (!path.empty() && path.back() == '.') keys.emplace_back();
  return keys;
}

std::string text_of(const Override& change) { return "--set " + change.path + "=" + change.value; }

[[noreturn]] void refuse(const Override& change, const std::string& text) {
  throw InputError(text_of(change) + ": " + text);
}

/// No override may undo one before it.
void require_distinct(const std::vector<Override>& overrides) {
  for (auto later = overrides.begin(); later != overrides.end(); ++later) {
    for (auto earlier = overrides.begin(); earlier != later; ++earlier) {
      if (lies_within(earlier->path, later->path)) refuse(*later, "undoes " + text_of(*earlier));
    }
  }
}

YAML::Node parse_value(const Override& change) {
  try {
    YAML::Node value = YAML::Load(change.value);
    require_bounded(value, change.value);
    return value;
  } catch (const YAML::Exception& error) {
    refuse(change, error.msg);
  }
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last, last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = last;
    last = row;
  }
  return last[b.size()];
}

}  // namespace

bool lies_within(const std::string& path, const std::string& ancestor) {
  return path == ancestor || path.rfind(ancestor + ".", 0) == 0;
}

Override parse_override(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw InputError("--set \"" + text + "\": expected key.path=value");
  }
  Override change{text.substr(0, equals), text.substr(equals + 1)};
  for (const std::string& key : split(change.path)) {
    if (key.empty()) throw InputError("--set \"" + text + "\": the path has an empty key");
  }
  return change;
}

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
  std::string best;
  std::size_t best_distance = std::string::npos;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string join_path(const std::string& parent, const std::string& key) {
  return parent.empty() ? key : parent + "." + key;
}

YamlReader::YamlReader(std::filesystem::path file, const std::string& text, std::vector<Override> overrides,
                       const std::map<std::string, std::string>& named, Extends extends)
    : file_(std::move(file)), root_(parse_map(file_, text)), overrides_(std::move(overrides)) {
  if (extends == Extends::allowed) extended_ = extend(root_, file_, named);
  for (const auto& [key, name] : named) {
    if (!name.empty() && !root_[key].IsDefined()) root_[key] = name;
  }
  require_distinct(overrides_);
  for (const Override& change : overrides_) {
    if (extends == Extends::allowed && change.path == kExtends) refuse(change, "only a file can extend another");
    apply(change, named);
  }
}

void YamlReader::apply(const Override& change, const std::map<std::string, std::string>& named) {
  const std::vector<std::string> keys = split(change.path);
  // Nodes are handles: `node` always denotes the one in the tree. reset() rebinds the handle, = would overwrite.
  YAML::Node node = root_;
  std::string path;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    path = join_path(path, keys[i]);
    YAML::Node child;
    if (node.IsSequence()) {
      const bool number = keys[i].find_first_not_of("0123456789") == std::string::npos && keys[i].size() <= 6;
      const std::size_t index = number ? std::stoul(keys[i]) : node.size();
      if (index >= node.size()) {
        refuse(change, fmt::format("\"{}\" is no entry of that list, which has {}", keys[i], node.size()));
      }
      child.reset(node[index]);
    } else {
      child.reset(node[keys[i]]);
    }
    const bool last = i + 1 == keys.size();
    if (last) {
      child = parse_value(change);
    } else if (!child.IsDefined() || !(child.IsMap() || child.IsSequence())) {
      const bool by_name = named.count(path) != 0;
      const bool plain = child.IsDefined() && child.IsScalar();
      if (plain && !by_name) refuse(change, "\"" + path + "\" is a plain value, it has no keys");
      YAML::Node map(YAML::NodeType::Map);
      if (plain) map["base"] = child.Scalar();
      child = map;
    }
    node.reset(child);
  }
}

std::filesystem::path YamlReader::folder(const std::string& path) const {
  const bool set = std::any_of(overrides_.begin(), overrides_.end(),
                               [&](const Override& change) { return lies_within(path, change.path); });
  return std::filesystem::absolute(set ? file_ : extended_.file_of(path, file_)).parent_path();
}

std::string YamlReader::location(const std::string& path, const YAML::Mark& mark) const {
  for (auto change = overrides_.rbegin(); change != overrides_.rend(); ++change) {
    if (lies_within(path, change->path)) return text_of(*change);
  }
  if (!mark.is_null()) return place_in(extended_.file_of(path, file_), mark);
  // A map that exists only because of an override below it.
  for (const Override& change : overrides_) {
    if (lies_within(change.path, path)) return text_of(change);
  }
  return file_.string();
}

void YamlReader::visit(const std::string& path, const YAML::Node& node) { places_[path] = node.Mark(); }

std::string YamlReader::place(const std::string& path, const YAML::Mark& mark) const {
  return location(path, mark) + (path.empty() ? "" : ": " + path);
}

std::string YamlReader::place(const std::string& path, const YAML::Node& node) const {
  return place(path, node.Mark());
}

std::map<std::string, std::string> YamlReader::places() const {
  std::map<std::string, std::string> places;
  for (const auto& [path, mark] : places_) places[path] = place(path, mark);
  places.insert(adopted_.begin(), adopted_.end());  // a key here is laid over the one there
  return places;
}

void YamlReader::problem(const std::string& path, const YAML::Node& node, const std::string& text) {
  problems_.push_back(place(path, node) + ": " + text);
}

void YamlReader::problem(const std::string& path, const std::string& text) {
  const auto place = places_.find(path);
  const YAML::Mark mark = place == places_.end() ? YAML::Mark::null_mark() : place->second;
  problems_.push_back(location(path, mark) + ": " + path + ": " + text);
}

void YamlReader::problem(const std::string& text) { problems_.push_back(file_.string() + ": " + text); }

void YamlReader::adopt(const std::string& path, const std::map<std::string, std::string>& places) {
  for (const auto& [key, place] : places) {
    if (!key.empty()) adopted_[join_path(path, key)] = place;
  }
}

void YamlReader::adopt(const std::string& path, const YamlReader& other) {
  adopt(path, other.places());
  problems_.insert(problems_.end(), other.problems_.begin(), other.problems_.end());
}

void YamlReader::finish() const {
  if (problems_.empty()) return;
  throw InputError(fmt::format("{}", fmt::join(problems_, "\n")));
}

}  // namespace flexcim
