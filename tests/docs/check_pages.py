#!/usr/bin/env python3
"""Checks the project's pages: every file of the repository that they name is there, every relative link leads somewhere.

usage: check_pages.py ROOT

A name is whatever begins with a folder of the repository: tests/flow/main.cpp, docs/*.md, tlm/memory/dram.{h,cpp}, docs/energy.md. NAME, ROOM
and $variables stand for any word: tests/ROOM/NAME_test.cpp has to fit at least one file. Links are checked with their anchors.
"""
import pathlib
import re
import sys

PAGES = ["*.md", "docs/*.md"]
FOLDERS = "bench|cmake|docs|flow|platform|rtl_models|scenarios|scripts|tests|tlm"
NAME = re.compile(r"(?<![\w./*-])(?:\./)?((?:" + FOLDERS + r"|\.ci)/[\w./*{},$-]*[\w/*}])")
LINK = re.compile(r"\]\(([^()\s]+)\)")
HISTORY = "CHANGELOG.md"  # may name what is no more


def alternatives(name):
    """tlm/dram.{h,cpp} -> tlm/dram.h, tlm/dram.cpp"""
    match = re.search(r"{([^{}]*)}", name)
    if not match:
        return [name]
    return [each for word in match[1].split(",")
            for each in alternatives(name[:match.start()] + word + name[match.end():])]


def exists(root, name):
    pattern = re.sub(r"\b(?:NAME|ROOM)(?=\b|_)|\$\w+|\${\w+}", "*", name).rstrip("/")
    return any(True for _ in root.glob(pattern))


def anchors(page):
    """Of the headings, as GitHub makes them."""
    found = set()
    for heading in re.findall(r"^#+ +(.+?) *$", without_code(page.read_text(encoding="utf-8")), re.M):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        found.add(re.sub(r"[^\w\- ]", "", text).replace(" ", "-"))
    return found


def without_code(text):
    return re.sub(r"^```.*?^```", lambda block: "\n" * block[0].count("\n"), text, flags=re.M | re.S)


def places(pattern, text):
    for match in pattern.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, match[1]


def problems(root, page):
    text = page.read_text(encoding="utf-8")
    if page.name != HISTORY:
        # A link's own target is relative to its page.
        for line, found in places(NAME, LINK.sub(lambda link: "]()", text)):
            for name in alternatives(found):
                if not exists(root, name):
                    yield line, f"there is no {name}"
    for line, target in places(LINK, without_code(text)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists():
            yield line, f"the link leads to {path}, which is not there"
        elif anchor and anchor not in anchors(file):
            yield line, f"{file.name} has no heading #{anchor}"


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    pages = sorted(page for pattern in PAGES for page in root.glob(pattern))
    bad = [f"{page.relative_to(root)}:{line}: {problem}" for page in pages for line, problem in problems(root, page)]
    for line in bad:
        print(line)
    print(f"{len(pages)} pages, {len(bad)} problems")
    return 1 if bad or not pages else 0


if __name__ == "__main__":
    sys.exit(main())
