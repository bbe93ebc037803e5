#!/usr/bin/env python3
"""Draws power.csv of a result folder: mW per component over simulated time, stacked, one picture per run.

usage: plot_power.py RESULT_FOLDER [-o FILE.png|FILE.svg]
Without -o the picture is RESULT_FOLDER/power.png. Needs python3-matplotlib.
"""

import argparse
import csv
import pathlib
import sys

SMALLEST_SHARE = 0.005  # of the energy; components below are drawn as one


def read_runs(path):
    """{(run, fidelity): [row]} in the file's order."""
    runs = {}
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            runs.setdefault((row["run"], row["fidelity"]), []).append(row)
    return runs


def series(rows):
    """Edges of the windows in us, and [(component, mW per window)] by falling energy."""
    starts = [float(row["start_ns"]) for row in rows]
    ends = [float(row["end_ns"]) for row in rows]
    names = [key for key in rows[0] if key.endswith("_mw") and key != "total_mw"]
    power = {name[: -len("_mw")]: [float(row[name]) for row in rows] for name in names}
    energy = {name: sum(p * (e - s) for p, s, e in zip(values, starts, ends)) for name, values in power.items()}
    total = sum(energy.values()) or 1.0
    shown = sorted((n for n in power if energy[n] >= SMALLEST_SHARE * total), key=lambda n: -energy[n])
    rest = [n for n in power if n not in shown]
    stacked = [(name, power[name]) for name in shown]
    if any(energy[n] > 0 for n in rest):
        stacked.append(("other", [sum(power[n][i] for n in rest) for i in range(len(rows))]))
    edges = [t / 1000 for t in starts + ends[-1:]]
    return edges, stacked


def draw(runs, output):
    try:
        import matplotlib
    except ImportError:
        sys.exit("plot_power.py: matplotlib is missing (Debian package python3-matplotlib)")
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(len(runs), 1, figsize=(10, 3.6 * len(runs)), squeeze=False, constrained_layout=True)
    colours = plt.get_cmap("tab20").colors
    # A component has one colour in all runs.
    order = {}
    for (run, fidelity), rows in runs.items():
        axis = axes[list(runs).index((run, fidelity))][0]
        edges, stacked = series(rows)
        base = [0.0] * len(rows)
        for name, values in stacked:
            top = [b + v for b, v in zip(base, values)]
            colour = colours[order.setdefault(name, len(order)) % len(colours)]
            axis.stairs(top, edges, baseline=base, fill=True, color=colour, label=name)
            base = top
        axis.set_title(f"run {run}, {fidelity}")
        axis.set_xlabel("simulated time (µs)")
        axis.set_ylabel("power (mW)")
        axis.set_xlim(edges[0], edges[-1])
        axis.set_ylim(bottom=0)
        axis.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize="small")
    figure.savefig(output, dpi=130)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path, help="result folder of a run")
    parser.add_argument("-o", "--output", type=pathlib.Path, help="picture to write (.png, .svg, .pdf)")
    arguments = parser.parse_args()
    path = arguments.folder / "power.csv"
    if not path.is_file():
        sys.exit(f"plot_power.py: {path}: no such file")
    try:
        runs = read_runs(path)
        if not runs:
            sys.exit(f"plot_power.py: {path}: has no windows")
        output = arguments.output or arguments.folder / "power.png"
        draw(runs, output)
    except (KeyError, ValueError) as error:
        sys.exit(f"plot_power.py: {path}: is no power.csv of a run ({error})")
    print(output)


if __name__ == "__main__":
    main()
