// The linears of published models by their config.json: with what is no linear they come to the published number of
// parameters.
#include "flow/model/linear_shapes.h"

#include "flow/base/error.h"
#include "tests/flow/scratch.h"

#include <catch2/catch.hpp>
#include <cstdint>

using namespace flexcim;

namespace {

ModelShapes shipped(const std::string& name) {
  return model_shapes(std::string(FLEXCIM_SOURCE_DIR) + "/scenarios/shapes/" + name + ".json");
}

/// Weights of the blocks' linears, and of the one that gives the logits.
struct Weights {
  std::int64_t blocks = 0, head = 0;
};

Weights weights(const ModelShapes& model) {
  Weights sum;
  for (const LinearShape& linear : model.linears) {
    (linear.block < 0 ? sum.head : sum.blocks) += static_cast<std::int64_t>(linear.out) * linear.in;
  }
  return sum;
}

}  // namespace

TEST_CASE("Published Llama and Qwen have the linears of their parameters") {
  // Embedding and head are matrices of their own in Llama, norms have a vector of `hidden` each, two in a block.
  const Weights llama7 = weights(shipped("llama-2-7b"));
  CHECK(llama7.blocks + 2 * llama7.head + (2 * 32 + 1) * 4096 == 6'738'415'616);
  const Weights llama13 = weights(shipped("llama-2-13b"));
  CHECK(llama13.blocks + 2 * llama13.head + (2 * 40 + 1) * 5120 == 13'015'864'320);
  const Weights llama8 = weights(shipped("llama-3-8b"));
  CHECK(llama8.blocks + 2 * llama8.head + (2 * 32 + 1) * 4096 == 8'030'261'248);
  // The embedding is the head, and q, k, v have biases.
  const Weights qwen = weights(shipped("qwen2.5-3b"));
  CHECK(qwen.blocks + qwen.head + (2 * 36 + 1) * 2048 + 36 * (2048 + 256 + 256) == 3'085'938'688);
}

TEST_CASE("Published OPT and Mamba have the linears of their parameters") {
  // The embedding is the head; 2050 positions; every linear has a bias, every norm two vectors.
  const Weights opt = weights(shipped("opt-6.7b"));
  CHECK(opt.blocks + opt.head + 2050 * 4096 + 32 * (5 * 4096 + 16384) + (2 * 32 + 1) * 2 * 4096 == 6'658'473'984);
  // Of each inner channel: convolution of 4 with bias, 16 of A, D, bias of dt; a norm in each block, and one behind.
  const Weights small = weights(shipped("mamba-1.4b"));
  CHECK(small.blocks + small.head + 48 * (4096 * (5 + 16 + 2) + 2048) + 2048 == 1'372'178'432);
  const Weights large = weights(shipped("mamba-2.8b"));
  CHECK(large.blocks + large.head + 64 * (5120 * (5 + 16 + 2) + 2560) + 2560 == 2'768'345'600);
}

TEST_CASE("The vision encoder of CLIP at 336 pixels has the linears of its parameters") {
  // With the convolution of 14 x 14 patches, a class token, a position for each of 577, two norms of two vectors in a
  // block and two around, and a bias in every linear. Of the whole CLIP the others are the text encoder and a
  // projection.
  const ModelShapes encoder = shipped("vit-l-14-336");
  CHECK(encoder.positions == 577);
  CHECK(encoder.vocabulary == 0);
  const Weights vit = weights(encoder);
  CHECK(vit.head == 0);
  CHECK(vit.blocks + 1024 * 3 * 14 * 14 + 1024 + 577 * 1024 + (2 * 24 + 2) * 2 * 1024 + 24 * (5 * 1024 + 4096) ==
        427'944'193 - 123'650'305 - 768 * 1024);
}

TEST_CASE("Linears have the names of the model's tensors, block by block") {
  const ModelShapes llama = shipped("llama-3-8b");
  CHECK(llama.blocks == 32);
  REQUIRE(llama.linears.size() == 32 * 7 + 1);
  const LinearShape& key = llama.linears[7 + 1];
  CHECK(key.name == "model.layers.1.self_attn.k_proj");
  CHECK(key.block == 1);
  CHECK(key.out == 1024);
  CHECK(key.in == 4096);
  CHECK(llama.linears.back().name == "lm_head");
  CHECK(llama.linears.back().block == -1);
  CHECK(shipped("opt-6.7b").linears[5].name == "model.decoder.layers.0.fc2");
  CHECK(shipped("mamba-2.8b").linears[2].name == "backbone.layers.0.mixer.dt_proj");
}

TEST_CASE("A Mamba's rank and inner size follow from its hidden size where they are left out") {
  const Scratch scratch;
  write_file(scratch / "config.json",
             R"({"model_type": "mamba", "hidden_size": 40, "num_hidden_layers": 1, "vocab_size": 9,
                 "time_step_rank": "auto"})");
  const ModelShapes shapes = model_shapes(scratch / "config.json");
  REQUIRE(shapes.linears.size() == 5);
  CHECK(shapes.linears[0].out == 160);         // twice 2 x 40
  CHECK(shapes.linears[1].out == 3 + 2 * 16);  // ceil(40 / 16), and B and C of a state of 16
  CHECK(shapes.linears[2].in == 3);
}

TEST_CASE("A config that gives no shapes is refused with its key") {
  const Scratch scratch;
  const std::string file = scratch / "config.json";
  const auto refused = [&](const std::string& text, const std::string& why) {
    write_file(file, text);
    CHECK_THROWS_WITH(model_shapes(file), Catch::Contains(file) && Catch::Contains(why));
  };
  refused("[]", "");
  refused(R"({"model_type": "gpt_neox"})",
          "model_type is \"gpt_neox\"; known are llama, mistral, qwen2, qwen3, opt, mamba, falcon_mamba, "
          "clip_vision_model");
  refused(R"({"model_type": "opt", "hidden_size": 64, "ffn_dim": 128, "word_embed_proj_dim": 32})",
          "word_embed_proj_dim");
  refused(R"({"model_type": "llama", "hidden_size": 64, "num_attention_heads": 7, "intermediate_size": 8})",
          "num_attention_heads does not divide hidden_size");
  refused(R"({"model_type": "mamba", "hidden_size": 64, "num_hidden_layers": 0, "vocab_size": 9})",
          "num_hidden_layers");
  refused(R"({"model_type": "llama", "hidden_size": 1000000, "num_attention_heads": 1000000, "head_dim": 1000000,
              "intermediate_size": 8})",
          "head_dim times num_attention_heads is absurd");
}
