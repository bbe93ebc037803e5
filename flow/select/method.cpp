#include "flow/select/method.h"

#include "flow/base/error.h"

#include <string>

namespace flexcim {

PatternObjective parse_pattern_objective(std::string_view text) {
  for (const PatternObjective each : {PatternObjective::published, PatternObjective::error, PatternObjective::loss}) {
    if (text == to_string(each)) return each;
  }
  throw InputError("objective \"" + std::string(text) + "\" is none of published, error, loss");
}

std::string_view to_string(PatternObjective objective) {
  return objective == PatternObjective::published ? "published"
         : objective == PatternObjective::error   ? "error"
                                                  : "loss";
}

Update parse_update(std::string_view text) {
  if (text == "none") return Update::none;
  if (text == "compensate") return Update::compensate;
  throw InputError("update \"" + std::string(text) + "\" is neither none nor compensate");
}

std::string_view to_string(Update update) { return update == Update::none ? "none" : "compensate"; }

}  // namespace flexcim
