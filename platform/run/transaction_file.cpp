#include "platform/run/transaction_file.h"

#include <string>

namespace flexcim {
namespace {

constexpr std::streamoff kWrittenAtOnce = 1 << 16;

}  // namespace

void TransactionFile::add(const TransactionRecord& record) {
  csv_(record);
  if (text_.tellp() > kWrittenAtOnce) write();
}

void TransactionFile::write() {
  const std::string text = text_.str();
  file_.append(text.data(), text.size());
  text_.str("");
}

void TransactionFile::finish() {
  write();
  file_.finish();
}

}  // namespace flexcim
