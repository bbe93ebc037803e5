#!/usr/bin/env python3
"""scripts/pre-commit as a hook of small repositories: it sees what is staged, and nothing else.

usage: pre_commit_test.py ROOT
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(sys.argv.pop())
CHECK_FORMAT = """#!/usr/bin/env bash
for file in "$@"; do ! grep -Hn BADLY "$file" || status=1; done
exit ${status:-0}
"""  # in place of clang-format: what matters here is which files it gets, with which content


class PreCommit(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.top = pathlib.Path(self.folder.name) / "a checkout"
        self.top.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        for name in ["scripts/pre-commit", "scripts/draw_pictures", "tests/docs/check_pages.py", "docs/pictures/soc.dot", "docs/pictures/soc.svg"]:
            (self.top / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.top / name)
        self.write("scripts/check_format", CHECK_FORMAT)
        (self.top / "scripts/check_format").chmod(0o755)
        self.write("README.md", "# Small\n")
        self.write("flow/a.cpp", "int a;\n")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "first")
        (self.top / ".git/hooks").mkdir(exist_ok=True)
        (self.top / ".git/hooks/pre-commit").symlink_to("../../scripts/pre-commit")

    def write(self, name, text):
        (self.top / name).parent.mkdir(exist_ok=True)
        (self.top / name).write_text(text, encoding="utf-8")

    def git(self, *arguments, top=None):
        me = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
        surroundings = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        surroundings.update(GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_NOSYSTEM="1")
        return subprocess.run(["git", *me, *arguments], cwd=top or self.top, capture_output=True, text=True, check=False, env=surroundings)

    def commit(self, *arguments, top=None):
        """Whether it came to be, and what the hook said."""
        done = self.git("commit", "--quiet", "--message", "next", *arguments, top=top)
        return done.returncode == 0, done.stderr

    def test_good_files_are_committed_with_one_line(self):
        self.write("flow/a.cpp", "int b;\n")
        self.write("flow/BADLY named and staged not.cpp", "BADLY\n")
        self.git("add", "flow/a.cpp")
        good, said = self.commit()
        self.assertTrue(good, said)
        self.assertEqual(said, "pre-commit: 1 staged files are good: format, whitespace, syntax of scripts, pages, pictures\n")

    def test_what_is_staged_counts_not_what_lies_there(self):
        self.write("flow/a.cpp", "BADLY\n")
        self.git("add", "--all")
        self.write("flow/a.cpp", "int mended;\n")
        good, said = self.commit()
        self.assertFalse(good)
        self.assertIn("flow/a.cpp:1:BADLY\n", said)
        self.assertIn("not committed: format. To mend: scripts/check_format --fix flow/a.cpp; then git add", said)
        self.git("add", "--all")
        self.write("flow/a.cpp", "BADLY\n")
        good, said = self.commit()
        self.assertTrue(good, said)

    def test_commits_of_named_files_and_of_all(self):
        self.write("flow/a.cpp", "BADLY\n")
        self.write("README.md", "# Changed\n")
        self.assertTrue(self.commit("README.md")[0])
        self.assertFalse(self.commit("--all")[0])

    def test_every_kind_of_mistake(self):
        for name, text, kind in [("flow/b.h", "int b; \n", "whitespace"), ("scripts/run", "#!/usr/bin/env bash\nif true\n", "shell syntax"),
                                 ("scripts/x.py", "#!/usr/bin/env python3\nx =\n", "Python syntax"),
                                 ("README.md", "`flow/none.cpp`\n", "pages"), ("docs/pictures/soc.dot", "digraph {}\n", "pictures")]:
            with self.subTest(kind):
                self.write(name, text)
                self.git("add", "--all")
                good, said = self.commit()
                self.assertFalse(good)
                self.assertIn(f"pre-commit: not committed: {kind}. To mend: ", said.splitlines()[-1])
                self.git("reset", "--quiet", "--hard")

    def test_worktrees_have_the_hook_and_their_own_rules(self):
        tree = pathlib.Path(self.folder.name) / "worktree"
        self.git("worktree", "add", "--quiet", "-b", "other", str(tree))
        (tree / "flow/a.cpp").write_text("BADLY\n", encoding="utf-8")
        self.assertFalse(self.commit("--all", top=tree)[0])
        (tree / "scripts/check_format").write_text("#!/bin/sh\n", encoding="utf-8")
        self.assertTrue(self.commit("--all", top=tree)[0])
        self.git("rm", "--quiet", "scripts/pre-commit", top=tree)
        (tree / "flow/a.cpp").write_text("BADLY again \n", encoding="utf-8")
        self.assertEqual(self.commit("--all", top=tree), (True, ""))


if __name__ == "__main__":
    unittest.main()
