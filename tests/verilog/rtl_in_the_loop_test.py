#!/usr/bin/env python3
"""`fidelity: verilog` from outside: scripts/verilate makes the library of a small macro, a layer runs through it, bugs planted in
copies of the project's RTL are found where they are, and what does not fit is refused by name.

usage: tests/verilog/rtl_in_the_loop_test.py FLEXCIM PROJECT
"""

import concurrent.futures
import csv
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

PROJECT = pathlib.Path(os.path.abspath(sys.argv.pop(2)))
FLEXCIM = os.path.abspath(sys.argv.pop(1))
MACRO = "base: flexcim_published, sub_macros: 2, rows: 4, cols: 4, pairs_per_set: 2"
PRODUCT_BITS = 16

# name: file, the line's present text, what it becomes
BUGS = {
    "sign": ("column.sv", "g_level[k-1].g_term[2*i].value + g_level[k-1].g_term[2*i+1].value", "g_level[k-1].g_term[2*i].value + $unsigned(g_level[k-1].g_term[2*i+1].value)"),
    "psum": ("psum_buffer.sv", "assign in_ready = complete != FULL || out_ack;", "assign in_ready = 1'b1;"),
    "metadata": ("column.sv", "metadata[LINE_BITS-1:0] & line_mask[LINE_BITS-1:0]",
                 "(metadata[LINE_BITS-1:0] + 1'b1) & line_mask[LINE_BITS-1:0]"),
}


def run(*words):
    return subprocess.run([str(word) for word in words], cwd=HERE, env=os.environ | {"FLEXCIM": FLEXCIM}, capture_output=True, text=True,
                          check=False)


def flexcim(*words):
    return run(FLEXCIM, *words)


def verilate(*words):
    return run(PROJECT / "scripts" / "verilate", *words)


def scenario(name, verilog="", macro=MACRO):
    """Writes NAME.yaml: the same layer on this macro."""
    text = (HERE / "gemm.yaml").read_text(encoding="utf-8").replace("fidelity: tlm", "fidelity: verilog")
    file = HERE / f"{name}.yaml"
    file.write_text(f"{text}architecture: {{{macro}}}\n{verilog}", encoding="utf-8")
    return file


def planted(bug):
    """A scenario whose macro is a copy of the project's with one bug."""
    folder = HERE / bug
    shutil.copytree(PROJECT / "rtl_models" / "verilog", folder)
    name, before, after = BUGS[bug]
    text = (folder / name).read_text(encoding="utf-8")
    assert text.count(before) == 1, f"{name} has another line now"
    (folder / name).write_text(text.replace(before, after), encoding="utf-8")
    sources = ", ".join(f"{bug}/{each.name}" for each in sorted(folder.glob("*.sv")))
    return scenario(f"with_{bug}", f"verilog: {{sources: [{sources}]}}\n")


def setUpModule():
    global HERE, SCRATCH, MADE
    SCRATCH = tempfile.TemporaryDirectory()
    HERE = pathlib.Path(SCRATCH.name)
    subprocess.run([PROJECT / "scripts" / "make_random_gemm.py", HERE, "12", "40", "5", "2:4"], check=True)
    scenario("good")
    files = {"good": HERE / "good.yaml"} | {bug: planted(bug) for bug in BUGS}
    # That is what takes long here: Verilator's runtime once, then two at a time.
    MADE = {"good": verilate(files.pop("good"), "--no-exercise")}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        jobs = {name: pool.submit(verilate, file, "--no-exercise", "--jobs", 1) for name, file in files.items()}
        MADE |= {name: job.result() for name, job in jobs.items()}


def tearDownModule():
    SCRATCH.cleanup()


def library(file):
    return HERE / json.loads(flexcim("verilog", file, "--plan").stdout)["library"]


class InTheLoop(unittest.TestCase):
    def test_a_layer_runs_through_the_projects_own_macro(self):
        self.assertEqual(MADE["good"].returncode, 0, MADE["good"].stderr)
        done = flexcim("run", "good.yaml", "--out", "good", "--set", "also=[{fidelity: rtl}]")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"every output pin of the RTL is the model's in [\d,]+ cycles")
        self.assertIn("every output equals the golden model bit for bit", done.stdout)
        with open(HERE / "good" / "layers.csv", encoding="utf-8") as file:
            verilog, rtl = list(csv.DictReader(file))
        self.assertEqual((verilog.pop("fidelity"), rtl.pop("fidelity")), ("verilog", "rtl"))
        self.assertEqual((verilog.pop("run"), rtl.pop("run")), ("0", "1"))
        self.assertEqual(verilog, rtl)
        summary = json.loads((HERE / "good" / "summary.json").read_text(encoding="utf-8"))
        # Every tile is loaded in C cycles and runs its passes; nothing of that is skipped.
        layer = summary["layers"][0]
        self.assertGreaterEqual(summary["rtl"]["compared_cycles"], layer["tiles"] * (4 + 5))

    def test_the_waveform_has_both(self):
        self.assertEqual(flexcim("run", "good.yaml", "--out", "wave").returncode, 0)
        vcd = (HERE / "wave" / "wave.vcd").read_text(encoding="utf-8")
        savefile = (HERE / "wave" / "wave.gtkw").read_text(encoding="utf-8")
        self.assertIn("$scope module verilog_macro $end", vcd)
        self.assertLess(savefile.index("-macro: model and RTL"), savefile.index("-Clock"))
        for name in re.findall(r"^verilog_macro\.(\w+)", savefile, re.M):
            self.assertRegex(vcd, rf"\$var wire \d+ \S+ {name} ")
        # The RTL's begins a cycle earlier: before the first edge of the clock.
        self.assertEqual(values(vcd, "top.macro", "load_ready")[1:], values(vcd, "verilog_macro", "load_ready")[1:])
        self.assertEqual(sorted(each.name for each in (HERE / "wave").iterdir() if "wave." in each.name), ["wave.gtkw", "wave.vcd"])

    def test_a_library_is_kept_until_something_changes(self):
        self.assertIn(": is there", verilate("good.yaml", "--no-exercise").stdout)
        other = flexcim("check", "good.yaml", "--set", "architecture.psum_depth=2")
        self.assertEqual(other.returncode, 2)
        self.assertRegex(other.stderr, r"has not been compiled: scripts/verilate \S+good.yaml --set architecture.psum_depth=2 does that")

    def test_shadow_and_scan_are_of_other_pins(self):
        plan = json.loads(flexcim("verilog", "good.yaml", "--plan", "--set", "sequencing=scan", "--set",
                                  "architecture.weight_update=shadow").stdout)
        self.assertEqual(plan["geometry"], {"P": "2", "R": "4", "C": "4", "I": "2", "WINDOW": "1", "PSUM_DEPTH": "3", "SCAN": "1",
                                            "CONCAT": "0", "SHADOW": "1"})

    def test_the_template_is_a_macro(self):
        sources = sorted((PROJECT / "rtl_models" / "verilog").glob("*.sv"))
        done = run("verilator", "--lint-only", "-Wall", "--top-module", "my_macro", "-GR=4", "-GC=4",
                   PROJECT / "rtl_models" / "verilog" / "template" / "my_macro.sv", *sources)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_random_stimuli(self):
        done = flexcim("verilog", "good.yaml", "--cycles", 4000, "--seed", 3)
        self.assertEqual(done.returncode, 0, done.stdout)
        counts = re.search(r"in (\d+) cycles of random stimuli: (\d+) tiles, (\d+) passes, (\d+) results, (\d+) resets, (\d+) "
                           r"stalled cycles, (\d+) cycles", done.stdout)
        for count, least in zip(counts.groups(), (4000, 10, 100, 100, 2, 100, 100)):
            self.assertGreaterEqual(int(count), least)


def values(vcd, scope, name):
    """[(time, value)] of a signal."""
    path, identifier = [], None
    lines = iter(vcd.splitlines())
    for line in lines:
        words = line.split()
        if not words:
            continue
        if words[0] == "$scope":
            path.append(words[2])
        elif words[0] == "$upscope":
            path.pop()
        elif words[0] == "$var" and ".".join(path) == scope and words[4] == name:
            identifier = words[3]
        elif words[0] == "$enddefinitions":
            break
    now, found = 0, []
    for line in lines:
        if line.startswith("#"):
            now = int(line[1:])
        elif line[1:] == identifier and (not found or found[-1][1] != line[0]):
            found.append((now, line[0]))
    return found


class PlantedBugs(unittest.TestCase):
    def differs(self, bug, done, folder):
        """The report, taken apart; with it a waveform of both sides that ends a few cycles behind the difference."""
        text = done.stdout + done.stderr
        self.assertEqual(done.returncode, 1, text)
        found = re.search(r"differ, first in cycle (\d+) \(at ([\d.]+) ns\), macro \S+:\n\s+pin\s+(.*)\n\s+model\s+(-?\d+)\n\s+RTL\s+(-?\d+)",
                          text)
        self.assertTrue(found, text)
        cycle, nanoseconds, pin, model, rtl = found.groups()
        vcd = (HERE / folder / "difference.vcd").read_text(encoding="utf-8")
        times = [int(each) for each in re.findall(r"^#(\d+)$", vcd, re.M)]
        at = round(float(nanoseconds) * 1000)
        self.assertIn(at, times)
        period = round(at / int(cycle))
        self.assertLessEqual(at - 65 * period, times[1])
        self.assertLessEqual(times[-1], at + 10 * period)
        self.assertIn("$scope module verilog_macro $end", vcd)
        self.assertRegex(vcd, r"\$scope module g_term\[0\] \$end")  # down to the cells
        self.assertIn("difference.vcd", (HERE / folder / "difference.gtkw").read_text(encoding="utf-8"))
        self.assertEqual([each.name for each in (HERE / folder).glob("*verilog_macro*")], [])
        return pin, int(model), int(rtl)

    def test_wrong_sign_extension(self):
        pin, model, rtl = self.differs("sign", flexcim("run", "with_sign.yaml", "--out", "sign_out"), "sign_out")
        self.assertRegex(pin, r"^final_sums\[\d+:\d+\], lane 0, column \d$")
        self.assertEqual((rtl - model) % (1 << PRODUCT_BITS), 0)

    def test_metadata_off_by_one(self):
        pin, model, rtl = self.differs("metadata", flexcim("run", "with_metadata.yaml", "--out", "metadata_out"), "metadata_out")
        self.assertRegex(pin, r"^final_sums\[")
        self.assertNotEqual(model, rtl)

    def test_a_psum_is_lost_under_back_pressure(self):
        # An accelerator takes every result at once: a layer does not show it, random stimuli do.
        self.assertEqual(flexcim("run", "with_psum.yaml", "--out", "psum_run").returncode, 0)
        done = flexcim("verilog", "with_psum.yaml", "--out", "psum_out")
        pin, _, _ = self.differs("psum", done, "psum_out")
        self.assertRegex(pin, r"^(pass_ready|final_valid|final_sums\[)")


class Refusals(unittest.TestCase):
    def refused(self, done, *words):
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)

    def put(self, name, make):
        """A scenario whose library is what `make` writes to its place."""
        file = scenario(name, f"verilog: {{parameters: {{{name.upper()}: 1}}}}\n")
        place = library(file)
        place.parent.mkdir(parents=True, exist_ok=True)
        make(place)
        return file, place.name

    def test_no_library(self):
        file, name = self.put("text", lambda place: place.write_text("no library", encoding="utf-8"))
        self.refused(flexcim("check", file), name, "cannot be loaded")

    def compiled(self, code):
        def make(place):
            (HERE / "some.c").write_text(code, encoding="utf-8")
            subprocess.run(["gcc", "-shared", "-fPIC", "-I", PROJECT / "rtl_models" / "verilated", "-o", place, HERE / "some.c"], check=True)
        return make

    def test_another_library(self):
        file, name = self.put("foreign", self.compiled("int other(void) { return 1; }\n"))
        self.refused(flexcim("check", file), name, "is no Verilated macro")

    def test_another_version_of_the_interface(self):
        code = ('#include "flexcim_rtl.h"\nstatic const struct flexcim_rtl table = {FLEXCIM_RTL_VERSION + 1};\n'
                "const struct flexcim_rtl* flexcim_rtl_table(void) { return &table; }\n")
        file, name = self.put("newer", self.compiled(code))
        self.refused(flexcim("check", file), name, "has version 2 of the interface to RTL, this flexcim has 1: make it anew")

    def test_another_geometry(self):
        file = scenario("larger", macro=MACRO.replace("rows: 4", "rows: 8"))
        shutil.copy(library("good.yaml"), library(file))
        self.refused(flexcim("run", file), "flexcim_macro: the parameter R is 4, the architecture has 8",
                     "the pin load_weights has 64 bits, the architecture wants 128 (P*R*8)")

    def test_pins_that_are_missing_or_that_nobody_drives(self):
        (HERE / "odd.sv").write_text("module odd (input logic clock, input logic test_mode, output logic load_ready);\n"
                                     "  assign load_ready = clock & test_mode;\nendmodule\n", encoding="utf-8")
        file = scenario("odd", "verilog: {sources: [odd.sv], top: odd}\n")
        done = verilate(file)
        self.refused(done, "the pin pass_sets, an input of 256 bits, is missing", "nobody drives the input test_mode")

    def test_what_does_not_compile(self):
        (HERE / "broken.sv").write_text("module broken (input logic clock);\n  assign nothing_here = clock\nendmodule\n", encoding="utf-8")
        done = verilate(scenario("broken", "verilog: {sources: [broken.sv], top: broken}\n"))
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"%Error: \S*broken.sv:3:1: syntax error")

    def test_sources_that_are_not_named(self):
        (HERE / "inner.svh").write_text("`define ONE 1'b1\n", encoding="utf-8")
        (HERE / "outer.sv").write_text('`include "inner.svh"\nmodule outer (output logic load_ready);\n  assign load_ready = `ONE;\nendmodule\n',
                                       encoding="utf-8")
        done = verilate(scenario("outer", "verilog: {sources: [outer.sv], top: outer}\n"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("inner.svh is read, too, but verilog.sources does not name it", done.stderr)

    def test_keys(self):
        self.refused(flexcim("check", scenario("parameter", "verilog: {parameters: {R: 4}}\n")),
                     "verilog.parameters.R: follows from the architecture")
        self.refused(flexcim("check", scenario("nowhere", "verilog: {sources: [nowhere.sv]}\n")), "verilog.sources.0", "nowhere.sv")
        self.refused(flexcim("check", scenario("patterns", macro=MACRO + ', patterns: [dense, "2:4"]')), "architecture.patterns")


if __name__ == "__main__":
    unittest.main()
