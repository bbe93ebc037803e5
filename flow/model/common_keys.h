// The keys that a config.json of any architecture may hold.
#pragma once

#include "flow/model/config.h"

#include <set>
#include <string_view>

namespace flexcim {

/// Throws InputError naming a key of config.json (or generation_config.json) that would change a greedily generated
/// text: penalties, forbidden and forced tokens. A value without effect is accepted.
void require_plain_decoding(const ModelConfig& config);

/// To be called last, when the architecture has read its own keys. Throws InputError naming a key of config.json that
/// nobody has asked for, unless it cannot change what a model computes: any model, or (`idle`) one of this
/// architecture.
void require_known_keys(const ModelConfig& config, std::set<std::string_view> idle);

}  // namespace flexcim
