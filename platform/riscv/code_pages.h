// Decoded instructions, a page of memory at a time, as an interpreter runs through them.
#pragma once

#include "platform/riscv/instruction.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>

namespace flexcim::riscv {

/// Keeps what has been decoded, until it is told that the bytes have changed. An instruction may begin at every
/// halfword; one that is `undecoded` has to be decoded when it is reached.
class CodePages {
 public:
  static constexpr std::uint32_t page_bytes = 4096;
  static constexpr std::size_t halfwords = page_bytes / 2;
  /// Behind the last instruction of a page, which may reach into the next one, two `page_end` send to there.
  struct Page {
    std::uint32_t base = 0;
    std::array<Instruction, halfwords + 2> instructions;
  };

  /// The page that holds `address`; made where there is none. Before a page is made beyond as many as memory shall be
  /// spent on, all are forgotten: pages that were found earlier are gone.
  Page& page(std::uint32_t address) {
    Recent& recent = recent_[address / page_bytes % recent_.size()];
    if (recent.base != (address & ~(page_bytes - 1))) find(address, recent);
    return *recent.page;
  }
  /// Makes the page that holds `address` and forgets none.
  void keep(std::uint32_t address) { make(address & ~(page_bytes - 1)); }
  /// Whether something of the page that holds `address` may be decoded.
  bool holds(std::uint32_t address) const { return pages_.count(address & ~(page_bytes - 1)) != 0; }
  /// The bytes [first, last] have changed.
  void invalidate(std::uint32_t first, std::uint32_t last);
  void clear();

 private:
  struct Recent {
    std::uint32_t base = 1;  ///< of no page
    Page* page = nullptr;
  };
  static constexpr std::size_t kMostPages = 2048;  ///< 64 MiB

  void find(std::uint32_t address, Recent& recent);
  Page& make(std::uint32_t base);

  std::unordered_map<std::uint32_t, std::unique_ptr<Page>> pages_;  ///< by base
  std::array<Recent, 64> recent_;
};

}  // namespace flexcim::riscv
