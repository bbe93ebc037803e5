#!/usr/bin/python3
"""Draws what the scenarios of scenarios/workloads/ say: docs/pictures/workload_NAME.png from RESULTS/NAME/comparison.csv.

usage: plot_workloads.py RESULTS [--out FOLDER]
RESULTS is the folder that holds the result folders, `out` where they were run without --out. Needs python3-matplotlib.
"""
import argparse
import csv
import json
import pathlib

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

COLORS = ["#2f78c0", "#e0761c", "#2e7d3c", "#8d57b8", "#c0453f", "#6b7a99", "#0f7f86"]
DESIGNS = {"FlexCiM w=1": "-", "dense": "--"}
PARTS = {"cells compute or load": "#2f78c0", "accelerator waits for memory": "#e0761c", "host": "#8d57b8"}
SECOND, MILLISECOND = 1e9, 1e6  # in ns


class Points:
    """Rows of a comparison, chosen by their axes."""

    def __init__(self, folder):
        with open(folder / "comparison.csv", newline="", encoding="utf-8") as file:
            self.rows = list(csv.DictReader(file))
        self.period_ns = json.loads((folder / "summary.json").read_text(encoding="utf-8"))["clock"]["period_ps"] / 1000

    def where(self, **axes):
        """Those with these values; a blank in an axis's name is written as _."""
        wanted = {name.replace("_", " "): value for name, value in axes.items()}
        return [row for row in self.rows if all(row[name] == value for name, value in wanted.items())]

    def values(self, axis):
        return list(dict.fromkeys(row[axis] for row in self.rows))

    def parts_ns(self, row):
        """Time by PARTS."""
        stalled, cycles = float(row["stall_cycles"]), float(row["cycles"])
        times = [(cycles - stalled) * self.period_ns, stalled * self.period_ns]
        return [*times, float(row["time_ns"]) - sum(times)]


def floats(rows, column, scale=1.0):
    return [float(row[column]) * scale for row in rows]


def new_figure(count, width=4.6, height=3.6):
    figure, axes = plt.subplots(1, count, figsize=(width * count, height), constrained_layout=True)
    return figure, axes if count > 1 else [axes]


def decorate(axis, title, x, y, legend=True):
    axis.set_title(title, fontsize=10)
    axis.set_xlabel(x)
    axis.set_ylabel(y)
    axis.set_ylim(bottom=0)
    axis.grid(axis="y", color="#dddddd", linewidth=0.6)
    axis.set_axisbelow(True)
    if legend:
        axis.legend(fontsize=8, frameon=False)


def name_designs(axis):
    for design, style in DESIGNS.items():
        axis.plot([], [], style, color="#444444", label=design)


def stacked(axis, points, rows, labels, divide=None):
    """A bar per row, its time by PARTS in ms, over `divide`."""
    bottoms = [0.0] * len(rows)
    split = [points.parts_ns(row) for row in rows]
    over = divide or [1.0] * len(rows)
    for part, (name, color) in enumerate(PARTS.items()):
        heights = [times[part] / MILLISECOND / each for times, each in zip(split, over)]
        axis.bar(range(len(rows)), heights, bottom=bottoms, color=color, label=name, width=0.7)
        bottoms = [a + b for a, b in zip(bottoms, heights)]
    axis.set_xticks(range(len(rows)), labels)


def decode(points):
    prompts = points.values("prompt")
    figure, axes = new_figure(2)
    for axis, host in zip(axes, points.values("host")):
        rows = [row for prompt in prompts for row in
                (points.where(design=design, host=host, prompt=prompt)[0] for design in DESIGNS)]
        labels = [f"{name}\n{row['prompt']}" if i % 2 == 0 else name for i, (name, row) in
                  enumerate(zip(["F", "d"] * len(prompts), rows))]
        bottoms = [0.0] * len(rows)
        positions = [group * 2.6 + member for group in range(len(prompts)) for member in (0, 1)]
        split = [points.parts_ns(row) for row in rows]
        for part, (name, color) in enumerate(PARTS.items()):
            heights = [times[part] / SECOND for times in split]
            axis.bar(positions, heights, bottom=bottoms, color=color, label=name, width=0.85)
            bottoms = [a + b for a, b in zip(bottoms, heights)]
        axis.set_xticks(positions, labels, fontsize=8)
        decorate(axis, f"host: {host}", "tokens of the prompt; F: FlexCiM w=1, d: dense", "time of prompt and 64 tokens (s)")
    return figure


def swift(points):
    figure, axes = new_figure(3, width=4.2)
    for axis, skip in zip(axes, points.values("skip")):
        for color, acceptance in zip(COLORS, points.values("acceptance")):
            for design, style in DESIGNS.items():
                rows = points.where(design=design, skip=skip, acceptance=acceptance)
                axis.plot([int(row["guesses"]) for row in rows], floats(rows, "tokens_per_s"), style, color=color, marker="o",
                          markersize=3, label=f"acceptance {acceptance}" if style == "-" else None)
        decorate(axis, f"{float(skip):.0%} of the blocks skipped", "guesses per round", "tokens/s", False)
    top = max(axis.get_ylim()[1] for axis in axes)
    for axis in axes:
        axis.set_ylim(0, top)
    name_designs(axes[0])
    axes[0].legend(fontsize=8, frameon=False, loc="upper left")
    return figure


def matformer(points):
    slices = points.values("slice")
    figure, axes = new_figure(2)
    for axis, (phase, title) in zip(axes, (("decode", "decode, context 512 to 575"), ("prefill", "prefill of 128 tokens"))):
        for color, design in zip(COLORS, DESIGNS):
            rows = points.where(design=design, phase=phase)
            offset = -0.2 if design == "dense" else 0.2
            scale = 1 / (SECOND / 1000) if phase == "prefill" else 1 / MILLISECOND
            column = "first_token_ns" if phase == "prefill" else "per_token_ns"
            axis.bar([i - offset for i in range(len(slices))], floats(rows, column, scale), width=0.38, color=color, label=design)
        axis.set_xticks(range(len(slices)), slices)
        decorate(axis, title, "slice of the feed-forward networks",
                 "time to the first token (ms)" if phase == "prefill" else "time per token (ms)")
    return figure


def apd(points):
    figure, axes = new_figure(2)
    for axis, column, label, scale in ((axes[0], "tokens_per_s", "tokens/s", 1), (axes[1], "energy_per_token_pj", "energy per token (J)", 1e-12)):
        for color, acceptance in zip(COLORS, points.values("acceptance")):
            for design, style in DESIGNS.items():
                rows = points.where(design=design, acceptance=acceptance)
                axis.plot([int(row["k"]) for row in rows], floats(rows, column, scale), style, color=color, marker="o", markersize=3,
                          label=f"acceptance {acceptance}" if style == "-" else None)
        axis.set_xscale("log", base=2)
        axis.set_xticks([int(k) for k in points.values("k")], points.values("k"))
        name_designs(axis)
        decorate(axis, "", "tokens in a pass", label, axis is axes[0])
    return figure


def xy_serve(points):
    figure, axes = new_figure(2)
    for color, design in zip(COLORS, DESIGNS):
        rows = [row for row in points.where(design=design) if row["batch"].startswith("mixed")]
        x, y = floats(rows, "first_token_ns", 1 / SECOND), floats(rows, "per_token_ns", 1 / SECOND)
        axes[0].plot(x, y, "o-", color=color, markersize=4, label=design)
        for row, at in zip(rows, zip(x, y)):
            axes[0].annotate(row["batch"].split()[1], at, xytext=(4, 4), textcoords="offset points", fontsize=7)
    decorate(axes[0], "mixed batches, by tokens of a prefill chunk", "time to the first token (s)", "time per token (s)")
    axes[0].set_xlim(0, 1.08 * axes[0].get_xlim()[1])
    axes[0].set_ylim(0, 1.08 * axes[0].get_ylim()[1])
    rows = [points.where(design=design, batch=batch)[0] for design in DESIGNS for batch in ("apart 64", "mixed 64")]
    stacked(axes[1], points, rows, [f"{row['design']}\n{row['batch'].split()[0]}" for row in rows], floats(rows, "tokens_out"))
    decorate(axes[1], "the same work, chunks of 64", "", "time over tokens given (ms)")
    return figure


def elasticmm(points):
    figure, axes = new_figure(2)
    batches = points.values("decode batch")
    for color, prefill in zip(COLORS, points.values("prefill batch")):
        for design, style in DESIGNS.items():
            rows = points.where(design=design, encode_batch="2", prefill_batch=prefill)
            axes[0].plot(range(len(rows)), floats(rows, "tokens_per_s"), style, color=color, marker="o", markersize=4,
                         label=f"prefill batch {prefill}" if style == "-" else None)
            rows = points.where(design=design, prefill_batch=prefill, decode_batch="2")
            axes[1].plot(range(len(rows)), floats(rows, "first_token_ns", 1 / SECOND), style, color=color, marker="o", markersize=4)
    name_designs(axes[1])
    for axis in axes:
        axis.set_xticks(range(len(batches)), batches)
    decorate(axes[0], "encode batch 2", "decode batch", "tokens/s of all eight requests")
    decorate(axes[1], "decode batch 2", "encode batch", "time to the last first token (s)")
    return figure


def flexquant(points):
    figure, axes = new_figure(2)
    for axis, column, label in ((axes[0], "time_ns", "time"), (axes[1], "energy_pj", "energy")):
        for color, requests in zip(COLORS, points.values("requests")):
            for memory, style in zip(points.values("memory"), ("-", "--")):
                rows = points.where(requests=requests, memory=memory)
                per_token = [float(row[column]) / float(row["tokens_out"]) for row in rows]
                axis.plot(floats(rows, "share"), [value / per_token[0] for value in per_token], style, color=color, marker="o",
                          markersize=3, label=f"{requests}, {memory}")
        decorate(axis, "", "share of tokens with int4 weights", f"{label} per token over that with int8", False)
    axes[0].legend(title="requests, memory", title_fontsize=8, fontsize=8, frameon=False, loc="lower left")
    return figure


def flute(points):
    figure, axes = new_figure(3, width=4.2)
    kinds, memories = points.values("weights"), points.values("memory")
    panels = [(memory, "time_ratio", "time") for memory in memories] + [(memories[0], "energy_ratio", "energy")]
    for axis, (memory, column, label) in zip(axes, panels):
        for i, tokens in enumerate(points.values("tokens")):
            rows = [points.where(weights=kind, memory=memory, tokens=tokens)[0] for kind in kinds]
            axis.bar([x + 0.27 * (i - 1) for x in range(len(kinds))], floats(rows, column), width=0.25, color=COLORS[i],
                     label=f"{tokens} token{'s' if tokens != '1' else ''}")
        axis.set_xticks(range(len(kinds)), [kind.replace(" ", "\n", 1) for kind in kinds], fontsize=8)
        decorate(axis, memory, "weights", f"{label} over that with int8", axis is axes[0])
    return figure


PICTURES = {"decode": decode, "swift": swift, "matformer": matformer, "apd": apd, "xy_serve": xy_serve, "elasticmm": elasticmm,
            "flexquant": flexquant, "flute": flute}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("docs/pictures"))
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name, draw in PICTURES.items():
        try:
            figure = draw(Points(arguments.results / name))
        except OSError as error:
            raise SystemExit(f"plot_workloads.py: {error}") from error
        figure.savefig(arguments.out / f"workload_{name}.png", dpi=110, facecolor="white", metadata={"Software": None})
        plt.close(figure)


if __name__ == "__main__":
    main()
