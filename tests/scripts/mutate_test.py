#!/usr/bin/env python3
"""The lines that scripts/mutate changes are there: a chosen mutation whose text has become another is tried by nobody, and says so
only when all of them run, which takes hours.

usage: tests/scripts/mutate_test.py SOURCE_DIR
"""

import importlib.machinery
import importlib.util
import pathlib
import sys

sys.dont_write_bytecode = True
SOURCE = pathlib.Path(sys.argv[1]).resolve()


def mutate():
    sys.path.insert(0, str(SOURCE / "scripts"))
    loader = importlib.machinery.SourceFileLoader("mutate", str(SOURCE / "scripts" / "mutate"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("mutate", loader))
    loader.exec_module(module)
    return module


def main():
    module, wrong, tried = mutate(), [], 0
    for room, (_, _, mutations) in module.ROOMS.items():
        for name, before, after, what in mutations:
            tried += 1
            count = (SOURCE / name).read_text(encoding="utf-8").count(before)
            if count != 1 or before == after:
                wrong.append(f"{room}: {name} has \"{before}\" {count} times, not once: {what}")
    for area, (_, _, files, _) in module.SCORED.items():
        wrong += [f"{area}: there is no {name}" for name in files if not (SOURCE / name).is_file()]
    print(*wrong, f"{tried} chosen mutations, {len(wrong)} wrong", sep="\n")
    return 1 if wrong or not tried else 0


if __name__ == "__main__":
    sys.exit(main())
