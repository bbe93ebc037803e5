#!/usr/bin/python3
"""Follows docs/tutorial.md: saves its files, types its commands, and compares what it shows with what they print.

usage: tutorial_test.py FLEXCIM ROOT WORK [--keep]    WORK: a folder to work in, removed afterwards unless --keep

Of the page's blocks, those of yaml are files, named in the sentence before ("Save this as `NAME.yaml`:"); those of sh are run by bash, in order; those of
text are what the command before has printed, where … stands for anything, on a line of its own for any lines. In sentences every number with a unit has to stand in a block, too.
"""
import argparse
import pathlib
import re
import shutil
import subprocess

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
FILE = re.compile(r"[Ss]ave (?:this )?as `([\w.]+)`:\n\n$")
NUMBER = r"\d[\d,]*(?:\.\d+)?"
QUOTED = re.compile(rf"({NUMBER}) (?:%|s|ms|µs|J|mJ|µJ|mm²|cycles|designs|blocks|KiB)(?!\w)")
COMMANDS = 10
SECONDS = 120  # for one command, on a busy machine


def pattern(shown):
    """Of lines as the page has them."""
    lines = ["(?:.*\n)*?" if line == "…" else ".*".join(map(re.escape, line.rstrip().split("…"))) + " *\n" for line in shown.splitlines()]
    return re.compile("^" + "".join(lines), re.M)


def follow(text, work):
    """The blocks of the page in order. What is wrong with it."""
    printed, commands, end = "", 0, 0
    for block in BLOCK.finditer(text):
        kind, content = block.groups()
        line = text.count("\n", 0, block.start()) + 1
        if kind == "yaml":
            name = FILE.search(text, end, block.start())
            if not name:
                yield f"line {line}: the sentence before does not say how to save it"
                return
            (work / name[1]).write_text(content, encoding="utf-8")
        elif kind == "sh":
            commands += 1
            done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", content], cwd=work, timeout=SECONDS, check=False,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            printed = done.stdout.decode()
            if done.returncode:
                yield f"line {line}: exit code {done.returncode}\n{printed}"
                return
        elif kind == "text":
            if not pattern(content).search(printed):
                yield f"line {line}: this is not what came out\n{printed}"
        else:
            yield f"line {line}: nobody knows what to do with {kind}"
        end = block.end()
    if commands != COMMANDS:
        yield f"there are {commands} commands, not {COMMANDS}"


def unfounded(text):
    """Figures that stand in no block."""
    blocks = [content for _, content in BLOCK.findall(text)]
    founded = set(re.findall(NUMBER, "\n".join(blocks)))
    for quoted in QUOTED.finditer(BLOCK.sub(lambda block: "\n" * block[0].count("\n"), text)):
        if quoted[1] not in founded:
            yield f"{quoted[0]}: stands in no block"


def main():
    options = argparse.ArgumentParser(usage=__doc__)
    options.add_argument("flexcim", type=pathlib.Path)
    options.add_argument("root", type=pathlib.Path)
    options.add_argument("work", type=pathlib.Path)
    options.add_argument("--keep", action="store_true")
    given = options.parse_args()

    work = given.work.resolve()
    shutil.rmtree(work, ignore_errors=True)
    (work / "build/release").mkdir(parents=True)
    (work / "out").mkdir()  # scripts/demo has made it
    (work / "build/release/flexcim").symlink_to(given.flexcim.resolve())
    for folder in "docs", "scenarios":
        (work / folder).symlink_to(given.root.resolve() / folder)

    text = (given.root / "docs/tutorial.md").read_text(encoding="utf-8")
    bad = [*unfounded(text), *follow(text, work)]
    if not given.keep:
        shutil.rmtree(work)
    if bad:
        raise SystemExit("docs/tutorial.md: " + "\ndocs/tutorial.md: ".join(bad))


if __name__ == "__main__":
    main()
