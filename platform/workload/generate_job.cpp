#include "platform/workload/generate_job.h"

#include "flow/base/error.h"
#include "flow/base/finite.h"
#include "flow/model/end_tokens.h"
#include "flow/model/generate.h"
#include "flow/model/load_model.h"
#include "flow/pack/pack_head.h"

namespace flexcim {

void require_attention(const LanguageModel& model, const std::string& name) {
  if (model.attention().heads == 0) throw InputError(name + " is a model without attention");
}

std::vector<int> prompt_tokens(const Prompt& prompt, const ModelText& model) {
  if (const auto* range = std::get_if<TokenRange>(&prompt)) return read_range(*range, model);
  return model.tokenizer().encode(std::get<std::string>(prompt));
}

std::vector<int> text_ends(const GenerateWorkload& workload) {
  return workload.stop_at_eos ? end_tokens(workload.model.string()) : std::vector<int>();
}

GenerateJob generate_job(const GenerateWorkload& workload, const ImageSettings& hardware, Golden golden) {
  GenerateJob job;
  job.model = load_model(workload.model.string());
  if (workload.attention == AttentionPlace::accelerator) {
    require_attention(*job.model, workload.model.string());
    job.attention = Int8Runner::Attention::in_int8;
  }
  job.prompt = prompt_tokens(workload.prompt, job.model->text());
  ModelLinears packed = packed_linears(workload.model, workload.flow, *job.model, job.model->blocks() - 1, hardware);
  job.linears = std::move(packed.linears);
  job.images = std::move(packed.images);
  job.selection = std::move(packed.selection);
  if (workload.head == HeadPlace::accelerator) job.linears.push_back(pack_head(*job.model));
  job.tokens = workload.tokens;
  job.golden_model = golden;
  job.name = workload.model.string();
  if (golden == Golden::left_out) return job;
  job.ends = text_ends(workload);
  if (golden == Golden::alongside) return job;
  job.golden = golden_generation(job);
  return job;
}

std::vector<int> golden_generation(const GenerateJob& job) {
  Int8Runner runner(job.linears, 0, job.attention);
  return naming_not_finite(job.name,
                           [&] { return generate_greedy(*job.model, runner, job.prompt, job.tokens, job.ends); });
}

}  // namespace flexcim
