#!/usr/bin/env python3
"""Prints what Yosys' `stat -tech cmos` counted, per module of the hierarchy: synthesis_table.py STAT"""

import re
import sys

NAND2_TRANSISTORS = 4


def plain(name):
    """The module's own name without Yosys' parameter prefix."""
    parts = [part for part in name.split("\\") if part]
    return parts[0] if not parts[0].startswith("$paramod") else parts[1]


def is_flip_flop(cell):
    return "DFF" in cell


def read_modules(path):
    """Per module its own cells by type, and the transistors of those that are not flip-flops."""
    modules, cells = {}, None
    with open(path, encoding="utf-8") as file:
        for line in file:
            if header := re.fullmatch(r"=== (\S+) ===\n", line):
                name, cells = header[1], {}
                modules[name] = {"cells": cells, "transistors": 0}
            elif line.startswith("=== "):
                break  # the hierarchy's totals
            elif cells is not None and (cell := re.fullmatch(r"     (\$\S+) +(\d+)\n", line)):
                cells[cell[1]] = int(cell[2])
            elif transistors := re.fullmatch(r" +Estimated number of transistors: +(\d+)\+?\n", line):
                modules[name]["transistors"] = int(transistors[1])
    return modules


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: synthesis_table.py STAT")
    modules = read_modules(sys.argv[1])
    children = {name: {c: n for c, n in m["cells"].items() if c in modules} for name, m in modules.items()}
    used = {child for kinds in children.values() for child in kinds}
    (top,) = [name for name in modules if plain(name) == "flexcim_macro" and name not in used]

    instances = {}

    def count(name, times):
        instances[name] = instances.get(name, 0) + times
        for child, number in children[name].items():
            count(child, times * number)

    count(top, 1)
    rows = {}
    for name, times in instances.items():
        cells = modules[name]["cells"]
        flip_flops = sum(n for cell, n in cells.items() if is_flip_flop(cell))
        gates = sum(n for cell, n in cells.items() if not is_flip_flop(cell) and cell not in modules)
        transistors = modules[name]["transistors"]
        row = rows.setdefault(plain(name), [0, 0, 0, 0])
        for i, value in enumerate((1, flip_flops, gates, transistors / NAND2_TRANSISTORS)):
            row[i] += value * times
    print(f"{'module':<16}{'instances':>10}{'flip-flops':>12}{'gates':>10}{'as NAND2':>12}")
    for name, row in rows.items():
        print(f"{name:<16}{row[0]:>10}{row[1]:>12}{row[2]:>10}{row[3]:>12.0f}")
    totals = [sum(row[i] for row in rows.values()) for i in range(4)]
    print(f"{'all':<16}{totals[0]:>10}{totals[1]:>12}{totals[2]:>10}{totals[3]:>12.0f}")


if __name__ == "__main__":
    main()
