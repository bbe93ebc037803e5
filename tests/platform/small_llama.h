// The config.json of a Llama whose shapes are small.
#pragma once

namespace flexcim::test {

inline constexpr const char* kSmallLlama =
    R"({"model_type": "llama", "hidden_size": 256, "intermediate_size": 512, "num_hidden_layers": 4,
        "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 1000})";

}  // namespace flexcim::test
