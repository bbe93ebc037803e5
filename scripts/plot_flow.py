#!/usr/bin/python3
"""Plots what FLOW sees and does: outlier ratio and locality per block, the chosen N:M, bits per token against sparsity.

scripts/plot_flow.py --prune PRUNE.json [--eval EVAL.json] [--out FOLDER]

PRUNE.json is what `flexcim flow prune ... --json` prints (or `flow analyze --json`: then without the choice), EVAL.json what
`flexcim flow eval ... --json` prints. Writes figures.png/.svg, patterns.png/.svg and accuracy.png/.svg. Needs Debian's
python3-matplotlib.
"""
import argparse
import json
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
matplotlib.rcParams["svg.hashsalt"] = "flexcim"  # equal input, equal bytes
import matplotlib.pyplot as plt  # noqa: E402


def read(path):
    try:
        return json.loads(Path(path).read_text())
    except (OSError, json.JSONDecodeError) as error:
        raise SystemExit(f"{path}: {error}")


def write(figure, folder, name):
    for kind, metadata in (("png", {"Software": None}), ("svg", {"Date": None})):
        figure.savefig(folder / f"{name}.{kind}", metadata=metadata, dpi=150, bbox_inches="tight")
    plt.close(figure)


def figures_of(data):
    """Outlier ratios and localities from either command's JSON."""
    if "outlier_ratio" in data:
        return data["outlier_ratio"], data["locality"]
    return [b["outlier_ratio"] for b in data["blocks"]], [b["locality"] for b in data["blocks"]]


def plot_figures(data, folder):
    ratios, localities = figures_of(data)
    what = data.get("granularity", "block")
    figure, (upper, lower) = plt.subplots(2, 1, sharex=True, figsize=(7, 5))
    upper.bar(range(len(ratios)), ratios, color="tab:blue")
    upper.set_ylabel("outlier ratio r (%)")
    lower.bar(range(len(localities)), localities, color="tab:orange")
    lower.set_ylabel("locality λ (1/elements)")
    lower.set_xlabel(what)
    write(figure, folder, "figures")


def plot_patterns(data, folder):
    blocks = data["blocks"]
    sparsities = [1 - b["n"] / b["m"] for b in blocks]
    figure, axes = plt.subplots(figsize=(7, 3))
    axes.bar(range(len(blocks)), sparsities, color="tab:green")
    for i, block in enumerate(blocks):
        label = "dense" if block["n"] == block["m"] else f"{block['n']}:{block['m']}"
        axes.annotate(label, (i, sparsities[i]), ha="center", va="bottom", rotation=90 if len(blocks) > 16 else 0)
    axes.set_ylim(0, 1)
    axes.set_xlabel(data.get("granularity", "block"))
    axes.set_ylabel("sparsity")
    axes.set_title(f"target {data['target']:.3g}, reached {data['reached']:.3g}")
    write(figure, folder, "patterns")


def plot_accuracy(data, folder):
    figure, axes = plt.subplots(figsize=(7, 5))
    series = {}
    for row in data["rows"]:
        if "target" in row:
            series.setdefault((row["variant"], row["indices"]), []).append((row["reached"], row["bits_per_token"]))
        else:
            axes.axhline(row["bits_per_token"], linestyle="--" if "int8" in row["variant"] else ":", color="grey",
                         label=row["variant"])
    for (variant, indices), points in series.items():
        points = sorted(set(points))
        axes.plot(*zip(*points), marker="s" if variant.startswith("uniform") else "o", label=f"{variant}, {indices}")
    axes.set_xlabel("mean sparsity of the blocks that are pruned")
    axes.set_ylabel("bits per token")
    axes.legend(fontsize=7, loc="center left", bbox_to_anchor=(1, 0.5))
    write(figure, folder, "accuracy")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prune", help="JSON of flow prune or flow analyze")
    parser.add_argument("--eval", help="JSON of flow eval")
    parser.add_argument("--out", type=Path, default=Path("."))
    options = parser.parse_args()
    if not options.prune and not options.eval:
        parser.error("give --prune, --eval, or both")
    options.out.mkdir(parents=True, exist_ok=True)
    if options.prune:
        data = read(options.prune)
        plot_figures(data, options.out)
        if "blocks" in data:
            plot_patterns(data, options.out)
    if options.eval:
        plot_accuracy(read(options.eval), options.out)


if __name__ == "__main__":
    main()
