#include "platform/workload/generate_job.h"

#include "flow/base/error.h"
#include "flow/base/finite.h"
#include "flow/model/end_tokens.h"
#include "flow/model/generate.h"
#include "flow/model/int8_runner.h"
#include "flow/model/load_model.h"

namespace flexcim {
std::vector<int> prompt_tokens(const Prompt& prompt, const ModelText& model) {
  if (const auto* range = std::get_if<TokenRange>(&prompt)) return read_range(*range, model);
  return model.tokenizer().encode(std::get<std::string>(prompt));
}

std::vector<int> text_ends(const GenerateWorkload& workload) {
  return workload.stop_at_eos ? end_tokens(workload.model.string()) : std::vector<int>();
}

GenerateJob generate_job(const GenerateWorkload& workload, const MacroGeometry& macro, Golden golden) {
  GenerateJob job;
  job.model = load_model(workload.model.string());
  job.prompt = prompt_tokens(workload.prompt, job.model->text());
  ModelLinears packed = packed_linears(workload.model, workload.flow, *job.model, job.model->blocks() - 1, macro);
  job.linears = std::move(packed.linears);
  job.selection = std::move(packed.selection);
  job.tokens = workload.tokens;
  if (golden == Golden::left_out) return job;
  job.ends = text_ends(workload);
  Int8Runner int8(job.linears);
  job.golden = naming_not_finite(workload.model.string(),
                                 [&] { return generate_greedy(*job.model, int8, job.prompt, job.tokens, job.ends); });
  return job;
}

}  // namespace flexcim
