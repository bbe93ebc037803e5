#include "platform/cli/number_options.h"

#include "flow/base/error.h"
#include "platform/yaml/number.h"

#include <fmt/format.h>

namespace flexcim {
namespace {

/// An option whose word `read` takes, throwing InputError for a bad one.
template <class Read>
CLI::Option* add(CLI::App& app, const std::string& names, const std::string& type, const std::string& initial,
                 const std::string& description, Read read) {
  const std::string name = names.substr(0, names.find(','));
  CLI::Option* option = app.add_option_function<std::string>(
      names,
      [name, read](const std::string& word) {
        try {
          read(word);
        } catch (const InputError& error) {
          throw CLI::ValidationError(name, error.what());
        }
      },
      description);
  return option->type_name(type)->default_str(initial);
}

/// "a,b,c" in its parts; each comma has one before and one behind it.
template <class V, class Parse>
std::vector<V> parse_list(const std::string& text, const Parse& parse) {
  std::vector<V> values;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    values.push_back(parse(std::string_view(text).substr(begin, end - begin)));
    begin = end + 1;
  }
  return values;
}

}  // namespace

CLI::Option* add_whole(CLI::App& app, const std::string& names, int& target, int low, int high,
                       const std::string& description) {
  return add(app, names, "INT", fmt::format("{}", target), description,
             [&target, low, high](const std::string& word) { target = parse_whole(word, low, high); });
}

CLI::Option* add_real(CLI::App& app, const std::string& names, double& target, double low, double high,
                      const std::string& description) {
  return add(app, names, "FLOAT", fmt::format("{}", target), description,
             [&target, low, high](const std::string& word) { target = parse_real(word, low, high); });
}

CLI::Option* add_wholes(CLI::App& app, const std::string& names, std::vector<int>& target, int low, int high,
                        const std::string& description) {
  return add(app, names, "INT,...", fmt::format("{}", fmt::join(target, ",")), description,
             [&target, low, high](const std::string& text) {
               target =
                   parse_list<int>(text, [low, high](std::string_view word) { return parse_whole(word, low, high); });
             });
}

CLI::Option* add_reals(CLI::App& app, const std::string& names, std::vector<double>& target, double low, double high,
                       const std::string& description) {
  return add(app, names, "FLOAT,...", fmt::format("{}", fmt::join(target, ",")), description,
             [&target, low, high](const std::string& text) {
               target =
                   parse_list<double>(text, [low, high](std::string_view word) { return parse_real(word, low, high); });
             });
}

}  // namespace flexcim
