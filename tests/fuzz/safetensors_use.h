// What is done with a safetensors file, whatever is in it.
#pragma once

#include "flow/base/safetensors.h"
#include "tests/fuzz/target.h"

namespace flexcim::fuzz {

/// Opens the file and looks at every element of every tensor in all ways that its type has.
inline void use_safetensors(const std::string& path) {
  takes(path, [&] {
    const SafetensorsFile file(path);
    for (const auto& [name, tensor] : file.tensors()) {
      const auto look = [&, &tensor = tensor](const auto& in_one_way) { takes(path, [&] { in_one_way(tensor); }); };
      look([](const Tensor& t) { to_float(t); });
      look([](const Tensor& t) { require_finite(t); });
      look([](const Tensor& t) { t.copy<std::int32_t>(); });
      look([](const Tensor& t) { t.view<float>(); });
      look([](const Tensor& t) { t.require_shape({2, 3}); });
      look([&file](const Tensor& t) { file.elements<std::uint8_t>(t.name); });
    }
  });
}

}  // namespace flexcim::fuzz
