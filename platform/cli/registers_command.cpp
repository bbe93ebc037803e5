#include "platform/cli/registers_command.h"

#include "platform/soc/platform_svd.h"
#include "platform/soc/platform_tables.h"

#include <cstdio>
#include <memory>

namespace flexcim {

void add_registers_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("registers", "Print address map, registers, descriptor and error codes");
  auto c_header = std::make_shared<bool>(false);
  auto svd = std::make_shared<bool>(false);
  CLI::Option* header = command->add_flag("--c-header", *c_header, "as a C header for drivers");
  command->add_flag("--svd", *svd, "registers as CMSIS-SVD for debuggers")->excludes(header);
  command->callback([c_header, svd] {
    if (*c_header || *svd) {
      std::printf("%s", (*svd ? platform_svd() : platform_c_header()).c_str());
      return;
    }
    for (const PlatformTable& table : platform_tables()) {
      std::printf("%s\n\n%s\n", table.title.c_str(), table.markdown.c_str());
    }
  });
}

}  // namespace flexcim
