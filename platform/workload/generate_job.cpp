#include "platform/workload/generate_job.h"

#include "flow/base/error.h"
#include "flow/base/finite.h"
#include "flow/model/end_tokens.h"
#include "flow/model/generate.h"
#include "flow/model/int8_runner.h"
#include "flow/model/load_model.h"
#include "flow/pack/pack_head.h"

#include <fmt/format.h>

namespace flexcim {
namespace {

constexpr int kBytes = 256;

}  // namespace

std::vector<int> prompt_tokens(const Prompt& prompt, int vocabulary) {
  if (const auto* range = std::get_if<TokenRange>(&prompt)) return read_range(*range, vocabulary);
  if (vocabulary != kBytes) {
    throw InputError(
        fmt::format("the model's vocabulary of {} is not bytes; give the prompt's token ids as a text: "
                    "tensor \"tokens\" of a .safetensors file",
                    vocabulary));
  }
  std::vector<int> tokens;
  for (const char byte : std::get<std::string>(prompt)) tokens.push_back(static_cast<unsigned char>(byte));
  return tokens;
}

std::vector<int> text_ends(const GenerateWorkload& workload) {
  return workload.stop_at_eos ? end_tokens(workload.model.string()) : std::vector<int>();
}

GenerateJob generate_job(const GenerateWorkload& workload, const MacroGeometry& macro, Golden golden) {
  GenerateJob job;
  job.model = load_model(workload.model.string());
  job.prompt = prompt_tokens(workload.prompt, job.model->vocabulary());
  ModelLinears packed = packed_linears(workload.model, workload.flow, *job.model, job.model->blocks() - 1, macro);
  job.linears = std::move(packed.linears);
  job.selection = std::move(packed.selection);
  if (workload.head == HeadPlace::accelerator) job.linears.push_back(pack_head(*job.model));
  job.tokens = workload.tokens;
  if (golden == Golden::left_out) return job;
  job.ends = text_ends(workload);
  Int8Runner int8(job.linears);
  job.golden = naming_not_finite(workload.model.string(),
                                 [&] { return generate_greedy(*job.model, int8, job.prompt, job.tokens, job.ends); });
  return job;
}

std::string text_of(const std::vector<int>& tokens, int vocabulary) {
  if (vocabulary != kBytes) return fmt::format("{}", fmt::join(tokens, " "));
  std::string text;
  for (const int token : tokens) text += static_cast<char>(token);
  return text;
}

}  // namespace flexcim
