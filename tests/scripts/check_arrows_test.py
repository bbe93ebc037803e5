#!/usr/bin/env python3
"""What scripts/check_arrows finds, in a small repository with a cmake that only draws a target graph.

usage: tests/scripts/check_arrows_test.py SOURCE_DIR
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(sys.argv.pop(1)).resolve()
SCRIPT = (SOURCE / "scripts/check_arrows").read_text(encoding="utf-8")
SILENT = re.findall(r'"([^"]+)"', re.search(r"^WITHOUT_SYSTEMC = \[(.*?)\]", SCRIPT, re.M | re.S)[1])
SYSTEMC = "PkgConfig::SystemC"


class CheckArrows(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="check arrows "))  # a blank in the path
        self.addCleanup(shutil.rmtree, self.root)
        shutil.copytree(SOURCE / "scripts", self.root / "scripts")
        self.write("scripts/install", "#!/bin/sh\n", executable=True)
        self.write(".gitignore", "/build/\n/tools/\n")
        # Every room without SystemC uses flow/base; tlm uses tlm/timing and SystemC.
        self.links = {room: {"flow/base"} - {room} for room in SILENT}
        self.links["tlm"] = {"tlm/timing", SYSTEMC}
        for room in self.links:
            self.write(f"{room}/thing.h", "#include <vector>\n" + '#include "flow/base/thing.h"\n' * (room != "flow/base"))
        self.write("tlm/module.cpp", '#include "tlm/timing/thing.h"\n#include "flow/base/thing.h"\n#include <systemc>\n')
        subprocess.run(["git", "init", "-q"], cwd=self.root, check=True)

    def write(self, name, text, executable=False):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if executable:
            path.chmod(0o755)

    def check(self, *arguments):
        """Exit code and output."""
        def target(room):
            return room if room == SYSTEMC else "flexcim_" + room.replace("/", "_")

        rooms = [*self.links, SYSTEMC]
        graph = [f'"node{i}" [ label = "{target(room)}\\n(alias)", shape = octagon ];' for i, room in enumerate(rooms)]
        graph += [f'"node{rooms.index(room)}" -> "node{rooms.index(other)}" // {room}' for room, used in self.links.items()
                  for other in sorted(used)]
        self.write("graph.dot", "\n".join(graph) + "\n")
        self.write("tools/cmake", '#!/bin/sh\nfor word; do case $word in --graphviz=*) out=${word#--graphviz=} ;; esac; done\n'
                   'mkdir -p "${out%/*}" && cp graph.dot "$out"\n', executable=True)
        surroundings = {**os.environ, "PATH": f"{self.root}/tools:{os.environ['PATH']}"}
        done = subprocess.run([self.root / "scripts/check_arrows", *arguments], cwd="/", env=surroundings, check=False,
                              capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def test_what_is_linked_may_be_included(self):
        code, text = self.check()
        self.assertEqual((code, text), (0, f"arrows: {len(self.links)} rooms, none goes up\n"))

    def test_an_include_without_a_link_is_named(self):
        self.write("flow/base/up.h", '// one\n#include "platform/config/thing.h"\n')
        code, text = self.check()
        self.assertEqual(code, 1)
        self.assertIn("flow/base/up.h:2: flow/base may not use platform/config: platform/config/thing.h\n", text)

    def test_an_include_of_systemc_where_there_is_none(self):
        for header in ("systemc", "tlm", "tlm_utils/simple_target_socket.h"):
            self.write("tlm/timing/clock.h", f"#include <{header}>\n")
            code, text = self.check()
            self.assertEqual((code, text.splitlines()[0]), (1, "tlm/timing/clock.h:1: tlm/timing is without SystemC"))

    def test_a_link_that_brings_systemc(self):
        self.links["platform/results"].add("tlm")
        code, text = self.check()
        self.assertEqual(code, 1)
        self.assertIn("platform/results/CMakeLists.txt: links SystemC, by way of tlm\n", text)

    def test_links_that_go_round(self):
        self.links["flow/base"].add("tlm/timing")
        code, text = self.check()
        self.assertNotEqual(code, 0)
        self.assertIn("the links go round: ", text)

    def test_a_file_in_no_room(self):
        self.write("elsewhere/thing.cpp", "\n")
        self.write("platform/firmware/runtime/start.c", '#include "start.h"\n')  # for another processor
        text = self.check()[1]
        self.assertIn("elsewhere/thing.cpp: lies in no room\n", text)
        self.assertNotIn("start.c", text)

    def test_the_list(self):
        code, text = self.check("--list")
        self.assertEqual(code, 0)
        self.assertRegex(text, r"(?m)^tlm +PkgConfig::SystemC tlm/timing$")


if __name__ == "__main__":
    unittest.main()
