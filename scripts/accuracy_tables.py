#!/usr/bin/env python3
"""The tables and pictures of docs/accuracy.md: measures what FOLDER does not hold yet, then draws and writes.

usage: scripts/accuracy_tables.py [--update] FOLDER

FOLDER keeps what `flexcim flow eval` and `flow front` print for both small models, a file each: one that is there is not measured
again. Draws accuracy and front pictures into FOLDER; with --update writes the tables into docs/accuracy.md, each behind its comment
<!-- accuracy: MODEL FILE -->, and the pictures beside it. About an hour on two processors. FLEXCIM: the binary, by default
build/release/flexcim.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from comparison_tables import rewritten

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/accuracy.md"
COMMENT = re.compile(r"^<!-- accuracy: (\S+) (\S+) -->$")
MODELS = ("tiny-llama", "tiny-mamba")
KNOWN = 16384  # bytes of the evaluation text; what lies behind them confirms
# Label: (window of the published macro, sequencing, policy); of shared selects all columns want the same, whatever the sequencing
FRONTS = {
    "shared, w=1": (1, "grouped", "window_shared"),
    "shared, w=2": (2, "grouped", "window_shared"),
    "shared, w=4": (4, "grouped", "window_shared"),
    "element, w=1, grouped": (1, "grouped", "element"),
    "element, w=1, scan": (1, "scan", "element"),
    "element, w=1, dense_slot": (1, "dense_slot", "element"),
}


def measured(path, words):
    """What a command prints, from the file if it is there."""
    if not path.exists():
        flexcim = os.environ.get("FLEXCIM", str(ROOT / "build/release/flexcim"))
        print(f"{path.name}: flexcim {' '.join(words)}", file=sys.stderr, flush=True)
        output = subprocess.run([flexcim, *words], check=True, stdout=subprocess.PIPE, text=True).stdout
        path.write_text(output)
    return json.loads(path.read_text())


def evaluations(folder, source):
    """Name: words of flow eval."""
    rest = folder / f"{source.name}-rest.txt"
    rest.write_bytes((source / "evaluation.txt").read_bytes()[KNOWN:])
    known, compensated = ["--limit", str(KNOWN)], ["--updates", "compensate", "--policies", "element,window_shared"]
    return {
        "eval": known,
        "more": [*known, *compensated, "--windows", "1,2", "--objectives", "error,loss", "--candidates", "1:4,2:4,3:4,1:8,2:8,4:8,6:8,8:8"],
        "rest": ["--text", str(rest), *compensated, "--windows", "1", "--objectives", "loss"],
    }


def hardware(folder, window, sequencing):
    """A scenario with it."""
    path = folder / f"window_{window}_{sequencing}.yaml"
    path.write_text(f"name: {path.stem}\nfidelity: estimate\nworkload: {{kind: shapes, model: llama-2-7b, tokens: 128}}\n"
                    f"architecture: {{base: flexcim_published, name: window_{window}, window: {window}}}\nsequencing: {sequencing}\n")
    return path


def table(rows):
    """Lines of markdown: a column for each way of choosing indices."""
    heads = list(dict.fromkeys(row["indices"] for row in rows if "target" in row))
    lines = ["| target | update | patterns | " + " | ".join(heads) + " |", "| --- | --- | --- |" + " --: |" * len(heads)]
    cells = {}
    for row in rows:
        if "target" not in row:
            continue
        taken = re.fullmatch(r"(.*) \((.*)\)", row["variant"])
        name = taken[1] if taken else row["variant"]
        value = f"{row['bits_per_token']:.4f}" + (f" ({taken[2]})" if taken and ":" in taken[2] else "")
        if name.startswith("uniform"):
            name += f" ({row['reached']:.2f})"
        cells.setdefault((row["target"], row["update"], name), {})[row["indices"]] = value
    order = {"none": 0, "compensate": 1}
    for target, update, name in sorted(cells, key=lambda key: (key[0], order[key[1]])):
        line = cells[target, update, name]
        lines.append(f"| {target} | {update} | {name} | " + " | ".join(line.get(head, "") for head in heads) + " |")
    return lines


def main():
    update = sys.argv[1:2] == ["--update"]
    arguments = sys.argv[1 + update:]
    if len(arguments) != 1 or arguments[0].startswith("-"):
        raise SystemExit(__doc__)
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    tables = {}
    for model in MODELS:
        source = ROOT / "scenarios/models" / model
        short = model.removeprefix("tiny-")
        for name, words in evaluations(folder, source).items():
            path = folder / f"{model}-{name}.json"
            tables[model, name] = table(measured(path, ["flow", "eval", str(source), "--json", *words])["rows"])
        plot = [str(ROOT / "scripts/plot_flow.py"), "--eval", str(folder / f"{model}-eval.json"), "--out", str(folder),
                "--prefix", f"flow_{short}_"]
        for label, (window, sequencing, policy) in FRONTS.items():
            path = folder / f"{model}-front-{re.sub('[^a-z0-9]+', '-', label)}.json"
            measured(path, ["flow", "front", str(source), "--calibration", str(source / "calibration.txt"), "--architecture",
                            str(hardware(folder, window, sequencing)), "--policy", policy, "--tokens", "16", "--keep-dense", "none", "--text",
                            str(source / "evaluation.txt"), "--limit", str(KNOWN), "--json"])
            plot += ["--front", f"{label}:{path}"]
        subprocess.run(plot, check=True)
    wanted = rewritten(PAGE.read_text(encoding="utf-8"), COMMENT, lambda found: tables[found[1], found[2]])
    if not update:
        print("\n\n".join("\n".join([" ".join(key), "", *lines]) for key, lines in tables.items()))
        return 0
    PAGE.write_text(wanted, encoding="utf-8")
    for model in MODELS:
        for picture in ("accuracy", "front"):
            name = f"flow_{model.removeprefix('tiny-')}_{picture}.png"
            shutil.copyfile(folder / name, PAGE.parent / "pictures" / name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
