#!/usr/bin/env python3
"""Which sources scripts/check_tidy looks at, and how it ends, in a small repository with a clang-tidy that only notes its
arguments and finds fault with sources that say so.

usage: tests/scripts/check_tidy_test.py SOURCE_DIR
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(sys.argv.pop(1)).resolve()


class CheckTidy(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="check tidy "))  # a blank in the path
        self.addCleanup(shutil.rmtree, self.root)
        shutil.copytree(SOURCE / "scripts", self.root / "scripts")
        self.write(".gitignore", "/build/\n/tools/\n")
        for name in ("install", "build"):
            self.write(f"scripts/{name}", "#!/bin/sh\n", executable=True)
        self.write("tools/cmake", "#!/bin/sh\n", executable=True)
        self.write("tools/clang-tidy", '#!/bin/sh\nfor each; do [ "$each" != -- ] || break; file=$each; done\ncase $file in *.c | *.cpp) echo "$*" >>"$NOTES" ;; esac\n'
                   '! grep -n FAULT "$file"\n', executable=True)
        self.git("init", "-q", "-b", "main")
        for name in ("one", "two", "three"):
            self.write(f"flow/{name}.h", f"// {name}\n")
            self.write(f"flow/{name}.cpp", f'#include "flow/{name}.h"\n')
        self.write("flow/deep.h", "// only a header includes it\n")
        self.write("flow/two.h", '#include "flow/deep.h"\n')
        self.write("flow/lone.h", "// without a source of its own\n")
        self.write("tests/many names.cpp", '#include "flow/one.h"\n#include "flow/lone.h"\n')
        self.write("bench/speed.cpp", "// measures\n")
        self.commit()
        self.git("update-ref", "refs/remotes/origin/main", "HEAD")
        self.write("flow/three.cpp", '#include "flow/three.h"\n// changed\n')
        self.commit()

    def git(self, *arguments):
        surroundings = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        surroundings.update(GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_NOSYSTEM="1")
        subprocess.run(["git", "-c", "user.name=Test", "-c", "user.email=test@example.org", *arguments], cwd=self.root,
                       check=True, env=surroundings)

    def commit(self):
        self.git("add", "-A")
        self.git("commit", "-qm", "step")

    def write(self, name, text, executable=False):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if executable:
            path.chmod(0o755)

    def run_script(self, *arguments, folder=""):
        """Exit code, last line, and what clang-tidy was called for."""
        notes = self.root / "tools" / "notes"
        notes.write_text("")
        environment = dict(os.environ, PATH=f"{self.root / 'tools'}:{os.environ['PATH']}", NOTES=str(notes))
        done = subprocess.run([str(self.root / "scripts/check_tidy"), *arguments], cwd=self.root / folder, env=environment,
                              capture_output=True, text=True, check=False)
        called = sorted(line.split("-p build/tidy_", 1)[-1] for line in notes.read_text().splitlines())
        return done.returncode, (done.stdout.splitlines() or [done.stderr])[-1], called

    def test_changed_since_origin_main(self):
        self.assertEqual(self.run_script(folder="flow"),
                         (0, "clang-tidy: 1 files since origin/main, no findings", ["release flow/three.cpp"]))

    def test_not_committed_new_and_deleted(self):
        self.write("flow/new.cpp", "// not known to git yet\n")
        self.write("bench/speed.cpp", "// measures more\n")
        (self.root / "flow/one.cpp").unlink()
        self.assertEqual(self.run_script()[2], ["bench bench/speed.cpp", "release flow/new.cpp", "release flow/three.cpp"])

    def test_a_header_by_its_source_or_one_that_includes_it(self):
        self.write("flow/one.h", "// one, changed\n")
        self.write("flow/deep.h", "// deep, changed\n")
        self.assertEqual(self.run_script()[2], ["release flow/one.cpp", "release flow/three.cpp", "release flow/two.cpp"])
        self.write("flow/lone.h", "// lone, changed\n")
        self.assertIn("release tests/many names.cpp", self.run_script()[2])

    def test_sources_in_c(self):
        self.write("platform/driver.h", "// of C\n")
        self.write("platform/driver.c", '#include "platform/driver.h"\n')
        self.assertEqual(self.run_script("platform/driver.c")[2], ["release platform/driver.c"])
        self.commit()
        self.write("platform/driver.h", "// of C, changed\n")
        self.assertEqual(self.run_script("platform/driver.h")[2], ["release platform/driver.c"])

    def test_firmware(self):
        self.write("platform/firmware/runtime/start.c", "// for another processor\n")
        code, _, called = self.run_script("platform/firmware/runtime/start.c")
        self.assertEqual((code, len(called)), (0, 1))
        self.assertIn("platform/firmware/runtime/start.c -- --target=riscv32", called[0])
        self.write("platform/firmware/runtime/start.c", "// FAULT\n")
        self.assertEqual(self.run_script("platform/firmware/runtime/start.c")[0], 1)

    def test_head_is_origin_main(self):
        self.git("update-ref", "refs/remotes/origin/main", "HEAD")
        code, last, called = self.run_script()
        self.assertEqual((code, last), (0, "clang-tidy: 1 files of the last 1 commits, no findings"))
        self.assertEqual(called, ["release flow/three.cpp"])

    def test_all(self):
        self.assertEqual(len(self.run_script("--all")[2]), 5)

    def test_a_finding_fails(self):
        self.write("flow/one.cpp", "// FAULT\n")
        code, last, called = self.run_script("one.cpp", folder="flow")
        self.assertEqual((code, called), (1, ["release flow/one.cpp"]))
        self.assertIn("findings in 1: mend them", last)

    def test_no_such_file(self):
        code, last, _ = self.run_script("flow/four.cpp")
        self.assertEqual(code, 2)
        self.assertIn("no such file: flow/four.cpp", last)


if __name__ == "__main__":
    unittest.main()
