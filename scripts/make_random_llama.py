#!/usr/bin/python3
"""Writes a random model in the shape of Llama-2-7B, with a chosen number of blocks, as Hugging Face would: BF16, one shard per block,
an index. For measuring time and memory; it says nothing sensible.

scripts/make_random_llama.py FOLDER [--blocks 4] [--hidden 4096 --intermediate 11008 --heads 32 --vocabulary 32000] [--seed 1]

Beside the model lies tokens.safetensors, random token ids for calibration.
"""
import argparse
import json
import struct
from pathlib import Path

import numpy as np


def bfloat16(values):
    """Rounds float32 to BF16, ties to even, as bits."""
    bits = values.view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def save(path, tensors):
    """Writes [(name, dtype, shape, function that makes the array)] in the safetensors layout, one tensor in memory at a time."""
    sizes = {"BF16": 2, "I32": 4}
    header, offset = {}, 0
    for name, dtype, shape, _ in tensors:
        count = int(np.prod(shape)) * sizes[dtype]
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [offset, offset + count]}
        offset += count
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, _, _, make in tensors:
            make().tofile(file)
    return offset


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--blocks", type=int, default=4)
    parser.add_argument("--hidden", type=int, default=4096)
    parser.add_argument("--intermediate", type=int, default=11008)
    parser.add_argument("--heads", type=int, default=32)
    parser.add_argument("--vocabulary", type=int, default=32000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.blocks < 1:
        parser.error("--blocks must be at least 1")
    options.folder.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(options.seed)
    hidden, inner = options.hidden, options.intermediate

    def matrix(rows, cols, index):
        # Some inputs matter more than others, and more so in later blocks, so that the blocks' figures differ.
        def make():
            spread = np.exp(0.1 * (1 + index) * generator.standard_normal(cols, dtype=np.float32))
            return bfloat16(generator.standard_normal((rows, cols), dtype=np.float32) * (spread / np.sqrt(cols)))
        return "BF16", [rows, cols], make

    def ones(size):
        return "BF16", [size], lambda: bfloat16(np.ones(size, dtype=np.float32))

    shards = []
    for block in range(options.blocks):
        name = f"model.layers.{block}."
        shards.append([
            (name + "input_layernorm.weight", *ones(hidden)),
            (name + "self_attn.q_proj.weight", *matrix(hidden, hidden, block)),
            (name + "self_attn.k_proj.weight", *matrix(hidden, hidden, block)),
            (name + "self_attn.v_proj.weight", *matrix(hidden, hidden, block)),
            (name + "self_attn.o_proj.weight", *matrix(hidden, hidden, block)),
            (name + "post_attention_layernorm.weight", *ones(hidden)),
            (name + "mlp.gate_proj.weight", *matrix(inner, hidden, block)),
            (name + "mlp.up_proj.weight", *matrix(inner, hidden, block)),
            (name + "mlp.down_proj.weight", *matrix(hidden, inner, block)),
        ])
    shards.append([
        ("model.embed_tokens.weight", *matrix(options.vocabulary, hidden, 0)),
        ("model.norm.weight", *ones(hidden)),
        ("lm_head.weight", *matrix(options.vocabulary, hidden, 0)),
    ])
    index = {"metadata": {"total_size": 0}, "weight_map": {}}
    for number, tensors in enumerate(shards, 1):
        file = f"model-{number:05}-of-{len(shards):05}.safetensors"
        index["metadata"]["total_size"] += save(options.folder / file, tensors)
        index["weight_map"].update({name: file for name, *_ in tensors})
    (options.folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=1) + "\n")
    (options.folder / "config.json").write_text(json.dumps({
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": hidden, "intermediate_size": inner,
        "num_hidden_layers": options.blocks, "num_attention_heads": options.heads, "num_key_value_heads": options.heads,
        "max_position_embeddings": 4096, "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "hidden_act": "silu",
        "tie_word_embeddings": False, "vocab_size": options.vocabulary, "torch_dtype": "bfloat16"}, indent=2) + "\n")
    tokens = generator.integers(0, options.vocabulary, size=(8, 128), dtype=np.int32)
    save(options.folder / "tokens.safetensors", [("tokens", "I32", [8, 128], lambda: tokens)])
    print(f"{options.folder}: {options.blocks} blocks, {index['metadata']['total_size'] / 1e9:.2f} GB in {len(shards)} shards")


if __name__ == "__main__":
    main()
