// The models that ship with the project, against what their training script measured.
#include "flow/base/error.h"
#include "flow/base/json_input.h"
#include "flow/model/evaluate.h"
#include "flow/model/float_runner.h"
#include "flow/model/load_model.h"
#include "flow/select/token_file.h"

#include <catch2/catch.hpp>

using namespace flexcim;

namespace {

/// The whole text takes ten seconds of processor time, so its start is compared.
void check_agreement(const std::string& name, double limit) {
  const std::string directory = std::string(FLEXCIM_SOURCE_DIR) + "/scenarios/models/" + name;
  const nlohmann::json training = read_json(directory + "/training.json");
  CHECK(training.at("bits_per_byte").get<double>() <= limit);
  const double expected = training.at("start").at("bits_per_byte");
  const std::unique_ptr<LanguageModel> model = load_model(directory);
  FloatRunner runner(*model);
  std::vector<int> tokens = read_tokens(directory + "/evaluation.txt", model->text()).front();
  REQUIRE(tokens.size() == training.at("evaluation_bytes").get<std::size_t>());
  tokens.resize(training.at("start").at("evaluation_bytes"));
  const double found = bits_per_token(*model, runner, {tokens}, training.at("context").get<int>(), 0);
  CHECK(found == Approx(expected).epsilon(1e-4));
}

}  // namespace

TEST_CASE("tiny-llama predicts unseen text as well as its training script says", "[slow]") {
  check_agreement("tiny-llama", 1.95);
}

TEST_CASE("tiny-mamba predicts unseen text as well as its training script says", "[slow]") {
  check_agreement("tiny-mamba", 2.10);
}
