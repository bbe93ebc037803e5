#include "flow/select/token_file.h"

#include "flow/error.h"
#include "flow/mapped_file.h"
#include "flow/safetensors.h"

namespace flexcim {
namespace {

constexpr int kBytes = 256;
constexpr const char* kTensor = "tokens";

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

template <class T>
std::vector<int> checked(const Tensor& tensor, int vocabulary) {
  const Matrix<T> ids = tensor.copy<T>();
  std::vector<int> tokens;
  tokens.reserve(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const T id = ids.data()[i];
    if (id < 0 || id >= vocabulary) {
      throw InputError(tensor.where() + ": id " + std::to_string(id) + " (element " + std::to_string(i) +
                       ") is outside the vocabulary of " + std::to_string(vocabulary));
    }
    tokens.push_back(static_cast<int>(id));
  }
  return tokens;
}

std::vector<int> from_tensor(const std::string& path, int vocabulary) {
  const SafetensorsFile file(path);
  const Tensor& tensor = file.at(kTensor);
  if (tensor.dtype == Dtype::i32) return checked<std::int32_t>(tensor, vocabulary);
  if (tensor.dtype == Dtype::i64) return checked<std::int64_t>(tensor, vocabulary);
  throw InputError(tensor.where() + " is " + std::string(to_string(tensor.dtype)) + " where I32 or I64 is needed");
}

std::vector<int> from_text(const std::string& path, int vocabulary) {
  if (vocabulary != kBytes) {
    throw InputError(path + ": the model's vocabulary of " + std::to_string(vocabulary) +
                     " is not bytes; give its token ids as tensor \"tokens\" of a .safetensors file");
  }
  const MappedFile file(path);
  std::vector<int> tokens;
  tokens.reserve(file.size());
  for (const char byte : file.text()) tokens.push_back(static_cast<unsigned char>(byte));
  return tokens;
}

}  // namespace

std::vector<int> read_tokens(const std::string& path, int vocabulary) {
  std::vector<int> tokens =
      ends_with(path, ".safetensors") ? from_tensor(path, vocabulary) : from_text(path, vocabulary);
  if (tokens.empty()) throw InputError(path + ": there are no tokens in it");
  return tokens;
}

}  // namespace flexcim
