#include "platform/cli/report_command.h"

#include "flow/base/output_file.h"
#include "platform/cli/output_place.h"
#include "platform/report/report_data.h"
#include "platform/report/report_page.h"
#include "platform/report/sweep_data.h"
#include "platform/results/result_folder.h"

#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <string>
#include <vector>

namespace flexcim {
namespace {

constexpr const char* kPage = "report.html";

struct ReportFlags {
  std::vector<std::string> folders;
  std::string out;
};

/// All that the folders hold: none is overwritten, whatever the page is called.
std::vector<std::string> files_in(const std::vector<std::string>& folders) {
  std::vector<std::string> files;
  for (const std::string& folder : folders) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
      if (entry.path().filename() != kPage) files.push_back(entry.path().string());
    }
  }
  return files;
}

void report_on(const ReportFlags& flags) {
  if (!flags.out.empty()) require_output_place(flags.out, files_in(flags.folders), true);
  const std::string page = report_page(report_data({flags.folders.begin(), flags.folders.end()}));
  std::string place = flags.out;
  if (place.empty()) {
    if (is_sweep(flags.folders.front())) begin_result_list(flags.folders.front());
    add_result_file(flags.folders.front(), kPage, page);
    place = (std::filesystem::path(flags.folders.front()) / kPage).string();
  } else {
    write_text_file(place, page);
  }
  fmt::print("report: {}\n", place);
}

}  // namespace

void add_report_command(CLI::App& app) {
  auto flags = std::make_shared<ReportFlags>();
  CLI::App* command =
      app.add_subcommand("report", "Make one HTML page of the results of one run or several, or of a sweep");
  command
      ->add_option("folders", flags->folders,
                   "result folders; the first is what others are compared with. Of a sweep its folder alone")
      ->required();
  command->add_option("--out", flags->out, "HTML file; report.html in the first folder if not given");
  command->callback([flags] { report_on(*flags); });
}

}  // namespace flexcim
