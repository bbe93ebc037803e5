#!/usr/bin/python3
"""Measures and plots bits per byte of a packed model against the rate of faults, target by target.

scripts/plot_faults.py --measure PACKED --text TEXT [--limit TOKENS] [--seeds N] [--jobs N]
    [--curve NAME]... [--rate RATE]... [--flexcim PROGRAM] [--scenario FILE] CSV
scripts/plot_faults.py CSV [--out FOLDER]

The first form runs `flexcim flow eval PACKED --scenario FILE` at every rate of every curve and writes one line for each seed into CSV; the
second one draws the curves, the mean over the seeds with the range between them, as faults.png and faults.svg. Needs Debian's
python3-matplotlib.
"""
import argparse
import collections
import concurrent.futures
import csv
import json
import subprocess
import sys
from pathlib import Path

OF_TILES = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1]  # rates of what is loaded with a tile
OF_PASSES = [1e-7, 1e-6, 1e-5, 1e-4, 1e-3]  # and of what there is far more of
# Name, glob, bits, code of the DRAM's words, rates.
CURVES = [
    ("weight, sign bit", "*.cells.weight", [7], "none", OF_TILES),
    ("weight, bit 6", "*.cells.weight", [6], "none", OF_TILES),
    ("weight, bit 3", "*.cells.weight", [3], "none", OF_TILES),
    ("weight, bit 0", "*.cells.weight", [0], "none", OF_TILES),
    ("weight, all bits", "*.cells.weight", [], "none", OF_TILES),
    ("metadata", "*.cells.metadata", [], "none", OF_TILES),
    ("selects", "*.sequencer.selects", [], "none", OF_TILES),
    ("activations", "soc.macros.activations", [], "none", OF_PASSES),
    ("psums", "*.psum_final", [], "none", OF_PASSES),
    ("accumulators", "soc.buffers.output", [], "none", OF_PASSES),
    ("DRAM, weights", "soc.dram.weights", [], "none", OF_PASSES),
    ("DRAM, weights, SECDED", "soc.dram.weights", [], "secded", OF_PASSES),
    ("DRAM, activations", "soc.dram.activations", [], "none", OF_PASSES),
]
FIELDS = ["curve", "rate", "seed", "bits_per_byte", "wrong_bits", "corrected", "detected", "silent", "failed_commands"]


def measure(options, curve, rate, seed):
    name, glob, bits, protection, _ = curve
    entry = json.dumps({"target": glob, "rate": rate, "bits": bits})
    command = [options.flexcim, "flow", "eval", options.measure, "--text", options.text, "--limit", str(options.limit), "--json",
               "--scenario", options.scenario]
    for setting in (f"architecture.dram.protection={protection}", f"faults.seed={seed}", f"faults.inject=[{entry}]"):
        command += ["--set", setting]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\n{ran.stderr}")
    result = json.loads(ran.stdout)
    sites = result["faults"]["sites"].values()
    total = {key: sum(site[key] for site in sites) for key in ("bits", "corrected", "detected", "silent")}
    return [name, f"{rate:g}", seed, result["bits_per_token"], total["bits"], total["corrected"], total["detected"], total["silent"],
            sum(result["faults"]["reported"].values())]


def measure_all(options):
    chosen = [curve for curve in CURVES if not options.curve or curve[0] in options.curve]
    points = [(curve, rate, seed) for curve in chosen for rate in options.rate or curve[4]
              for seed in range(1, options.seeds + 1)]
    with open(options.csv, "w", newline="", encoding="utf-8") as file, concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(FIELDS)
        for done, row in enumerate(pool.map(lambda point: measure(options, *point), points), 1):
            writer.writerow(row)
            file.flush()
            print(f"\r{done}/{len(points)}", end="", file=sys.stderr)
    print(file=sys.stderr)


def plot(options):
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams.update({"svg.hashsalt": "flexcim", "svg.fonttype": "none"})  # equal input, equal bytes; text as text
    import matplotlib.pyplot as plt

    curves = collections.defaultdict(lambda: collections.defaultdict(list))
    with open(options.csv, encoding="utf-8") as file:
        for row in csv.DictReader(file):
            curves[row["curve"]][float(row["rate"])].append(float(row["bits_per_byte"]))
    panels = [("what the macro holds", [name for name in curves if name.startswith("weight") or name in ("metadata", "selects")]),
              ("what moves", [name for name in curves if not name.startswith("weight") and name not in ("metadata", "selects")])]
    figure, axes = plt.subplots(1, 2, sharey=True, figsize=(12, 4.6))
    for place, (title, names) in zip(axes, panels):
        for number, name in enumerate(names):
            rates = sorted(curves[name])
            values = [curves[name][rate] for rate in rates]
            means = [sum(each) / len(each) for each in values]
            colour = f"C{number}"
            place.plot(rates, means, marker="o", color=colour, label=name)
            place.fill_between(rates, [min(each) for each in values], [max(each) for each in values], color=colour, alpha=0.15)
        place.set_xscale("log")
        place.set_title(title)
        place.set_xlabel("faults per bit and access")
        place.grid(alpha=0.3)
        place.legend(fontsize=8)
    axes[0].set_ylabel("bits per byte")
    for kind, metadata in (("png", {"Software": None}), ("svg", {"Date": None})):
        figure.savefig(Path(options.out) / f"faults.{kind}", metadata=metadata, dpi=110, bbox_inches="tight")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("csv")
    parser.add_argument("--measure", metavar="PACKED")
    parser.add_argument("--text")
    parser.add_argument("--curve", action="append", help="only this one; may be repeated")
    parser.add_argument("--rate", type=float, action="append", help="in place of the curves' own; may be repeated")
    parser.add_argument("--limit", type=int, default=1024)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--flexcim", default="build/release/flexcim")
    parser.add_argument("--scenario", default="scenarios/faults.yaml")
    parser.add_argument("--out", default=".")
    options = parser.parse_args()
    if options.measure is None:
        return plot(options)
    if options.text is None:
        parser.error("--measure needs --text")
    measure_all(options)


main()
