// What a config.json says of rotary positions, in all the places where versions of transformers have put it.
#pragma once

#include "flow/base/tensor.h"
#include "flow/model/config.h"
#include "flow/model/rope.h"

namespace flexcim {

/// The base of the rotary frequencies: rope_theta (or rotary_emb_base) at the top level, in rope_parameters or in
/// rope_scaling; 10000 where none of them has it. Their scaling: rope_type (or type) in rope_parameters or
/// rope_scaling, with its factors. `context` is max_position_embeddings. Throws InputError naming the key where two
/// places contradict each other, and for everything that is not a rotation of whole heads: partial factors,
/// interleaving, other types.
RopeParameters rope_parameters(const ModelConfig& config, int context);

/// Checks the rotary frequencies that older checkpoints store. Throws InputError naming the tensor unless it holds
/// base^(-2i/head) for i below head/2, to the precision of its type.
void require_rope_frequencies(const Tensor& tensor, int head, double base);

}  // namespace flexcim
