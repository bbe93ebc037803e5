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
EVALS = {
    "eval": [],
    "more": ["--candidates", "1:4,2:4,3:4,1:8,2:8,4:8,6:8,8:8", "--objectives", "error,loss", "--updates", "compensate", "--policies",
             "element,window_shared", "--windows", "1,2"],
}
# Label: (what the architecture has beside the published one's keys, policy)
FRONTS = {
    "shared, w=1": ({"window": 1}, "window_shared"),
    "shared, w=2": ({"window": 2}, "window_shared"),
    "shared, w=4": ({"window": 4}, "window_shared"),
    "element, w=1, grouped": ({"sequencing": "grouped"}, "element"),
    "element, w=1, scan": ({"sequencing": "scan"}, "element"),
    "element, w=1, dense_slot": ({"sequencing": "dense_slot"}, "element"),
}


def measured(path, words):
    """What a command prints, from the file if it is there."""
    if not path.exists():
        flexcim = os.environ.get("FLEXCIM", str(ROOT / "build/release/flexcim"))
        print(f"{path.name}: flexcim {' '.join(words)}", file=sys.stderr, flush=True)
        output = subprocess.run([flexcim, *words], check=True, stdout=subprocess.PIPE, text=True).stdout
        path.write_text(output)
    return json.loads(path.read_text())


def architecture(folder, keys):
    path = folder / ("-".join(f"{key}_{value}" for key, value in keys.items()) + ".yaml")
    path.write_text("".join(f"{key}: {value}\n" for key, value in {"base": "flexcim_published", "name": path.stem, **keys}.items()))
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
    words = sys.argv[1:]
    update = words[:1] == ["--update"]
    words = words[update:]
    if len(words) != 1 or words[0].startswith("-"):
        raise SystemExit(__doc__)
    folder = Path(words[0])
    folder.mkdir(parents=True, exist_ok=True)
    tables = {}
    for model in MODELS:
        source = ROOT / "scenarios/models" / model
        short = model.removeprefix("tiny-")
        for name, options in EVALS.items():
            path = folder / f"{model}-{name}.json"
            tables[model, name] = table(measured(path, ["flow", "eval", str(source), "--limit", "16384", "--json", *options])["rows"])
        plot = [str(ROOT / "scripts/plot_flow.py"), "--eval", str(folder / f"{model}-eval.json"), "--out", str(folder),
                "--prefix", f"flow_{short}_"]
        for label, (keys, policy) in FRONTS.items():
            path = folder / f"{model}-front-{re.sub('[^a-z0-9]+', '-', label)}.json"
            measured(path, ["flow", "front", str(source), "--calibration", str(source / "calibration.txt"), "--architecture",
                            str(architecture(folder, keys)), "--policy", policy, "--tokens", "128", "--text",
                            str(source / "evaluation.txt"), "--limit", "16384", "--json"])
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
