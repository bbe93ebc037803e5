#include "platform/config/host_costs.h"
#include "platform/config/scenario.h"
#include "platform/results/columns.h"

#include <catch2/catch.hpp>

namespace flexcim {

TEST_CASE("docs/scenarios.md has the tables that the schema declares") {
  const std::string docs = read_text_file(std::string(FLEXCIM_DOCS_DIR) + "/scenarios.md");
  for (const KeyTable& table : scenario_key_tables()) {
    INFO("the table \"" << table.title << "\" differs from what `flexcim keys` prints; copy it:\n" << table.markdown);
    CHECK(docs.find("\n" + table.markdown + "\n") != std::string::npos);
  }
}

TEST_CASE("docs/results.md has the tables of the lists that files are written from") {
  const std::string docs = read_text_file(std::string(FLEXCIM_DOCS_DIR) + "/results.md");
  for (const ResultTable& table : result_tables()) {
    INFO("the table \"" << table.title << "\" differs; copy this one:\n" << table.markdown);
    CHECK(docs.find("\n" + table.markdown + "\n") != std::string::npos);
  }
}

TEST_CASE("docs/generate.md has the costs that the host has") {
  const std::string docs = read_text_file(std::string(FLEXCIM_DOCS_DIR) + "/generate.md");
  INFO("copy this table:\n" << host_cost_table());
  CHECK(docs.find("\n" + host_cost_table() + "\n") != std::string::npos);
}

}  // namespace flexcim
