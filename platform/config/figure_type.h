// A figure in YAML: {value, unit, tag, source}, or a plain number in the canonical unit where a user overrides it.
#pragma once

#include "platform/config/figure.h"
#include "platform/yaml/yaml_schema.h"

namespace flexcim {

/// `unit` is canonical; units of the same kind are converted (fJ, pJ, nJ; uW, mW; um2, mm2, each with the same
/// denominator). Notes a problem for another unit, a negative value, an unknown tag or a missing part.
YamlType<Figure> figure_type(const std::string& unit);

}  // namespace flexcim
