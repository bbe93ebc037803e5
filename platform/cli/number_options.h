// Options of subcommands that take numbers, read as scenarios read theirs (platform/yaml/number.h).
#pragma once

#include <CLI/CLI.hpp>
#include <limits>
#include <string>
#include <vector>

namespace flexcim {

constexpr int kAnyWhole = std::numeric_limits<int>::max();

/// An option `names` with the value of `target` as its default. A word that is no whole number in [low, high] is an
/// error of parsing that says so, as is the option given twice.
CLI::Option* add_whole(CLI::App& app, const std::string& names, int& target, int low, int high,
                       const std::string& description);
CLI::Option* add_real(CLI::App& app, const std::string& names, double& target, double low, double high,
                      const std::string& description);
/// At least one number, separated by commas.
CLI::Option* add_wholes(CLI::App& app, const std::string& names, std::vector<int>& target, int low, int high,
                        const std::string& description);
CLI::Option* add_reals(CLI::App& app, const std::string& names, std::vector<double>& target, double low, double high,
                       const std::string& description);

}  // namespace flexcim
