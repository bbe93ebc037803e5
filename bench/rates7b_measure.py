"""Estimates generations of Llama-2-7B on the published architecture and prints their rates and rooflines: bench/rates7b calls it.

rates7b_measure.py FLEXCIM FOLDER [--prompt 128] [--tokens 4] [--check]

Estimates are equal to simulations at tlm. All blocks of a model cost the same, so models of one and of two random blocks say what one of
32 takes: T(1) + 31 (T(2) - T(1)). --check compares that for three blocks with a model of three.
"""
import argparse
import itertools
import json
import subprocess
import sys
from pathlib import Path

BLOCKS = 32
SCENARIO = """name: rates7b
fidelity: estimate
power_window_ns: 100000000
workload:
  kind: generate
  model: packed{blocks}.safetensors
  prompt: {{text: model{blocks}/tokens.safetensors, first: 0, count: {prompt}}}
  tokens: {tokens}
  stop_at_eos: false
"""
AXES = {
    "weights": {"streamed": "architecture.weights_resident=off", "resident": "architecture.weights_resident=on"},
    "driver": {"serial": "workload.driver=serial", "queued": "workload.driver=queued"},
    "head": {"host": "workload.head=host", "accelerator": "workload.head=accelerator"},
    "attention": {"host": "workload.attention=host", "accelerator": "workload.attention=accelerator"},
}
PARTS = ("prefill", "decode")
RESOURCES = ("macros", "dram", "host")


def call(command):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{command}: exit code {done.returncode}")


def make(flexcim, folder, blocks):
    """A packed model of random blocks, half of whose weights are pruned for the published macro, and its image."""
    model, packed = folder / f"model{blocks}", folder / f"packed{blocks}.safetensors"
    call(["/usr/bin/python3", Path(__file__).parent.parent / "scripts/make_random_llama.py", model, "--blocks", blocks])
    call([flexcim, "flow", "prune", model, "--calibration", model / "tokens.safetensors", "--context", 128, "--samples", 2,
          "--sparsity", 0.5, "--candidates", "4:8", "--keep-dense", "none", "--objective", "published", "--update", "none", "-o", packed])
    call([flexcim, "flow", "pack", packed, "--image", "flexcim_published"])


def estimate(flexcim, folder, blocks, options, settings):
    """Of each part: seconds, joules, and seconds that each resource takes alone, for all of its tokens."""
    name = f"{blocks}-" + "-".join(settings)
    file = folder / f"{name}.yaml"
    file.write_text(SCENARIO.format(blocks=blocks, prompt=options.prompt, tokens=options.tokens))
    command = [flexcim, "run", file, "--out", folder / name]
    for axis, value in zip(AXES.values(), settings):
        command += ["--set", axis[value]]
    call(command)
    generation = json.loads((folder / name / "summary.json").read_text())["generation"]
    figures = {}
    for part in PARTS:
        of = generation[part]
        figures[part] = {"time": of["time_ns"] * 1e-9, "energy": of["energy_pj"] * 1e-12,
                         **{each: of["roofline"][f"{each}_ns"] * 1e-9 for each in RESOURCES}}
        figures[part]["tokens"] = of["tokens"]
    return figures


def at(blocks, one, two):
    """Of a model with so many blocks, from those with one and with two."""
    return {part: {name: one[part][name] + (blocks - 1) * (two[part][name] - one[part][name]) for name in one[part]} for part in PARTS}


def row(figures):
    """Rate, energy of a token, rates of the resources alone, and what is reached of the lowest."""
    tokens = figures["tokens"]
    bound = max(RESOURCES, key=lambda each: figures[each])
    return {"tokens_per_s": tokens / figures["time"], "energy_per_token_j": figures["energy"] / tokens, "bound": bound,
            "reached": figures[bound] / figures["time"], **{f"{each}_tokens_per_s": tokens / figures[each] for each in RESOURCES}}


def text(number):
    return f"{number:.0f}" if number >= 1000 else f"{number:.3g}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("flexcim")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--prompt", type=int, default=128)
    parser.add_argument("--tokens", type=int, default=4)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    counts = [1, 2, 3] if options.check else [1, 2]
    for blocks in counts:
        make(options.flexcim, options.folder, blocks)
    points = list(itertools.product(*AXES.values()))
    if options.check:
        points = [points[0], points[-1]]
    by_blocks = {blocks: [estimate(options.flexcim, options.folder, blocks, options, point) for point in points] for blocks in counts}
    if options.check:
        for point, one, two, three in zip(points, *(by_blocks[blocks] for blocks in counts)):
            for part in PARTS:
                expected = at(3, one, two)[part]
                worst = max(abs(expected[name] / three[part][name] - 1) for name in expected)
                print(f"{' '.join(point)}, {part}: three blocks as from one and two, to {worst:.1e}")
        return
    results = []
    for point, one, two in zip(points, by_blocks[1], by_blocks[2]):
        whole = at(BLOCKS, one, two)
        results.append({**dict(zip(AXES, point)), **{part: row(whole[part]) for part in PARTS}})
    for part in PARTS:
        print(f"\n| {' | '.join(AXES)} | {part} tokens/s | energy/token | macros alone, tokens/s | DRAM alone | host alone | reached |")
        print("|" + "---|" * (len(AXES) + 6))
        for result in results:
            of = result[part]
            cells = [*(result[axis] for axis in AXES), text(of["tokens_per_s"]), f"{text(1000 * of['energy_per_token_j'])} mJ",
                     *(text(of[f"{each}_tokens_per_s"]) for each in RESOURCES), f"{100 * of['reached']:.0f} % of {of['bound']}"]
            print(f"| {' | '.join(cells)} |")
    print(json.dumps({"prompt": options.prompt, "tokens": options.tokens, "points": results}))


if __name__ == "__main__":
    main()
