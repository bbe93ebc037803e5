// The keys that a config.json of any architecture may hold.
#pragma once

#include "flow/model/config.h"

#include <set>
#include <string_view>

namespace flexcim {

/// Throws InputError naming the key where config.json (or generation_config.json) asks for what would change the text
/// of a greedy generation: penalties, forbidden and forced tokens. Each may hold the value that changes nothing.
void require_plain_decoding(const ModelConfig& config);

/// What every architecture requires of its config.json beyond its own keys, last: that it holds no key which nobody has
/// asked for and that is neither among those that cannot change what any model computes nor among `idle`, those that
/// cannot change what this architecture does. Throws InputError naming the key.
void require_known_keys(const ModelConfig& config, std::set<std::string_view> idle);

}  // namespace flexcim
