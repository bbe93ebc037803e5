// How weights run on a macro that is not wired for their pattern (architecture.md §13).
#pragma once

#include "flow/map/geometry.h"

namespace flexcim {

/// Whether every matrix of pattern `inner` is one of `outer`: no aligned group of outer.m weights can hold more than
/// outer.n that `inner` keeps. Everything is dense; dense is nothing else.
bool always_fits(Pattern inner, Pattern outer);

/// The pattern as which weights of pattern `wanted` run: of the patterns in the macro's list that every matrix of
/// `wanted` fits without a change of a weight the sparsest, of equally sparse ones that of the smallest M; dense where
/// there is no other. A macro wired for all patterns within its reach has no nearest ones: `wanted`, supported or not.
Pattern nearest_pattern(const MacroGeometry& geometry, Pattern wanted);

}  // namespace flexcim
