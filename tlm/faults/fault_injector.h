// The faults of a run: which bits are hit, and what has become of them.
#pragma once

#include "flow/base/statistic.h"
#include "tlm/faults/error_correction.h"
#include "tlm/faults/fault_hits.h"
#include "tlm/faults/fault_parameters.h"
#include "tlm/timing/command_plan.h"
#include "tlm/timing/protection.h"

#include <array>
#include <cstdint>
#include <vector>

namespace flexcim {

/// What has become of the bits of a site.
struct FaultCounts {
  std::uint64_t bits = 0;       ///< that were wrong when they were used or decoded, check bits among them
  std::uint64_t corrected = 0;  ///< words
  std::uint64_t detected = 0;   ///< words
  std::uint64_t silent = 0;     ///< words with wrong bits that nobody noticed; where words have no code: bits
};

template <>
struct StatisticList<FaultCounts> {
  static constexpr auto list = statistics<FaultCounts>({
      {"bits", "bits", "wrong when they were used or decoded", count<&FaultCounts::bits>},
      {"corrected", "words", "corrected by a code", count<&FaultCounts::corrected>},
      {"detected", "words", "detected by a code, not corrected", count<&FaultCounts::detected>},
      {"silent", "words", "used with wrong bits", count<&FaultCounts::silent>},
  });
};
using FaultCountsBySite = std::array<FaultCounts, kFaultSites>;

class FaultInjector {
 public:
  /// `dram`: the code of its words. Targets that name no place hit nothing.
  FaultInjector(const FaultParameters& faults, const AcceleratorParameters& accelerator, Protection dram);

  /// Whether bits of the site may be hit.
  bool aims_at(FaultSite site) const { return !aims_[static_cast<std::size_t>(site)].empty(); }
  Protection protection(FaultSite site) const;
  const MacroGeometry& geometry() const { return accelerator_.macro; }
  ArrayShape shape() const { return accelerator_.array; }
  std::uint64_t output_part_bytes() const {
    return accelerator_.output.bytes / static_cast<std::uint64_t>(accelerator_.output.parts());
  }
  std::uint64_t weight_part_bytes() const {
    return accelerator_.weight.bytes / static_cast<std::uint64_t>(accelerator_.weight.parts());
  }

  /// Words of a site that are accessed together: `words` of them, each with `bits` bits. Of stuck bits counts where a
  /// word is: the first of them is word `first` of the place.
  struct Access {
    FaultSite site;
    int macro = 0;             ///< of sites in a macro
    std::uint64_t number = 0;  ///< FaultInjector::access(); no two accesses to the place have the same one
    std::uint64_t first = 0;
    std::uint64_t words = 0;
    std::uint64_t bits = 8;
  };
  /// Calls visit(word, bit, kind) for every bit that is hit, word from 0; a bit may be hit more than once.
  template <class Visit>
  void for_each(const Access& access, const Visit& visit) const {
    for_each_transient(access, visit);
    for_each_stuck(access, visit);
  }
  template <class Visit>
  void for_each_transient(const Access& access, const Visit& visit) const;
  template <class Visit>
  void for_each_stuck(const Access& access, const Visit& visit) const;
  /// The same of the check bits of `words` code words, visit(word, bit): of transient faults of all bits only.
  template <class Visit>
  void for_each_check(const Access& access, const Visit& visit) const;

  /// `bit` of a word as `kind` leaves it.
  static bool faulty(FaultKind kind, bool bit) {
    return kind == FaultKind::transient ? !bit : kind == FaultKind::stuck_at_1;
  }

  FaultCounts& counts(FaultSite site) { return counts_[static_cast<std::size_t>(site)]; }
  const FaultCountsBySite& counts() const { return counts_; }
  /// A wrong bit where there is no code.
  void count_bit(FaultSite site) {
    ++counts(site).bits;
    ++counts(site).silent;
  }

  /// Commands so far. Accesses are numbered in each from 0: whatever one that fails leaves undone, the next one meets
  /// the same faults.
  std::uint64_t command() const { return command_; }
  void begin_command() {
    ++command_;
    error_ = false;
  }
  /// Of the `number`-th access of the present command.
  std::uint64_t access(std::uint64_t number) const { return fault_key({command_, number}); }

  /// A code has found an error that no transfer can report: the present command ends with one.
  void note_error() { error_ = true; }
  /// Whether that was called since the last time.
  bool take_error() {
    const bool error = error_;
    error_ = false;
    return error;
  }

 private:
  /// What one entry of FaultParameters::inject means for a site.
  struct Aim {
    FaultKind kind = FaultKind::transient;
    double rate = 0;
    std::uint64_t bits = 0;     ///< mask
    std::uint64_t key = 0;      ///< of seed, entry and site
    std::vector<bool> numbers;  ///< of the places that are meant
    bool all = false;           ///< of them are
  };
  bool meant(const Aim& aim, const Access& access, std::uint64_t word) const {
    if (aim.all) return true;
    const bool cells = access.site == FaultSite::weights || access.site == FaultSite::metadata;
    const auto macro = static_cast<std::uint64_t>(access.macro);
    if (!cells) return aim.numbers[macro];
    const auto subs = static_cast<std::uint64_t>(geometry().sub_macros);
    return aim.numbers[macro * subs + word / static_cast<std::uint64_t>(geometry().rows) % subs];
  }

  template <class Visit>
  void hit(const Aim& aim, const Access& access, std::uint64_t place, const Visit& visit) const {
    const std::uint64_t word = place / access.bits, bit = place % access.bits;
    if ((aim.bits >> bit & 1) == 0 || !meant(aim, access, access.first + word)) return;
    visit(word, static_cast<int>(bit), aim.kind);
  }

  AcceleratorParameters accelerator_;
  Protection dram_;
  std::array<std::vector<Aim>, kFaultSites> aims_;
  FaultCountsBySite counts_{};
  std::uint64_t command_ = 0;
  bool error_ = false;
};

/// Decodes a word as decode() does, and adds what becomes of it to `counts`.
Decoded decode_word(Protection protection, int data_bits, WrongBits& wrong, FaultCounts& counts);

template <class Visit>
void FaultInjector::for_each_transient(const Access& access, const Visit& visit) const {
  for (const Aim& aim : aims_[static_cast<std::size_t>(access.site)]) {
    if (aim.kind != FaultKind::transient) continue;
    const std::uint64_t key = fault_key({aim.key, static_cast<std::uint64_t>(access.macro), access.number});
    for_each_hit(key, aim.rate, access.words * access.bits,
                 [&](std::uint64_t place) { hit(aim, access, place, visit); });
  }
}

template <class Visit>
void FaultInjector::for_each_stuck(const Access& access, const Visit& visit) const {
  const std::uint64_t begin = access.first * access.bits, end = begin + access.words * access.bits;
  for (const Aim& aim : aims_[static_cast<std::size_t>(access.site)]) {
    if (aim.kind == FaultKind::transient) continue;
    for_each_hit_between(fault_key({aim.key, static_cast<std::uint64_t>(access.macro)}), aim.rate, begin, end,
                         [&](std::uint64_t place) { hit(aim, access, place - begin, visit); });
  }
}

template <class Visit>
void FaultInjector::for_each_check(const Access& access, const Visit& visit) const {
  constexpr std::uint64_t kCheckBits = 0x636865636b;  // sets the key apart from that of the data
  for (const Aim& aim : aims_[static_cast<std::size_t>(access.site)]) {
    if (aim.kind != FaultKind::transient || aim.bits != ~std::uint64_t{0}) continue;
    const std::uint64_t key = fault_key({aim.key, static_cast<std::uint64_t>(access.macro), access.number, kCheckBits});
    for_each_hit(key, aim.rate, access.words * access.bits,
                 [&](std::uint64_t place) { visit(place / access.bits, static_cast<int>(place % access.bits)); });
  }
}

}  // namespace flexcim
