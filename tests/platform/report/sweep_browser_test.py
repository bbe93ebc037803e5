#!/usr/bin/env python3
"""Pages of sweeps in headless Chromium: they are drawn without a mistake, and show the figures of the database.

usage: sweep_browser_test.py FLEXCIM WORK    WORK: a folder to work in
"""

import contextlib
import json
import math
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import unittest

from browser_page import ODD, Page, acted, choose

FLEXCIM, WORK = sys.argv[1:]


METRICS = ["time_ns", "tokens_per_s", "energy_pj"]  # of them most is best of tokens_per_s


def dominates(a, b, metrics):
    costs = [[-row[metric] if metric == "tokens_per_s" else row[metric] for metric in metrics] for row in (a, b)]
    return costs[0] != costs[1] and all(x <= y for x, y in zip(*costs))


def share(rows, axis, metric):
    """Of the variance of the metric's logarithm what lies between the values of the axis."""
    logs = [math.log(row[metric]) for row in rows]
    means = {value: statistics.fmean(log for log, row in zip(logs, rows) if row[axis] == value) for value in {row[axis] for row in rows}}
    return statistics.pvariance([means[row[axis]] for row in rows]) / statistics.pvariance(logs)


class SweepPages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        shutil.rmtree(WORK, ignore_errors=True)
        os.makedirs(WORK)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(WORK)

    def sweep(self, name, axes, objectives, **more):
        """The points of a sweep that are ok, as its database has them, and its page."""
        scenario, results = os.path.join(WORK, "sweep.yaml"), os.path.join(WORK, "sweep")
        shutil.rmtree(results, ignore_errors=True)
        with open(scenario, "w", encoding="utf-8") as file:
            json.dump({"name": name, "fidelity": "estimate", "workload": {"kind": "shapes", "model": "mamba-1.4b", "tokens": 2},
                       "sweep": {"axes": axes, "objectives": objectives, **more}}, file)
        for words in ["sweep", scenario, "--out", results], ["report", results]:
            subprocess.run([FLEXCIM, *words], check=True, stdout=subprocess.DEVNULL)
        database = sqlite3.connect(os.path.join(results, "sweep.sqlite"))
        database.row_factory = sqlite3.Row
        with contextlib.closing(database):
            return database.execute("SELECT * FROM points WHERE status = 'ok' ORDER BY point").fetchall(), os.path.join(results, "report.html")

    def test_a_sweep_and_names_that_look_like_markup(self):
        designs = {"flexible": {"architecture": "flexcim_published"}, ODD: {"architecture": "dense_dcim"}}
        rows, page = self.sweep(ODD, [{"axis": ODD, "values": designs}, {"axis": "tokens", "key": "workload.tokens", "values": [1, 2, 4, 64]},
                                      {"axis": "channels", "key": "architecture.dram.channels", "values": [1, 2]}],
                                [{"minimize": "time_ns"}, {"maximize": "tokens_per_s"}, {"minimize": "energy_pj"}], constraints=["workload.tokens != 4"])
        self.assertEqual(len(rows), 12)
        front = [row for row in rows if not any(dominates(other, row, METRICS) for other in rows)]
        shown = Page(page)
        self.assertEqual(shown.mistakes, [])
        self.assertEqual(shown.sections, ["figures", "pareto", "sensitivity", "parallel", "configuration"])
        self.assertIn("least time, most tokens per s, least energy", shown.text)
        self.assertGreater(shown.text.count(ODD), 4)
        self.assertEqual(shown.figures, [
            ("points", 16), ("ok", 12), ("invalid", 4), ("failed", 0), ("Pareto front", len(front)), ("least time", min(row["time_ns"] for row in rows)),
            ("most tokens per s", max(row["tokens_per_s"] for row in rows)), ("least energy", min(row["energy_pj"] for row in rows))])
        self.assertEqual(shown.rows, {"best": 3, "reasons": 1, "front": len(front), "shares": 3})
        for metric in METRICS:
            self.assertEqual(sorted(value for table, name, value in shown.metrics if (table, name) == ("front", metric)), sorted(row[metric] for row in front))
            self.assertGreater(shown.marks["plot-effects-" + metric], 8)
        expected = [share(rows, axis, metric) for axis in (ODD, "tokens", "channels") for metric in METRICS]
        self.assertEqual(len(shown.shares), len(expected))
        for value, other in zip(shown.shares, expected):
            self.assertAlmostEqual(value, other, delta=1e-9)
        self.assertGreater(shown.marks["plot-pareto"], len(front))
        self.assertEqual(shown.lines, [12, len(front), 12 - len(front)])  # that are drawn: all, those on the front, others

        shown = acted(page, choose({"across": "energy", "up": "utilization", "colour": "none"}) + """
            // What the line would join: the most tokens a second for the least energy.
            const context = sweepOf(JSON.parse(document.getElementById('data').textContent).sweep);
            const [, rate, energy] = context.objectives, all = Array.from({length: context.count}, (_, point) => point);
            for (const point of frontOfTwo(all, rate, energy)) document.body.append(element('i', {'data-mean': rate.values[point]}));
            // The upper half of the first axis: its second value.
            const canvas = document.querySelector('.parallel canvas'), {left, top, height} = canvas.getBoundingClientRect();
            canvas.setPointerCapture = () => {};  // there is no pointer
            for (const [kind, y] of [['pointerdown', 0.5], ['pointermove', 0], ['pointerup', 0]]) {
              canvas.dispatchEvent(new PointerEvent(kind, {clientX: left + 60, clientY: top + y * height, pointerId: 1}));
            }""")
        self.assertEqual(shown.mistakes, [])
        self.assertIn("12 points: energy and utilization", shown.text)
        self.assertEqual(shown.means, sorted(row["tokens_per_s"] for row in rows if not any(dominates(other, row, METRICS[1:]) for other in rows)))
        second = [row for row in rows if row[ODD] == ODD]
        self.assertEqual(shown.lines, [6, sum(row in front for row in second), sum(row not in front for row in second)])

    def test_a_sweep_with_one_objective_and_one_without_a_point(self):
        axes = [{"axis": "tokens", "key": "workload.tokens", "values": [1, 2]}]
        rows, page = self.sweep("one", axes, [{"minimize": "time_ns"}])
        shown = Page(page)
        self.assertEqual(shown.mistakes, [])
        self.assertEqual(dict(shown.figures)["least time"], rows[0]["time_ns"])
        rows, page = self.sweep("none", axes, [{"minimize": "time_ns"}], constraints=["workload.tokens > 2"])
        shown = Page(page)
        self.assertEqual(shown.mistakes, [])
        self.assertEqual(shown.sections, ["figures", "configuration"])
        self.assertEqual(shown.figures, [("points", 2), ("ok", 0), ("invalid", 2), ("failed", 0), ("Pareto front", 0)])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
