#!/usr/bin/env python3
"""Pages of flexcim report in headless Chromium: they are drawn without a mistake, and show the figures of the files.

usage: browser_test.py FLEXCIM SOURCE GENERATION WORK    GENERATION: results of a generation; WORK: a folder to work in
"""

import csv
import json
import math
import os
import shutil
import subprocess
import sys
import unittest
import xml.etree.ElementTree as ElementTree

from browser_page import ODD, Page, acted, choose

FLEXCIM, SOURCE, GENERATION, WORK = sys.argv[1:]
SCRIPTS = os.path.join(SOURCE, "scripts")


def flexcim(*arguments):
    subprocess.run([FLEXCIM, *arguments], check=True, stdout=subprocess.DEVNULL)


def points(folder):
    with open(os.path.join(folder, "comparison.csv"), encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def mean(rows, figure, **values):
    """The geometric mean over the rows that have these values."""
    found = [float(row[figure]) for row in rows if all(row[axis] == value for axis, value in values.items())]
    return math.prod(found) ** (1 / len(found))


def summary(folder):
    with open(os.path.join(folder, "summary.json"), encoding="utf-8") as file:
        return json.load(file)


class Browser(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        shutil.rmtree(WORK, ignore_errors=True)
        subprocess.run([os.path.join(SCRIPTS, "make_random_gemm.py"), WORK, "64", "64", "4", "2:4"], check=True, stdout=subprocess.DEVNULL)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(WORK)

    def test_runs_at_both_fidelities_with_a_timeline_and_a_name_that_looks_like_markup(self):
        results, page = os.path.join(WORK, "results"), os.path.join(WORK, "results", "report.html")
        flexcim("run", os.path.join(WORK, "gemm.yaml"), "--out", results, "--fidelity", "tlm", "--set", "also=[{fidelity: rtl}]",
                "--set", "observe.timeline=true", "--set", "name=" + json.dumps(ODD))
        flexcim("report", results)
        shown, files = Page(page), summary(results)
        self.assertEqual(shown.mistakes, [])
        self.assertEqual(shown.sections, ["figures", "energy", "time", "layers", "power", "activity", "timeline", "roofline", "area", "technology", "configuration"])
        self.assertIn(ODD, shown.text)
        for name, key in ("time", "time_ns"), ("energy", "energy_pj"), ("cycles", "cycles"):
            self.assertEqual([value for figure, value in shown.figures if figure == name], [files[key], files["also"][0][key]])
        self.assertEqual(shown.rows["runs"], 2)
        self.assertEqual(shown.rows["layers-A"], 1)
        self.assertEqual(shown.rows["components"], sum(energy > 0 for energy in files["energy"]["by_component"].values()))
        for plot in ("energy", "energy-dram", "energy-by-layer", "time", "cycles-by-layer", "power-A", "power-B", "bandwidth-A", "buffers-B", "roofline", "area", "tags"):
            self.assertGreater(shown.marks["plot-" + plot], 2, plot)

        plots = os.path.join(WORK, "plots")
        subprocess.run([os.path.join(SCRIPTS, "plot_report"), page, plots], check=True, stdout=subprocess.DEVNULL)
        self.assertEqual(len(os.listdir(plots)), 16)
        for name in os.listdir(plots):
            self.assertEqual(ElementTree.parse(os.path.join(plots, name)).getroot().tag, "{http://www.w3.org/2000/svg}svg")

    def test_a_generation(self):
        page = os.path.join(WORK, "generation.html")
        flexcim("report", GENERATION, "--out", page)
        shown, files = Page(page), summary(GENERATION)
        self.assertEqual(shown.mistakes, [])
        self.assertIn("generation", shown.sections)
        self.assertNotIn("timeline", shown.sections)
        self.assertIn(files["generation"]["text"], shown.text)
        self.assertEqual(dict(shown.figures)["decode rate"], files["generation"]["decode"]["tokens_per_s"])
        self.assertEqual(dict(shown.figures)["energy"], files["energy_pj"])

    def compare(self, axes):
        """Results and page of an estimate at the points of `axes`."""
        scenario, results = os.path.join(WORK, "compared.yaml"), os.path.join(WORK, "compared")
        with open(scenario, "w", encoding="utf-8") as file:
            json.dump({"name": "compared", "fidelity": "estimate", "compare": axes, "architecture": "flexcim_published", "workload": {
                "kind": "shapes", "model": "mamba-1.4b", "tokens": 2, "patterns": {"sparsity": 0.6, "candidates": ["8:8", "4:8", "2:8"]}}}, file)
        flexcim("run", scenario, "--out", results)
        flexcim("report", results)
        return points(results), os.path.join(results, "report.html")

    def near(self, shown, expected):
        self.assertEqual(len(shown), len(expected))
        for value, other in zip(shown, expected):
            self.assertAlmostEqual(value / other, 1, delta=2e-6)

    def test_a_comparison_with_a_reference_and_a_value_that_looks_like_markup(self):
        designs, sparsities, tokens = ["flexible", ODD], ["0.5", "0.75"], ["1", "2"]
        rows, page = self.compare([
            {"axis": "design", "reference": "flexible", "values": {"flexible": {"architecture": "flexcim_published"}, ODD: {"architecture": "dense_dcim"}}},
            {"axis": "sparsity", "key": "workload.patterns.sparsity", "values": [0.5, 0.75]},
            {"axis": "tokens", "key": "workload.tokens", "values": [1, 2]}])
        self.assertEqual(len(rows), 8)
        shown = Page(page)
        self.assertEqual(shown.mistakes, [])
        self.assertEqual(shown.sections, ["figures", "comparison", "energy", "time", "layers", "power", "roofline", "area", "technology", "configuration"])
        self.assertIn("nothing was compared", shown.text)
        self.assertNotIn("differs", shown.text)
        self.assertIn("Energy by kind of layer", shown.text)
        self.assertIn(ODD, shown.text)
        self.near(shown.means, [mean(rows, "time_ratio", design=design, **column) for design in designs for column in ({"tokens": "1"}, {"tokens": "2"}, {})])
        self.assertEqual(shown.rows["comparison-A"], 2)
        self.assertGreater(shown.marks["plot-comparison-bars-A"], 4)
        self.assertGreater(shown.marks["plot-comparison-points-A"], 8)

        shown = acted(page, choose({"figure": "energy", "rows": "tokens", "columns": "sparsity", "design": ODD}))
        self.assertEqual(shown.mistakes, [])
        self.near(shown.means, [mean(rows, "energy_pj", design=ODD, tokens=row, **column)
                                for row in tokens for column in [*({"sparsity": value} for value in sparsities), {}]])

    def test_a_comparison_without_a_reference(self):
        rows, page = self.compare([{"axis": "tokens", "key": "workload.tokens", "values": [1, 3]}])
        shown = Page(page)
        self.assertEqual(shown.mistakes, [])
        self.near(shown.means, [float(row["time_ns"]) for row in rows])
        self.assertNotIn(" ratio", shown.text)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
