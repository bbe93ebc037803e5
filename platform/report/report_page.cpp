#include "platform/report/report_page.h"

#include "flow/base/json_output.h"

#include <stdexcept>
#include <string_view>
#include <utility>

// cmake/FlexcimPage.cmake puts the files into the program.
extern "C" {
extern const char flexcim_page_html[], flexcim_page_html_end[];
extern const char flexcim_page_style[], flexcim_page_style_end[];
extern const char flexcim_page_library[], flexcim_page_library_end[];
extern const char flexcim_page_licence[], flexcim_page_licence_end[];
extern const char flexcim_page_script[], flexcim_page_script_end[];
}

namespace flexcim {
namespace {

std::string_view between(const char* begin, const char* end) { return {begin, static_cast<std::size_t>(end - begin)}; }

/// As the content of a script element, which ends at the first "</script" whatever is around it.
std::string script_text(std::string json) {
  for (std::size_t at = 0; (at = json.find('<', at)) != std::string::npos;) json.replace(at, 1, "\\u003c");
  return json;
}

}  // namespace

std::string report_page(const nlohmann::ordered_json& data) {
  const std::string text = script_text(result_text(data));
  const std::pair<std::string_view, std::string_view> parts[] = {
      {"{{style}}", between(flexcim_page_style, flexcim_page_style_end)},
      {"{{licence}}", between(flexcim_page_licence, flexcim_page_licence_end)},
      {"{{data}}", text},
      {"{{library}}", between(flexcim_page_library, flexcim_page_library_end)},
      {"{{script}}", between(flexcim_page_script, flexcim_page_script_end)},
  };
  std::string_view rest = between(flexcim_page_html, flexcim_page_html_end);
  std::string page;
  for (const auto& [place, part] : parts) {
    const std::size_t at = rest.find(place);
    if (at == std::string_view::npos) throw std::logic_error("page.html has no " + std::string(place));
    page.append(rest.substr(0, at)).append(part);
    rest.remove_prefix(at + place.size());
  }
  return page.append(rest);
}

}  // namespace flexcim
