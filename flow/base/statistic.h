// Structs of counts and the list of each: one line per count, from which sums, comparison, registers and tables come.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

namespace flexcim {

/// One count of the struct `Counts`, with what a reader needs.
template <class Counts>
struct Statistic {
  std::string_view name;  ///< lower_case, once in its list
  std::string_view unit;  ///< "events", "bytes", "cycles", "bits"
  std::string_view description;
  std::uint64_t& (*at)(Counts&);

  constexpr std::uint64_t of(const Counts& counts) const { return at(const_cast<Counts&>(counts)); }
};

/// The list of a struct that has nothing but counts, each std::uint64_t. It stands behind the struct, as
///   template <>
///   struct StatisticList<Counts> {
///     static constexpr auto list = statistics<Counts>({{"name", "unit", "description", count<&Counts::name>}, ...});
///   };
/// and gives the struct +=, -, == and the product with a number. Using these is a compile error while the list leaves
/// out a count.
template <class Counts>
struct StatisticList;

template <class Counts, std::size_t size>
constexpr std::array<Statistic<Counts>, size> statistics(const Statistic<Counts> (&lines)[size]) {
  std::array<Statistic<Counts>, size> list{};
  for (std::size_t i = 0; i < size; ++i) list[i] = lines[i];
  return list;
}

namespace statistic_detail {

template <class Struct, class Member>
Struct struct_of(Member Struct::*);
template <class Struct, class Member>
Member member_of(Member Struct::*);
template <auto member>
using Struct = decltype(struct_of(member));
template <auto member>
using Part = decltype(member_of(member));

template <auto member, std::size_t i>
constexpr std::uint64_t& part_count(Struct<member>& whole) {
  return StatisticList<Part<member>>::list[i].at(whole.*member);
}

template <auto member, std::size_t... i>
constexpr std::array<Statistic<Struct<member>>, sizeof...(i)> part(std::index_sequence<i...>) {
  constexpr auto& list = StatisticList<Part<member>>::list;
  return {{{list[i].name, list[i].unit, list[i].description, part_count<member, i>}...}};
}

template <class Counts, class Change, std::size_t... i>
constexpr void for_each(Counts& counts, const Counts& other, Change change, std::index_sequence<i...>) {
  constexpr auto& list = StatisticList<Counts>::list;
  static_assert(std::is_trivially_copyable_v<Counts> && sizeof(Counts) == sizeof(std::uint64_t) * list.size(),
                "a count is missing in the list");
  (change(list[i].at(counts), list[i].of(other)), ...);
}

template <class Counts, class Change>
constexpr void for_each(Counts& counts, const Counts& other, Change change) {
  for_each(counts, other, change, std::make_index_sequence<StatisticList<Counts>::list.size()>());
}

template <class Counts>
using IfListed = decltype(StatisticList<Counts>::list);

}  // namespace statistic_detail

/// The `at` of a count that is a member.
template <auto member>
constexpr std::uint64_t& count(statistic_detail::Struct<member>& counts) {
  return counts.*member;
}

/// The list of a member that is itself such a struct, as a part of its owner's list.
template <auto member>
constexpr auto statistics_of_part() {
  return statistic_detail::part<member>(
      std::make_index_sequence<StatisticList<statistic_detail::Part<member>>::list.size()>());
}

/// One list behind the other.
template <class Counts, std::size_t first, std::size_t second>
constexpr std::array<Statistic<Counts>, first + second> joined(const std::array<Statistic<Counts>, first>& a,
                                                               const std::array<Statistic<Counts>, second>& b) {
  std::array<Statistic<Counts>, first + second> list{};
  for (std::size_t i = 0; i < first; ++i) list[i] = a[i];
  for (std::size_t i = 0; i < second; ++i) list[first + i] = b[i];
  return list;
}

// Copies first: the compiler vectorizes sums that cannot overlap what they add.
template <class Counts, class = statistic_detail::IfListed<Counts>>
Counts& operator+=(Counts& sum, const Counts& more) {
  Counts result = sum;
  const Counts addend = more;
  statistic_detail::for_each(result, addend, [](std::uint64_t& mine, std::uint64_t theirs) { mine += theirs; });
  return sum = result;
}

template <class Counts, class = statistic_detail::IfListed<Counts>>
Counts operator-(const Counts& later, const Counts& earlier) {
  Counts difference = later;
  statistic_detail::for_each(difference, earlier, [](std::uint64_t& mine, std::uint64_t theirs) { mine -= theirs; });
  return difference;
}

template <class Counts, class = statistic_detail::IfListed<Counts>>
Counts operator*(const Counts& counts, std::uint64_t times) {
  Counts product = counts;
  statistic_detail::for_each(product, counts, [&](std::uint64_t& mine, std::uint64_t) { mine *= times; });
  return product;
}

template <class Counts, class = statistic_detail::IfListed<Counts>>
bool operator==(const Counts& a, const Counts& b) {
  bool equal = true;
  Counts copy = a;
  statistic_detail::for_each(copy, b,
                             [&](std::uint64_t mine, std::uint64_t theirs) { equal = equal && mine == theirs; });
  return equal;
}

}  // namespace flexcim
