// Which points of the space of all axes a sample has: by number, without a list of them.
#pragma once

#include "platform/config/sweep_spec.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace flexcim {

/// The value of every axis of the space, counted from 0.
using Coordinates = std::vector<std::size_t>;

/// The values of a point of a sample, which is a number below SampleSpec::points (of a grid, below its size).
using Sampling = std::function<Coordinates(std::uint64_t point)>;

/// `sizes`: how many values each axis has, none of them 0.
/// - grid: all points, those of the last axis next to each other;
/// - random: points of the grid in an order of chance, so that none comes twice;
/// - latin_hypercube (McKay, Beckman, Conover, Technometrics 1979): each axis is cut into as many strata as there are
///   points, and each stratum has one, in an order of chance that is another for each axis;
/// - sobol (Joe, Kuo, SIAM J. Sci. Comput. 2008, as Boost has it), shifted digit by digit by the seed.
/// The last two may give a point of the grid more than once. A search is no sampling.
Sampling make_sampling(const SampleSpec& sample, const std::vector<std::size_t>& sizes);

/// The point of the grid with a number below the product of `sizes`, and back.
Coordinates grid_point(std::uint64_t number, const std::vector<std::size_t>& sizes);
std::uint64_t grid_number(const Coordinates& point, const std::vector<std::size_t>& sizes);

}  // namespace flexcim
