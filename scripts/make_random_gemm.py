#!/usr/bin/env python3
"""Writes a random layer as a scenario: FOLDER/gemm.yaml, weights of a pattern and activations beside it.

usage: scripts/make_random_gemm.py FOLDER OUT IN TOKENS N:M    for example: out/layer 1024 4096 32 1:2
"""

import json
import os
import random
import re
import struct
import sys


def write_int8(path, tensor, rows, cols, data):
    head = json.dumps({tensor: {"dtype": "I8", "shape": [rows, cols], "data_offsets": [0, len(data)]}}).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(head)) + head + data)


def main():
    numbers = re.fullmatch(r"([1-9]\d*) ([1-9]\d*) ([1-9]\d*) ([1-9]\d*):([1-9]\d*)", " ".join(sys.argv[2:]))
    if numbers is None:
        sys.exit(__doc__.split("\n\n")[1])
    folder = sys.argv[1]
    out, inputs, tokens, n, m = (int(each) for each in numbers.groups())
    if n > m or inputs % m:
        sys.exit(f"make_random_gemm: {n}:{m} does not go into {inputs} inputs")
    rng = random.Random(1)
    weights = bytearray(out * inputs)
    for block in range(0, len(weights), m):
        for kept in rng.sample(range(m), n):
            weights[block + kept] = rng.randint(-127, 127) % 256
    os.makedirs(folder, exist_ok=True)
    write_int8(os.path.join(folder, "weights.safetensors"), "weight", out, inputs, bytes(weights))
    write_int8(os.path.join(folder, "activations.safetensors"), "activation", tokens, inputs,
               rng.randbytes(tokens * inputs))
    with open(os.path.join(folder, "gemm.yaml"), "w", encoding="utf-8") as file:
        file.write(f"""name: random {tokens} x {out} x {inputs}, {n}:{m}
fidelity: tlm
workload:
  kind: gemm
  weights: weights.safetensors
  activations: activations.safetensors
  pattern: "{n}:{m}"
""")


if __name__ == "__main__":
    main()
