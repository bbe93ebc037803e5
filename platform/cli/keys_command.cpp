#include "platform/cli/keys_command.h"

#include "platform/config/json_schemas.h"
#include "platform/config/scenario.h"

#include <cstdio>
#include <memory>
#include <string>

namespace flexcim {

void add_keys_command(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("keys", "Print the keys of scenarios, architectures, technologies and DRAM devices");
  auto file = std::make_shared<std::string>();
  command->add_option("--json-schema", *file, "as JSON Schema of such a file, in place of tables")
      ->check(CLI::IsMember(json_schema_names()));
  command->callback([file] {
    if (!file->empty()) {
      std::printf("%s", json_schema_text(*file).c_str());
      return;
    }
    for (const KeyTable& table : scenario_key_tables()) {
      std::printf("%s\n\n%s\n", table.title.c_str(), table.markdown.c_str());
    }
  });
}

}  // namespace flexcim
