// Which kept elements of a group fit which slots (architecture.md §4: a bipartite matching of elements to slots).
#pragma once

#include <cstdint>

namespace flexcim {

constexpr int kMaxSlots = 16;  ///< the largest N (P is at most 16)
constexpr int kMaxM = 32;      ///< the largest M (I is at most 16)

/// The selects of one group: slot n reads the pairs base[n], base[n]+1, ... base[n]+window-1, modulo `pairs`.
struct GroupSelects {
  std::uint8_t base[kMaxSlots] = {};  ///< 0..pairs-1 each
  int slots = 0;                      ///< N, 1..16
  int pairs = 0;                      ///< M/2, 1..16
  int window = 1;                     ///< effective window, 1..pairs
};

/// The hardware's default selects: slot n starts at default_base() (flow/map/geometry.h). `window` is cut to `pairs`.
GroupSelects default_selects(int slots, int pairs, int window);

/// How far pair h lies behind base b, cyclic: 0..pairs-1. An element in pair h fits a slot iff this is below the
/// window.
inline int window_offset(int base, int pair, int pairs) { return (pair - base + pairs) % pairs; }

/// Matches elements to slots so that every element has a slot of its own whose window holds its pair.
/// `indices`: `count` distinct in-group indices 0..M-1 (pair = index / 2). On success returns true and writes to
/// slot_of[i] the slot of element i; otherwise returns false and leaves slot_of unspecified. Deterministic: the first
/// element takes the lowest free slot, later ones may move earlier ones along an augmenting path.
bool match_slots(const GroupSelects& selects, const std::uint8_t* indices, int count, std::uint8_t* slot_of);

}  // namespace flexcim
