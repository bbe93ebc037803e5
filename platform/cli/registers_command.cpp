#include "platform/cli/registers_command.h"

#include "platform/soc/platform_tables.h"

#include <cstdio>
#include <memory>

namespace flexcim {

void add_registers_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("registers", "Print address map, registers, descriptor and error codes");
  auto c_header = std::make_shared<bool>(false);
  command->add_flag("--c-header", *c_header, "as a C header for drivers");
  command->callback([c_header] {
    if (*c_header) {
      std::printf("%s", platform_c_header().c_str());
      return;
    }
    for (const PlatformTable& table : platform_tables()) {
      std::printf("%s\n\n%s\n", table.title.c_str(), table.markdown.c_str());
    }
  });
}

}  // namespace flexcim
