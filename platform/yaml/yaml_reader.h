// A YAML file while it is read: its nodes, the overrides laid over it, and everything found wrong with it.
#pragma once

#include "flow/base/error.h"
#include "platform/yaml/extends.h"
#include "platform/yaml/yaml_file.h"

#include <any>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>
#include <yaml-cpp/yaml.h>

namespace flexcim {

/// `--set path=value`: one value laid over a file before it is checked. The path's keys are separated by dots, list
/// entries are numbers from 0; the value is YAML.
struct Override {
  std::string path;
  std::string value;
};

/// Whether `path` is `ancestor` or lies below it.
bool lies_within(const std::string& path, const std::string& ancestor);

/// Throws InputError unless `text` is `path=value` with a non-empty path without empty keys.
Override parse_override(const std::string& text);

/// The candidate with the smallest edit distance (insert, delete, replace, swap of neighbours), the first of equals;
/// empty if there are no candidates.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

/// What files without mistakes have given, for readers that come to them again.
struct KnownFile {
  std::any value;
  std::map<std::string, std::string> places;  ///< YamlReader::places()
};
using KnownFiles = std::map<std::string, KnownFile>;

/// Reads never throw on bad content: they note a problem and go on, and finish() reports all of them in one InputError,
/// one line each: `file:line:column: key.path: what is wrong`. For a value that came from an override the line starts
/// with `--set path=value` instead.
class YamlReader {
 public:
  /// Whether the file may take keys of another one (extends.h).
  enum class Extends { refused, allowed };

  /// Parses `text`; `file` names it in messages. Throws InputError with
  /// file, line and column for text that is no single YAML document, for an override whose path goes on
  /// below a plain value, and for one that changes what an earlier override has changed. `named`: paths of keys whose
  /// value may be a name, each with its default. An override below one of them (`architecture.rows`) turns the name
  /// into a map {base: name} and changes one key of it. A key at the top that is missing gets its default, unless that
  /// is empty.
  YamlReader(std::filesystem::path file, const std::string& text, std::vector<Override> overrides = {},
             const std::map<std::string, std::string>& named = {}, Extends extends = Extends::refused);

  const std::filesystem::path& file() const { return file_; }
  /// Where a relative path at `path` starts: the folder of the file that the value stands in, absolute.
  std::filesystem::path folder(const std::string& path) const;
  /// The files that it extends.
  const std::vector<std::filesystem::path>& extended_files() const { return extended_.files; }
  const YAML::Node& root() const { return root_; }

  /// Remembers where `path` stands, for problems found after reading.
  void visit(const std::string& path, const YAML::Node& node);
  void problem(const std::string& path, const YAML::Node& node, const std::string& text);
  void problem(const std::string& path, const std::string& text);  ///< at the place of the last visit of `path`
  void problem(const std::string& text);                           ///< of the file as a whole
  /// How a problem at `path` would begin: file, line, column and path, or the override it came from.
  std::string place(const std::string& path, const YAML::Node& node) const;
  /// Runs `check` and notes an InputError it throws as a problem at `path`.
  template <class Check>
  void guard(const std::string& path, Check&& check) {
    try {
      check();
    } catch (const InputError& error) {
      problem(path, error.what());
    }
  }

  /// While set, maps may lack required keys: they change some keys of what was read before.
  bool overlay() const { return overlay_; }
  void set_overlay(bool overlay) { overlay_ = overlay; }

  /// Where it finds and leaves what other files have given; null: nowhere. Outlives it.
  KnownFiles* known_files() const { return known_files_; }
  void set_known_files(KnownFiles* files) { known_files_ = files; }

  bool good() const { return problems_.empty(); }
  /// Takes over the problems of a file that this one refers to at `path`, and the places of its keys.
  void adopt(const std::string& path, const YamlReader& other);
  void adopt(const std::string& path, const std::map<std::string, std::string>& places);
  /// How a problem at each path that was visited would begin, here and in the files referred to.
  std::map<std::string, std::string> places() const;
  void finish() const;  ///< throws InputError if there are problems

 private:
  void apply(const Override& change, const std::map<std::string, std::string>& named);
  std::string location(const std::string& path, const YAML::Mark& mark) const;
  std::string place(const std::string& path, const YAML::Mark& mark) const;

  std::filesystem::path file_;
  YAML::Node root_;
  Extended extended_;
  std::vector<Override> overrides_;
  std::map<std::string, YAML::Mark> places_;
  std::map<std::string, std::string> adopted_;  ///< places in other files
  std::vector<std::string> problems_;
  bool overlay_ = false;
  KnownFiles* known_files_ = nullptr;
};

/// `parent.key`, or `key` at the top.
std::string join_path(const std::string& parent, const std::string& key);

}  // namespace flexcim
