#include "flow/select/token_file.h"

#include "flow/base/error.h"
#include "flow/base/mapped_file.h"
#include "flow/base/safetensors.h"

namespace flexcim {
namespace {

constexpr const char* kTensor = "tokens";

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

template <class T>
std::vector<std::vector<int>> checked(const Tensor& tensor, int vocabulary) {
  const Matrix<T> ids = tensor.copy<T>();
  std::vector<std::vector<int>> rows(ids.rows());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const T id = ids.data()[i];
    if (id < 0 || id >= vocabulary) {
      throw InputError(tensor.where() + ": id " + std::to_string(id) + " (element " + std::to_string(i) +
                       ") is outside the vocabulary of " + std::to_string(vocabulary));
    }
    rows[i / ids.cols()].push_back(static_cast<int>(id));
  }
  return rows;
}

std::vector<std::vector<int>> from_tensor(const std::string& path, int vocabulary) {
  const SafetensorsFile file(path);
  const Tensor& tensor = file.at(kTensor);
  if (tensor.shape.size() > 2) {
    throw InputError(tensor.where() + " has shape " + shape_text(tensor.shape) +
                     "; tokens are one sequence, [count], or rows of separate ones, [rows,count]");
  }
  if (tensor.dtype == Dtype::i32) return checked<std::int32_t>(tensor, vocabulary);
  if (tensor.dtype == Dtype::i64) return checked<std::int64_t>(tensor, vocabulary);
  throw InputError(tensor.where() + " is " + std::string(to_string(tensor.dtype)) + " where I32 or I64 is needed");
}

std::vector<int> from_text(const std::string& path, const ModelText& model) {
  const MappedFile file(path);
  if (file.size() == 0) return {};
  const Tokenizer& tokenizer = model.tokenizer();
  try {
    return tokenizer.encode(file.text());
  } catch (const InputError& error) {
    throw InputError(path + ": " + error.what());
  }
}

}  // namespace

std::vector<std::vector<int>> read_tokens(const std::string& path, const ModelText& model) {
  std::vector<std::vector<int>> rows;
  if (ends_with(path, ".safetensors")) {
    rows = from_tensor(path, model.vocabulary());
  } else {
    rows.push_back(from_text(path, model));
  }
  if (rows.empty() || rows.front().empty()) throw InputError(path + ": there are no tokens in it");
  return rows;
}

}  // namespace flexcim
