#!/usr/bin/env python3
"""flexcim sweep --engine slurm in a real Slurm, which scripts/with_slurm gives.

usage: with_slurm slurm_sweep_test.py FLEXCIM
"""
import fcntl
import json
import os
import pathlib
import re
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
import unittest

FLEXCIM = os.path.realpath(sys.argv.pop())
SHARDS = 4
POINTS = 40
SCENARIO = """\
name: small
fidelity: tlm
workload: {kind: gemm, weights: W.safetensors, activations: X.safetensors, pattern: "1:2"}
sweep:
  axes:
    - {axis: sub-macros, key: architecture.sub_macros, values: [1, 2, 4, 8]}
    - {axis: clock, key: architecture.clock_mhz, range: {from: 200, to: 650, step: 50}}
  constraints: [architecture.clock_mhz < 600 || architecture.sub_macros > 1]
  objectives: [{minimize: time_ns}]
"""


def write_tensor(path, name, rows, columns, value):
    data = bytes(value(i) for i in range(rows * columns))
    header = json.dumps({name: {"dtype": "I8", "shape": [rows, columns], "data_offsets": [0, len(data)]}}).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + data)


def said(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


class SlurmSweep(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="sweep 100% ")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        write_tensor(cls.folder / "W.safetensors", "weight", 64, 128, lambda i: i % 100 if i % 2 == 0 else 0)
        write_tensor(cls.folder / "X.safetensors", "activation", 8192, 128, lambda i: i % 127)
        (cls.folder / "small.yaml").write_text(SCENARIO)
        subprocess.run([FLEXCIM, "sweep", "small.yaml", "--out", "local"], cwd=cls.folder, stdout=subprocess.DEVNULL, timeout=60, check=True)

    def setUp(self):
        self.out = self.folder / self._testMethodName

    def start(self, *options, shards=SHARDS, **surroundings):
        return subprocess.Popen([FLEXCIM, "sweep", "small.yaml", "--engine", "slurm", "--shards", str(shards), "--out", os.path.relpath(self.out, self.folder), *options],
                                cwd=self.folder, env={**os.environ, **surroundings}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def end(self, sweep, code):
        output, error = sweep.communicate(timeout=60)
        self.assertEqual(sweep.returncode, code, output + error)
        return error

    def assert_same_as_local(self):
        for name in ["points.csv", "points.jsonl", "sweep.sqlite"]:
            self.assertEqual((self.out / name).read_bytes(), (self.folder / "local" / name).read_bytes(), name)

    def jobs(self):
        """How many arrays of this sweep there are, ended ones too."""
        tasks = said("scontrol", "--oneliner", "show", "jobs").splitlines()
        return len({re.search(r"ArrayJobId=(\d+)", task)[1] for task in tasks if f"Command={self.out}/slurm.sh " in task})

    def tasks(self):
        """The processes of tasks, each with its shard; not the workers that each has started."""
        found = {}
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes().split(b"\0")
                parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
            if os.fsencode(self.out.name) in words and b"--shard" in words:
                found[int(folder.name)] = parent, words[words.index(b"--shard") + 1].decode().replace("/", "-of-")
        return {process: shard for process, (parent, shard) in found.items() if parent not in found}

    def rows(self, shard="*"):
        rows = 0
        for file in self.out.glob(f"shard-{shard}.sqlite"):
            try:
                with sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True) as database:
                    rows += database.execute("SELECT count(*) FROM points").fetchone()[0]
            except sqlite3.OperationalError:
                pass  # it is being made
        return rows

    def wait_until(self, what, is_so):
        for _ in range(600):
            if is_so():
                return
            time.sleep(0.05)
        self.fail(f"{what}, for 30 s")

    def at_work(self):
        self.wait_until("no task is at work", lambda: self.tasks() and self.rows() > 0)

    def kill_unfinished(self):
        """Kills a task that has points left: it is stopped first, so that it cannot do the last one meanwhile."""
        for process, shard in self.tasks().items():
            try:
                os.kill(process, signal.SIGSTOP)
                unfinished = self.rows(shard) < POINTS // SHARDS
                os.kill(process, signal.SIGKILL if unfinished else signal.SIGCONT)
            except ProcessLookupError:
                continue  # it has ended
            if unfinished:
                return True
        return False

    def test_the_files_are_those_of_one_machine(self):
        self.end(self.start(), 0)
        self.assert_same_as_local()
        self.assertEqual(self.jobs(), 1)
        self.assertEqual(len(list(self.out.glob("slurm-?.out"))), SHARDS)

    def test_what_a_killed_task_has_not_done_is_submitted_again(self):
        sweep = self.start()
        self.at_work()
        self.wait_until("no task is unfinished", self.kill_unfinished)
        self.end(sweep, 0)
        self.assert_same_as_local()
        self.assertGreaterEqual(self.jobs(), 2)

    def test_interrupted_it_cancels_and_the_same_command_goes_on(self):
        for stop in [signal.SIGINT, signal.SIGTERM]:
            self.out = self.folder / stop.name
            sweep = self.start()
            self.at_work()
            sweep.send_signal(stop)
            self.end(sweep, -stop)
            self.assertEqual(said("squeue", "--noheader"), "")
            self.wait_until("tasks go on", lambda: not self.tasks())
            rows = self.rows()
            self.assertGreater(rows, 0)
            self.assertLess(rows, POINTS)
        self.end(self.start(), 0)
        self.assert_same_as_local()

    def test_killed_it_leaves_tasks_which_the_same_command_finds(self):
        sweep = self.start()
        self.at_work()
        other = self.end(self.start(), 2)
        self.assertIn("another command is at this sweep", other)
        sweep.kill()
        self.end(sweep, -signal.SIGKILL)
        refusal = self.end(self.start(shards=2), 2)
        self.assertIn(f"is one of {SHARDS} shards, not of 2: give --shards as then", refusal)
        self.end(self.start(), 0)
        self.assert_same_as_local()
        self.assertEqual(self.jobs(), 1)

    def test_a_shard_that_never_gets_on_is_named(self):
        self.out.mkdir()
        with open(self.out / ".shard-1-of-4.lock", "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # as somebody's process on another node
            error = self.end(self.start(), 3)
        self.assertRegex(error, r"shard 1 of 4: its task has ended 3 times without a new point; .*slurm-1\.out: .*another command is at this")
        self.end(self.start(), 0)
        self.assert_same_as_local()

    def test_where_slurm_takes_nothing_one_line_says_why_and_nothing_is_written(self):
        self.out = self.folder / "deep" / "er"
        silent = self.folder / "slurm.conf"
        conf = pathlib.Path(os.environ["SLURM_CONF"]).read_text(encoding="utf-8")
        silent.write_text(re.sub("SlurmctldPort=.*", "SlurmctldPort=1\nMessageTimeout=2", conf), encoding="utf-8")
        for options, surroundings, why in [
            (["--partition", "nowhere"], {}, "Slurm: sbatch: invalid partition specified: nowhere; "),
            ([], {"PATH": str(self.folder)}, "Slurm: there is no squeue on PATH"),
            ([], {"SLURM_CONF": str(silent)}, "Slurm: squeue: .*Unable to contact slurm controller"),
        ]:
            error = self.end(self.start(*options, **surroundings), 2)
            self.assertRegex(error, f"^flexcim: {why}.*\n$")
            self.assertFalse((self.folder / "deep").exists())


if __name__ == "__main__":
    unittest.main()
