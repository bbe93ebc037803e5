#include "flow/json_input.h"

#include "flow/error.h"
#include "flow/mapped_file.h"

#include <algorithm>
#include <set>
#include <vector>

namespace flexcim {

nlohmann::json parse_json(std::string_view text, const std::string& where) {
  using Event = nlohmann::json::parse_event_t;
  std::vector<std::set<std::string>> open_objects;
  const auto refuse_duplicates = [&](int /*depth*/, Event event, nlohmann::json& parsed) {
    if (event == Event::object_start) open_objects.emplace_back();
    if (event == Event::object_end) open_objects.pop_back();
    if (event == Event::key && !open_objects.back().insert(parsed.get<std::string>()).second) {
      throw InputError(where + ": the key \"" + parsed.get<std::string>() + "\" occurs twice");
    }
    return true;
  };
  try {
    return nlohmann::json::parse(text.begin(), text.end(), refuse_duplicates);
  } catch (const nlohmann::json::parse_error& error) {
    const std::size_t byte = std::min<std::size_t>(error.byte, text.size());
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(byte), '\n');
    throw InputError(where + ":" + std::to_string(line) + ": is not valid JSON at byte " + std::to_string(byte));
  } catch (const nlohmann::json::exception&) {  // numbers beyond double
    throw InputError(where + ": is not valid JSON: a number is out of range");
  }
}

nlohmann::json read_json(const std::string& path) { return parse_json(MappedFile(path).text(), path); }

}  // namespace flexcim
