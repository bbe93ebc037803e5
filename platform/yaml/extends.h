// `extends: FILE`: a YAML file that takes the keys of another one, and changes some.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>
#include <yaml-cpp/yaml.h>

namespace flexcim {

constexpr const char* kExtends = "extends";

/// What a file has from those that it extends.
struct Extended {
  std::vector<std::filesystem::path> files;  ///< all of them, the one that it names first
  /// The file of what another one gives, by path; with all that is below.
  std::map<std::string, std::filesystem::path> origins;

  /// The file in which `path` stands; `own` is the one that extends.
  const std::filesystem::path& file_of(const std::string& path, const std::filesystem::path& own) const;
};

/// Takes the key `extends` out of `root`, the map of `file`, and puts into it what the file that it names has, and
/// those that that one extends, and `root` has not. Maps are merged key by key, unless their `kind` differs; lists and
/// values of `root` stay. Where a key in `named` is a name there and a map without `base` here, the name becomes its
/// base. Throws InputError, with the place of the key, for a file that cannot be read, is no YAML map, or comes back to
/// one before it.
Extended extend(const YAML::Node& root, const std::filesystem::path& file,
                const std::map<std::string, std::string>& named);

}  // namespace flexcim
