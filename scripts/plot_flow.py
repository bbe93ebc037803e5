#!/usr/bin/python3
"""Plots what FLOW sees and does: outlier ratio, locality and chosen N:M per block; bits per token against sparsity, and against cost.

scripts/plot_flow.py [--blocks BLOCKS.json] [--eval EVAL.json] [--front LABEL:FRONT.json]... [--out FOLDER] [--prefix NAME_]

BLOCKS.json is what `flexcim flow prune ... --json` prints (method flow), or `flow analyze --json`: then without the choice;
with --granularity linear a bar is a linear. EVAL.json is what `flexcim flow eval ... --json` prints, a FRONT.json what
`flow front ... --text TEXT --json` does, for accelerators that are compared. Writes blocks, accuracy and front as .png and .svg, the
names starting with the prefix. Needs Debian's python3-matplotlib.
"""
import argparse
import json
import math
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
matplotlib.rcParams.update({"svg.hashsalt": "flexcim", "svg.fonttype": "none"})  # equal input, equal bytes; text as text
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.ticker import MaxNLocator  # noqa: E402


def read(path):
    try:
        return json.loads(Path(path).read_text())
    except (OSError, json.JSONDecodeError) as error:
        raise SystemExit(f"{path}: {error}")


def write(figure, folder, name):
    for kind, metadata in (("png", {"Software": None}), ("svg", {"Date": None})):
        figure.savefig(folder / f"{name}.{kind}", metadata=metadata, dpi=110, bbox_inches="tight")
    plt.close(figure)


def figures_of(data):
    """(label, colour, values) of each figure by which the patterns were chosen: outlier ratio and locality, or a measured cost."""
    blocks = [] if "outlier_ratio" in data else data["blocks"]
    if blocks and "cost" in blocks[0]:
        unit = "rise of the loss\n(bits per token)" if data["measure"] == "loss" else "error of outputs"
        return [(unit, "tab:red", [b["cost"] for b in blocks])]
    ratios = data["outlier_ratio"] if "outlier_ratio" in data else [b["outlier_ratio"] for b in blocks]
    localities = data["locality"] if "locality" in data else [b["locality"] for b in blocks]
    return [("outlier ratio\nr (%)", "tab:blue", ratios), ("locality\nλ (1/elements)", "tab:orange", localities)]


def plot_blocks(data, folder, prefix):
    figures, chosen = figures_of(data), data.get("blocks")
    count = len(figures[0][2])
    rows = len(figures) + (1 if chosen else 0)
    figure, axes = plt.subplots(rows, 1, sharex=True, squeeze=False, figsize=(max(5.5, min(14, 1.5 + 0.3 * count)), 1 + 1.6 * rows))
    axes = axes[:, 0]
    for place, (label, colour, values) in zip(axes, figures):
        place.bar(range(count), values, color=colour)
        place.set_ylabel(label)
    if chosen:
        sparsities = [1 - b["n"] / b["m"] for b in chosen]
        axes[-1].bar(range(count), sparsities, color="tab:green")
        for i, block in enumerate(chosen):
            label = "dense" if block["n"] == block["m"] else f"{block['n']}:{block['m']}"
            axes[-1].annotate(label, (i, sparsities[i]), xytext=(0, 2), textcoords="offset points", ha="center",
                              va="bottom", rotation=90 if count > 16 else 0, fontsize=8)
        axes[-1].set_ylim(0, 1.15)
        axes[-1].set_ylabel("chosen N:M\nsparsity")
        axes[0].set_title(f"target mean sparsity {data['target']:.3g}, reached {data['reached']:.3g}", fontsize=10)
    axes[-1].set_xlabel(data.get("granularity", "block"))
    axes[-1].xaxis.set_major_locator(MaxNLocator(integer=True, nbins=24))
    figure.align_ylabels(axes)
    write(figure, folder, prefix + "blocks")


COLOURS = {"published": "tab:blue", "error": "tab:green", "loss": "tab:orange"}  # of FLOW by its objective


def plot_accuracy(data, folder, prefix):
    """A panel for each way of choosing indices; in it FLOW as lines and uniform patterns as single points, grey where compensated."""
    panels, dense, markers = {}, [], {}
    for row in data["rows"]:
        if "target" in row:
            series = panels.setdefault(row["indices"], {})
            name = " ".join(row["variant"].split()[:2])  # without what a selection took in the end
            series.setdefault((name, row["update"]), set()).add((row["reached"], row["bits_per_token"]))
        else:
            dense.append((row["variant"], row["bits_per_token"]))
    columns = min(4, len(panels) + 1)  # one place more, for the legend
    rows = math.ceil((len(panels) + 1) / columns)
    figure, grid = plt.subplots(rows, columns, sharex=True, sharey=True, squeeze=False,
                                figsize=(0.8 + 2.5 * columns, 0.6 + 2.6 * rows))
    places = list(grid.flat)
    for axes, (indices, series) in zip(places, panels.items()):
        axes.set_title(indices, fontsize=10)
        for (name, bits), style in zip(dense, (":", "--")):
            axes.axhline(bits, linestyle=style, color="grey", linewidth=1, label=name)
        for (variant, update), points in series.items():
            points = sorted(points)
            compensated = update == "compensate"
            label = variant + (", compensated" if compensated else "")
            if not variant.startswith("uniform "):
                axes.plot(*zip(*points), marker="o", markersize=5, label=label, color=COLOURS[variant.split()[1]],
                          linestyle="-" if compensated else ":")
                continue
            marker = markers.setdefault(variant, "s^Dv<>*X"[len(markers) % 8])
            axes.plot(*zip(*points), marker, color="grey" if compensated else "black", markersize=6, fillstyle="none", label=label)
        axes.grid(alpha=0.3)
        axes.margins(x=0.2)
    for axes in places[len(panels):]:
        axes.axis("off")
    labelled = {}
    for axes in places[:len(panels)]:
        for handle, label in zip(*axes.get_legend_handles_labels()):
            labelled.setdefault(label, handle)
    places[len(panels)].legend(labelled.values(), labelled.keys(), loc="center", fontsize=9)
    for place, axes in enumerate(places[:len(panels)]):
        if place + columns >= len(panels):
            axes.tick_params(labelbottom=True)
    figure.supxlabel("mean sparsity of the blocks that are pruned", fontsize=10)
    figure.supylabel("bits per token (per byte, for byte-level models)", fontsize=10)
    figure.tight_layout(rect=(0.015, 0, 1, 1))
    write(figure, folder, prefix + "accuracy")


def plot_fronts(fronts, folder, prefix):
    """Bits per token against what is spent, a line per accelerator, from what the dense model spends down."""
    figure, axes = plt.subplots(figsize=(7.5, 4.6))
    for i, (label, data) in enumerate(fronts):
        points = sorted((point["spend"], point["bits_per_token"]) for point in data["points"])
        axes.plot(*zip(*points), marker="osD^v<>*"[i % 8], markersize=5, label=label, linestyle="--" if "element" in label else "-")
    axes.set_xlabel(f"{fronts[0][1]['budget']} of the linears, {fronts[0][1]['tokens']} tokens at a time", fontsize=10)
    axes.set_ylabel("bits per token (per byte, for byte-level models)", fontsize=10)
    axes.ticklabel_format(axis="x", style="sci", scilimits=(3, 3), useMathText=True)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=9)
    write(figure, folder, prefix + "front")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--blocks", "--prune", help="JSON of flow prune or flow analyze")
    parser.add_argument("--eval", help="JSON of flow eval")
    parser.add_argument("--front", action="append", default=[], metavar="LABEL:FILE", help="JSON of flow front; may be repeated")
    parser.add_argument("--out", type=Path, default=Path("."))
    parser.add_argument("--prefix", default="", help="start of the files' names")
    options = parser.parse_args()
    if not options.blocks and not options.eval and not options.front:
        parser.error("give --blocks, --eval or --front")
    if not all(":" in front for front in options.front):
        parser.error("--front is LABEL:FILE")
    options.out.mkdir(parents=True, exist_ok=True)
    try:
        if options.blocks:
            plot_blocks(read(options.blocks), options.out, options.prefix)
        if options.eval:
            plot_accuracy(read(options.eval), options.out, options.prefix)
        if options.front:
            fronts = [(label, read(path)) for label, path in (front.rsplit(":", 1) for front in options.front)]
            plot_fronts(fronts, options.out, options.prefix)
    except (KeyError, TypeError) as error:
        raise SystemExit(f"the JSON is not that of flow prune (method flow), analyze, eval or front: {error!r}")


if __name__ == "__main__":
    main()
