// Reads a dump back.
#pragma once

#include <cstdint>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace flexcim {

inline std::string contents(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Of each signal, by hierarchical name: times and values as text, without the letter of their type.
using VcdChanges = std::map<std::string, std::vector<std::pair<std::uint64_t, std::string>>>;

inline VcdChanges read_vcd(const std::string& path) {
  std::map<std::string, std::string> name_of;
  VcdChanges changes;
  std::vector<std::string> scope;
  std::uint64_t time = 0;
  bool values = false;
  std::istringstream text(contents(path));
  for (std::string line; std::getline(text, line);) {
    std::istringstream words(line);
    std::string first, type, width, id, name;
    words >> first;
    if (first == "$scope") {
      words >> type >> name;
      scope.push_back(name);
    } else if (first == "$upscope") {
      scope.pop_back();
    } else if (first == "$var") {
      words >> type >> width >> id >> name;
      std::string full;
      for (const auto& part : scope) full += part + ".";
      name_of[id] = full + name;
    } else if (first == "$enddefinitions") {
      values = true;
    } else if (!values || first.empty()) {
      continue;
    } else if (first[0] == '#') {
      time = std::stoull(first.substr(1));
    } else if (first[0] == 'b' || first[0] == 's' || first[0] == 'r') {
      words >> id;
      changes[name_of.at(id)].push_back({time, first.substr(1)});
    } else if (first[0] != '$') {
      changes[name_of.at(first.substr(1))].push_back({time, first.substr(0, 1)});
    }
  }
  return changes;
}

/// A number as a dump has it: digit by digit, without leading zeros.
inline std::string two_complement(std::int64_t value, int width) {
  std::string digits;
  for (int bit = width - 1; bit >= 0; --bit) digits += (value >> bit) & 1 ? '1' : '0';
  const std::size_t first = digits.find('1');
  return first == std::string::npos ? "0" : digits.substr(first);
}

}  // namespace flexcim
