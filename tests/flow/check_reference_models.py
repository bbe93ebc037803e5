#!/usr/bin/python3
"""Compares the logits of this program's models with those of an independent implementation in PyTorch (reference_models.py).

check_reference_models.py TOOL [--rounds N] [--seed S]    random models of random sizes of every family through TOOL, which is
                                                          build/release/tests/flow/flow_logits; the fixtures are what PyTorch gives
check_reference_models.py --write                         makes the fixtures of tests/flow/models anew

A fixture NAME is config.json, model.safetensors, variants.json (changes to the config) and expected.safetensors: tokens, and for each
variant the logits of the last of them.
"""
import argparse
import json
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import reference_models as models

FIXTURES = Path(__file__).parent / "models"
KEPT = 6  # tokens of a fixture whose logits are there
TOLERANCE = 1e-4  # of the largest logit: this program computes in float, the reference in double


def write_safetensors(path, tensors):
    header, offset = {}, 0
    for name, (dtype, array) in tensors.items():
        header[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [offset, offset + array.nbytes]}
        offset += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(array.tobytes() for _, array in tensors.values()))


def read_safetensors(path):
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    types, body = {"F32": np.float32, "I32": np.int32, "BF16": np.uint16, "I8": np.int8, "F8_E4M3": np.uint8}, data[8 + length:]
    return {name: np.frombuffer(body[slice(*entry["data_offsets"])], types[entry["dtype"]]).reshape(entry["shape"])
            for name, entry in json.loads(data[8:8 + length]).items() if name != "__metadata__"}


def write_model(folder, model, variant):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(model.configuration(variant)) + "\n")
    # Wide types first, so that all are aligned.
    write_safetensors(folder / "model.safetensors", dict(sorted(model.stored.items(), key=lambda item: (-item[1][1].itemsize, item[0]))))


def fixture(name):
    """The model and the expected tensors."""
    make, sizes = models.MODELS[name]
    random = np.random.default_rng(sum(name.encode()))
    model = make(random, sizes)
    tokens = random.integers(0, model.config["vocab_size"], 24).astype(np.int32)
    expected = {"tokens": ("I32", tokens)}
    for variant in model.variants:
        expected["logits." + variant] = ("F32", model.logits(variant, tokens)[-KEPT:])
    return model, expected


def write_fixtures():
    for name in models.MODELS:
        model, expected = fixture(name)
        write_model(FIXTURES / name, model, "")
        changes = {variant: {key: "missing" if value is models.MISSING else value for key, value in keys.items()}
                   for variant, keys in model.variants.items()}
        (FIXTURES / name / "variants.json").write_text(json.dumps(changes) + "\n")
        write_safetensors(FIXTURES / name / "expected.safetensors", expected)


def difference(found, expected):
    """The worst, of the largest logit."""
    return float(np.abs(found - expected).max() / np.abs(expected).max()) if found.shape == expected.shape else np.inf


def check_fixtures():
    worst = 0.0
    for name in models.MODELS:
        model, expected = fixture(name)
        stored, there = read_safetensors(FIXTURES / name / "model.safetensors"), read_safetensors(FIXTURES / name / "expected.safetensors")
        if any(not np.array_equal(stored[key], array) for key, (_, array) in model.stored.items()):
            sys.exit(f"{name}: the fixture has other weights; --write makes it anew")
        worst = max([worst] + [difference(there[key], array) for key, (_, array) in expected.items()])
    print(f"{len(models.MODELS)} fixtures: at most {worst:.1e} from PyTorch")
    return worst < 1e-6  # both are PyTorch's, rounded to float


def check_random(tool, rounds, seed):
    worst, count = 0.0, 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for round_number in range(rounds):
            for name, (make, sizes) in models.MODELS.items():
                random = np.random.default_rng((seed, round_number, sum(name.encode())))
                model = make(random, models.random_sizes(sizes, random))
                tokens = random.integers(0, model.config["vocab_size"], 61).astype(np.int32)
                write_safetensors(folder / "tokens.safetensors", {"tokens": ("I32", tokens)})
                for variant in model.variants:
                    write_model(folder / "model", model, variant)
                    subprocess.run([tool, folder / "model", folder / "tokens.safetensors", folder / "logits.safetensors"], check=True)
                    found = difference(read_safetensors(folder / "logits.safetensors")["logits"], model.logits(variant, tokens))
                    worst, count = max(worst, found), count + 1
                    if not found < TOLERANCE:
                        print(f"{name} {variant}: logits differ by {found:.1e}; seed {seed}, round {round_number}: {model.configuration(variant)}")
    print(f"{count} random models: logits at most {worst:.1e} from PyTorch's, of the largest")
    return worst < TOLERANCE


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool", nargs="?")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.write:
        write_fixtures()
    elif options.tool is None:
        parser.error("which tool?")
    else:
        fixtures = check_fixtures()
        return 0 if check_random(options.tool, options.rounds, options.seed) and fixtures else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
