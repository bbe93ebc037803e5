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


class Windows:
    """The windows of a run; neighbours become one where there are more than a picture can show."""

    MOST = 8000

    def __init__(self, columns):
        self.names = [key for key in columns if key.endswith("_mw") and key != "total_mw"]
        self.merged = 1  # windows in each of `rows`
        self.last = 0  # and in the last of them
        self.rows = []  # [start in ns, end in ns, energy per component in pJ]

    def add(self, row):
        start, end = float(row["start_ns"]), float(row["end_ns"])
        energies = [float(row[name]) * (end - start) for name in self.names]
        if self.rows and self.last < self.merged:
            self.join(self.rows[-1], end, energies)
            self.last += 1
            return
        self.rows.append([start, end, energies])
        self.last = 1
        if len(self.rows) <= self.MOST:
            return
        for first, second in zip(self.rows[::2], self.rows[1::2]):
            self.join(first, second[1], second[2])
        self.last = self.merged + 1 if len(self.rows) % 2 == 0 else 1
        self.rows = self.rows[::2]
        self.merged *= 2

    @staticmethod
    def join(row, end, energies):
        row[1] = end
        row[2] = [a + b for a, b in zip(row[2], energies)]


def read_runs(path):
    """{(run, fidelity): Windows} in the file's order."""
    runs = {}
    with open(path, newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        for row in reader:
            key = (row["run"], row["fidelity"])
            if key not in runs:
                runs[key] = Windows(reader.fieldnames)
            runs[key].add(row)
    return runs


def series(windows):
    """Edges of the windows in us, and [(component, mW per window)] by falling energy."""
    rows = windows.rows
    starts = [row[0] for row in rows]
    ends = [row[1] for row in rows]
    power = {
        name[: -len("_mw")]: [row[2][i] / (row[1] - row[0]) for row in rows] for i, name in enumerate(windows.names)
    }
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
    for (run, fidelity), windows in runs.items():
        axis = axes[list(runs).index((run, fidelity))][0]
        edges, stacked = series(windows)
        base = [0.0] * (len(edges) - 1)
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
