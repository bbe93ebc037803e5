#include "platform/riscv/code_pages.h"

#include <algorithm>

namespace flexcim::riscv {

void CodePages::find(std::uint32_t address, Recent& recent) {
  const std::uint32_t base = address & ~(page_bytes - 1);
  if (pages_.size() >= kMostPages && pages_.count(base) == 0) clear();
  recent = {base, &make(base)};
}

CodePages::Page& CodePages::make(std::uint32_t base) {
  std::unique_ptr<Page>& page = pages_[base];
  if (page == nullptr) {
    page = std::make_unique<Page>();
    page->base = base;
    page->instructions[halfwords].operation = page->instructions[halfwords + 1].operation = Operation::page_end;
  }
  return *page;
}

void CodePages::invalidate(std::uint32_t first, std::uint32_t last) {
  if (pages_.empty()) return;
  first = first < 2 ? 0 : first - 2;  // an instruction of 32 bits may begin there
  const auto forget = [&](Page& page) {
    const std::uint32_t begin = std::max(first, page.base), end = std::min(last, page.base + (page_bytes - 1));
    if (begin > end) return;
    std::fill(page.instructions.begin() + (begin - page.base) / 2,
              page.instructions.begin() + (end - page.base) / 2 + 1, Instruction{});
  };
  if ((last - first) / page_bytes > pages_.size()) {
    for (auto& [base, page] : pages_) forget(*page);
    return;
  }
  std::uint32_t base = first & ~(page_bytes - 1);
  for (std::uint32_t count = (last - base) / page_bytes + 1; count > 0; --count, base += page_bytes) {
    if (const auto found = pages_.find(base); found != pages_.end()) forget(*found->second);
  }
}

void CodePages::clear() {
  pages_.clear();
  recent_.fill({});
}

}  // namespace flexcim::riscv
