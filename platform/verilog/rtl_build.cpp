#include "platform/verilog/rtl_build.h"

#include "flow/base/content_hash.h"
#include "flow/base/error.h"
#include "platform/config/findings.h"
#include "platform/yaml/yaml_file.h"

#include <algorithm>
#include <fmt/format.h>

namespace flexcim {
namespace {

namespace fs = std::filesystem;

/// The project's own, top first.
constexpr const char* kModules[] = {"flexcim_macro", "sequencer",   "distributor", "sub_macro",
                                    "column",        "psum_buffer", "merger",      "pipeline_stage"};

/// The project's own SystemVerilog: what is installed with the running program, or the source tree's.
fs::path own_sources() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  fs::path installed = program.parent_path().parent_path() / FLEXCIM_INSTALLED_VERILOG;
  return !error && fs::is_directory(installed, error) ? installed : fs::path(FLEXCIM_VERILOG_DIR);
}

std::string quoted(const std::string& word) {
  if (word.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./=:,+-") ==
      std::string::npos) {
    return word;
  }
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

}  // namespace

MacroInterface macro_interface(const Scenario& scenario) {
  const Architecture& architecture = scenario.architecture;
  return {architecture.macro, architecture.weight_update, scenario.sequencing == Sequencing::scan,
          architecture.merge == MergeMode::concat};
}

RtlBuild rtl_build(const Scenario& scenario) {
  RtlBuild build;
  build.sources = scenario.verilog.sources;
  if (build.sources.empty()) {
    const fs::path folder = own_sources();
    for (const char* module : kModules) build.sources.push_back(folder / (std::string(module) + ".sv"));
  }
  build.top = scenario.verilog.top;
  build.geometry = macro_parameters(macro_interface(scenario));
  build.parameters = scenario.verilog.parameters;

  Findings findings;
  std::string text = fmt::format("{} {} {}", FLEXCIM_VERSION, FLEXCIM_RTL_VERSION, build.top);
  for (const MacroParameter& each : build.geometry) text += fmt::format(" {}={}", each.name, each.value);
  for (const VerilogParameter& each : build.parameters) {
    text += fmt::format("\n{}={}", each.name, each.value);
    if (std::any_of(build.geometry.begin(), build.geometry.end(),
                    [&](const MacroParameter& known) { return known.name == each.name; })) {
      findings.add(scenario.place("verilog.parameters." + each.name), "follows from the architecture and the scenario");
    }
  }
  for (std::size_t i = 0; i < build.sources.size(); ++i) {
    build.sources[i] = fs::absolute(build.sources[i]).lexically_normal();
    const std::string key =
        scenario.verilog.sources.empty() ? std::string("verilog") : fmt::format("verilog.sources.{}", i);
    findings.check(scenario.place(key), [&] {
      const std::string source = read_text_file(build.sources[i]);
      text += "\n" + hash_text(content_hash(source.data(), source.size()));
    });
  }
  findings.finish();
  build.library = kRtlCache / fmt::format("{}-{}.so", build.top, hash_text(content_hash(text.data(), text.size())));
  return build;
}

void require_verilog(const Scenario& scenario) {
  try {
    require_describable(scenario.architecture.macro);
  } catch (const InputError& error) {
    throw InputError(scenario.place("architecture") + ": " + error.what());
  }
}

std::string build_command(const Scenario& scenario) {
  std::string command = "scripts/verilate " + quoted(scenario.file.string());
  for (const Override& each : scenario.overrides) command += " --set " + quoted(each.path + "=" + each.value);
  return command;
}

std::shared_ptr<const RtlLibrary> load_rtl(const Scenario& scenario) {
  const RtlBuild build = rtl_build(scenario);
  std::error_code ignored;
  if (!fs::exists(build.library, ignored)) {
    throw InputError(
        fmt::format("{}: the macro {} has not been compiled: {} does that, and has to be repeated when its "
                    "sources or the architecture change",
                    scenario.place("verilog"), build.top, build_command(scenario)));
  }
  return std::make_shared<const RtlLibrary>(build.library.string(), macro_interface(scenario));
}

}  // namespace flexcim
