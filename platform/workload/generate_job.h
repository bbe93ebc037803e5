// The workload `generate`: a language model, its packed linears, a prompt, and what the golden model makes of it.
#pragma once

#include "flow/model/int8_runner.h"
#include "flow/model/language_model.h"
#include "flow/pack/packed_linear.h"
#include "platform/config/scenario.h"
#include "platform/workload/packed_linears.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace flexcim {

struct GenerateJob {
  std::unique_ptr<LanguageModel> model;
  std::vector<PackedLinear> linears;  ///< in the model's order, then the output head where the accelerator runs it
  Int8Runner::Attention attention = Int8Runner::Attention::in_float;  ///< in int8 where the accelerator runs it
  std::vector<MappedVector<std::uint8_t>> images;  ///< of those in the model, as of a GemmJob; none at all where they
                                                   ///< are not cached
  std::optional<Selection> selection;              ///< of their patterns, where they were selected
  std::vector<int> prompt;
  int tokens = 0;         ///< to generate at most
  std::vector<int> ends;  ///< tokens that end the text
  Golden golden_model = Golden::run;
  std::vector<int> golden;  ///< what the int8 model generates greedily; none unless it has run
  std::string name;         ///< of the model, for messages
};

/// Throws InputError that names a model without attention.
void require_attention(const LanguageModel& model, const std::string& name);

/// The tokens of a prompt: words are what the model's tokenizer makes of them. Throws InputError for words where it has
/// none, as ModelText does, and for a text that has fewer tokens.
std::vector<int> prompt_tokens(const Prompt& prompt, const ModelText& model);

/// The tokens that end the workload's text: none where it does not stop there. Throws InputError as end_tokens does.
std::vector<int> text_ends(const GenerateWorkload& workload);

/// Opens, prunes where need be, and runs the golden model where it is to run now. Where it is left out no token is
/// known, and none ends the text. Throws InputError; check_scenario() finds the same with better messages.
GenerateJob generate_job(const GenerateWorkload& workload, const ImageSettings& hardware, Golden golden = Golden::run);

/// What the golden int8 model generates. Throws NotFiniteError naming the model.
std::vector<int> golden_generation(const GenerateJob& job);

}  // namespace flexcim
