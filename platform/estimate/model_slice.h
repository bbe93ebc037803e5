// A part of a model: without some of its blocks, with narrower feed-forward networks.
#pragma once

#include "flow/model/linear_shapes.h"

#include <vector>

namespace flexcim {

/// What is left of a model.
struct SlicedModel {
  ModelShapes shapes;     ///< with the linears of the blocks that run, which keep their names and numbers
  int blocks = 0;         ///< that run
  double ffn_blocks = 0;  ///< feed-forward networks of full width that all of theirs come to
};

/// The blocks that run where `skip` [0, 1) of them, those in the middle, are not. Throws InputError where that is no
/// whole number of blocks.
std::vector<int> blocks_run(const ModelShapes& model, double skip);

/// The width of the feed-forward network of every block: `shares` (0, 1] of the model's, each for equally many blocks,
/// the first ones first. Throws InputError where blocks or channels come to no whole number, and for a share below 1
/// where the model has no such network.
std::vector<int> ffn_widths(const ModelShapes& model, const std::vector<double>& shares);

/// `blocks` as from blocks_run(), `widths` as from ffn_widths().
SlicedModel slice(const ModelShapes& model, const std::vector<int>& blocks, const std::vector<int>& widths);

}  // namespace flexcim
