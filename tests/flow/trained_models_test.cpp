// The models that ship with the project, against what their training script measured.
#include "flow/error.h"
#include "flow/json_input.h"
#include "flow/model/evaluate.h"
#include "flow/model/float_runner.h"
#include "flow/model/load_model.h"
#include "flow/select/token_file.h"

#include <catch2/catch.hpp>

using namespace flexcim;

namespace {

void check_agreement(const std::string& name, double limit) {
  const std::string directory = std::string(FLEXCIM_SOURCE_DIR) + "/scenarios/models/" + name;
  const nlohmann::json training = read_json(directory + "/training.json");
  const double measured = training.at("bits_per_byte");
  const std::unique_ptr<LanguageModel> model = load_model(directory);
  FloatRunner runner(*model);
  const std::vector<int> tokens = read_tokens(directory + "/evaluation.txt", model->vocabulary());
  REQUIRE(tokens.size() == training.at("evaluation_bytes").get<std::size_t>());
  const double found = bits_per_token(*model, runner, tokens, training.at("context").get<int>(), 0);
  CHECK(found == Approx(measured).epsilon(0.001));
  CHECK(found <= limit);
}

}  // namespace

TEST_CASE("tiny-llama predicts unseen text as well as its training script says") {
  check_agreement("tiny-llama", 1.95);
}
