#!/usr/bin/env python3
"""check_pages.py on small trees: what is right passes, each kind of mistake is found with its page and line."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

CHECK = pathlib.Path(__file__).resolve().parent / "check_pages.py"


class CheckPages(unittest.TestCase):
    def check(self, **pages):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name in ["docs/more.md", "scripts/demo", "tests/flow/map_test.cpp", "tlm/memory/dram.h", "tlm/memory/dram.cpp"]:
                file = root / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text("# More, and more: `a_b`\n\n## [Linked](more.md) twice\n", encoding="utf-8")
            for name, text in pages.items():
                (root / f"{name}.md").write_text(text, encoding="utf-8")
            done = subprocess.run([sys.executable, CHECK, root], capture_output=True, text=True, check=False)
            *found, summary = done.stdout.splitlines()
            self.assertEqual(done.returncode, 1 if found else 0, done.stderr)
            self.assertEqual(summary, f"{1 + len(pages)} pages, {len(found)} problems")
            return found

    def test_right_pages(self):
        self.assertEqual(self.check(README="""# Start
`scripts/demo --fast`, scripts/demo. (docs/more.md), ./scripts/demo; `tlm/memory/dram.{h,cpp}`, `tests/ROOM/NAME_test.cpp`, `tests/*/`, tlm/
[here](#start) [there](docs/more.md#more-and-more-a_b) [twice](docs/more.md#linked-twice) [web](https://example.org/scripts/none)
```sh
cat tests/flow/$name.cpp docs/${page}.md out/scripts/none   # [no](link)
```
"""), [])

    def test_missing_names(self):
        self.assertEqual(self.check(README="\n`scripts/none`\n`tlm/memory/dram.{h,hpp}`\n```sh\nscripts/gone x\n```\ntests/ROOM/NAME_tests.cpp"), [
            "README.md:2: there is no scripts/none", "README.md:3: there is no tlm/memory/dram.hpp",
            "README.md:5: there is no scripts/gone", "README.md:7: there is no tests/ROOM/NAME_tests.cpp"])

    def test_broken_links(self):
        self.assertEqual(self.check(README="# One\n[a](docs/none.md) [b](#two)\n[c](docs/more.md#less) ![d](docs/none.svg)"), [
            "README.md:2: the link leads to docs/none.md, which is not there", "README.md:2: README.md has no heading #two",
            "README.md:3: more.md has no heading #less", "README.md:3: the link leads to docs/none.svg, which is not there"])

    def test_history_may_name_what_is_gone_but_not_link_to_it(self):
        self.assertEqual(self.check(CHANGELOG="`scripts/old` is gone\n[x](scripts/old)"),
                         ["CHANGELOG.md:2: the link leads to scripts/old, which is not there"])


if __name__ == "__main__":
    unittest.main()
