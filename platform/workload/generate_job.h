// The workload `generate`: a language model, its packed linears, a prompt, and what the golden model makes of it.
#pragma once

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
  std::vector<PackedLinear> linears;   ///< in the model's order, then the output head where the accelerator runs it
  std::optional<Selection> selection;  ///< of their patterns, where they were selected
  std::vector<int> prompt;
  int tokens = 0;           ///< to generate at most
  std::vector<int> ends;    ///< tokens that end the text
  std::vector<int> golden;  ///< what the int8 model generates greedily; none where it is left out
};

/// The tokens of a prompt. Words are bytes, which only a model with a vocabulary of 256 understands. Throws InputError
/// for another vocabulary and for a text that has fewer tokens.
std::vector<int> prompt_tokens(const Prompt& prompt, int vocabulary);

/// The tokens that end the workload's text: none where it does not stop there. Throws InputError as end_tokens does.
std::vector<int> text_ends(const GenerateWorkload& workload);

/// Opens, prunes where need be, and runs the golden model, unless it is left out: then no token is known, and none ends
/// the text. Throws InputError; check_scenario() finds the same with better messages.
GenerateJob generate_job(const GenerateWorkload& workload, const MacroGeometry& macro, Golden golden = Golden::run);

/// How tokens read: as bytes for a vocabulary of 256, as ids separated by spaces for another.
std::string text_of(const std::vector<int>& tokens, int vocabulary);

}  // namespace flexcim
