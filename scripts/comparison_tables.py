#!/usr/bin/env python3
"""Tables of a comparison, as the pages have them: each stands in the page behind a comment that says what it shows.

usage: scripts/comparison_tables.py DIR PAGE            compares the tables of PAGE with DIR/comparison.csv; exit code 1 where one differs
       scripts/comparison_tables.py --update DIR PAGE   writes them

A comment: <!-- table: rows=AXIS columns=AXIS[,AXIS...] value=COLUMN [digits=N] [where="AXIS:VALUE,..."] -->
Cells are geometric means over all other axes.
"""

import csv
import math
import re
import sys

COMMENT = re.compile(r"^<!-- table: (.*) -->$")


def options_of(text):
    """Values with blanks stand in quotes."""
    return {name: value.strip('"') for name, value in re.findall(r'(\w+)=("[^"]*"|\S+)', text)}


def distinct(rows, axes):
    return list(dict.fromkeys(tuple(row[axis] for axis in axes) for row in rows))


def table(points, options):
    """Lines of markdown."""
    rows_axis, columns = options["rows"], options["columns"].split(",")
    value, digits = options["value"], int(options.get("digits", 2))
    for condition in filter(None, options.get("where", "").split(",")):
        axis, wanted = condition.split(":", 1)
        points = [point for point in points if point[axis] == wanted]
    if not points:
        raise SystemExit(f"no point is {options['where']}")
    heads = distinct(points, columns)
    lines = [f"| {rows_axis} | " + " | ".join(", ".join(head) for head in heads) + " |",
             "| --- |" + " --: |" * len(heads)]
    for (row,) in distinct(points, [rows_axis]):
        cells = []
        for head in heads:
            found = [float(point[value]) for point in points
                     if point[rows_axis] == row and tuple(point[axis] for axis in columns) == head]
            mean = math.exp(sum(map(math.log, found)) / len(found))
            cells.append(f"{mean:.{digits}f}")
        lines.append(f"| {row} | " + " | ".join(cells) + " |")
    return lines


def rewritten(text, comment, table_of):
    """The page with its tables made anew: behind each line that matches `comment` the lines that table_of(match) gives."""
    lines, result, at = text.split("\n"), [], 0
    while at < len(lines):
        result.append(lines[at])
        found = comment.match(lines[at])
        at += 1
        if not found:
            continue
        result += ["", *table_of(found)]
        while at < len(lines) and (not lines[at] or lines[at].startswith("|")):
            at += 1
        result.append("")
    return "\n".join(result)


def main():
    words = sys.argv[1:]
    update = words[:1] == ["--update"]
    words = words[update:]
    if len(words) != 2:
        raise SystemExit(__doc__)
    folder, page = words
    with open(f"{folder}/comparison.csv", encoding="utf-8", newline="") as file:
        points = list(csv.DictReader(file))
    with open(page, encoding="utf-8") as file:
        text = file.read()
    wanted = rewritten(text, COMMENT, lambda found: table(points, options_of(found[1])))
    if update:
        with open(page, "w", encoding="utf-8") as file:
            file.write(wanted)
    elif wanted != text:
        for number, (has, should) in enumerate(zip(text.split("\n"), wanted.split("\n")), 1):
            if has != should:
                raise SystemExit(f"{page}:{number}: is\n  {has}\nwhere the comparison has\n  {should}\n"
                                 f"scripts/comparison_tables.py --update {folder} {page} writes it")


if __name__ == "__main__":
    main()
