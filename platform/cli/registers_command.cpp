#include "platform/cli/registers_command.h"

#include "platform/soc/platform_rdl.h"
#include "platform/soc/platform_svd.h"
#include "platform/soc/platform_tables.h"

#include <cstdio>
#include <memory>

namespace flexcim {

void add_registers_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("registers", "Print address map, registers, descriptor and error codes");
  auto print = std::make_shared<std::string (*)()>(nullptr);
  CLI::Option_group* format = command->add_option_group("Format", "in place of tables");
  format->require_option(0, 1);
  format->add_flag_callback(
      "--c-header", [print] { *print = platform_c_header; }, "as a C header for drivers");
  format->add_flag_callback(
      "--svd", [print] { *print = platform_svd; }, "registers as CMSIS-SVD for debuggers");
  format->add_flag_callback(
      "--systemrdl", [print] { *print = platform_rdl; }, "registers as SystemRDL for register tools");
  command->callback([print] {
    if (*print != nullptr) {
      std::printf("%s", (*print)().c_str());
      return;
    }
    for (const PlatformTable& table : platform_tables()) {
      std::printf("%s\n\n%s\n", table.title.c_str(), table.markdown.c_str());
    }
  });
}

}  // namespace flexcim
