#include "platform/cli/evaluation_text.h"

#include "flow/select/token_file.h"

#include <algorithm>

namespace flexcim {

std::vector<std::vector<int>> evaluation_tokens(const std::string& text, int limit, const LanguageModel& model) {
  std::vector<std::vector<int>> rows = read_tokens(text, model.text());
  if (limit == 0) return rows;
  auto left = static_cast<std::size_t>(limit);
  for (std::vector<int>& row : rows) {
    row.resize(std::min(row.size(), left));
    left -= row.size();
  }
  return rows;
}

}  // namespace flexcim
