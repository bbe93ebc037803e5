#!/usr/bin/env python3
"""scripts/with_slurm: a Slurm that runs jobs, and of which nothing stays.

usage: with_slurm_test.py ROOT
"""
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(sys.argv.pop())


class WithSlurm(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def start(self, script):
        return subprocess.Popen([ROOT / "scripts/with_slurm", "bash", "-c", script], env={**os.environ, "TMPDIR": str(self.folder)},
                                cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def wait_for(self, name):
        for _ in range(300):
            if (self.folder / name).exists():
                return (self.folder / name).read_text()
            time.sleep(0.1)
        self.fail(f"{name} does not come to be")

    def assert_nothing_left(self):
        self.assertEqual(list(self.folder.glob("flexcim-slurm.*")), [])
        commands = subprocess.run(["ps", "-e", "-o", "stat=,args="], capture_output=True, text=True, check=True).stdout
        self.assertEqual([line for line in commands.splitlines() if str(self.folder) in line and line[0] != "Z"], [])

    def test_a_job_runs_and_the_commands_exit_code_is_given(self):
        run = self.start("sbatch --wait --output=job --wrap 'echo $SLURM_JOB_PARTITION' && exit 7")
        said = run.communicate(timeout=60)[1]
        self.assertEqual(run.returncode, 7, said)
        self.assertEqual((self.folder / "job").read_text(), "main\n")
        self.assert_nothing_left()

    def test_interrupted_it_cancels_jobs_and_ends_everything(self):
        job = self.folder / "job.sh"  # its name tells its process
        job.write_text("#!/bin/bash\necho x >begun.tmp; mv begun.tmp begun\nsleep 100 & wait\n")
        run = self.start(f"sbatch --output=/dev/null --wrap 'exec bash {job}' && exec sleep 100")
        self.wait_for("begun")
        run.send_signal(signal.SIGTERM)
        said = run.communicate(timeout=60)[1]
        self.assertEqual(run.returncode, 128 + signal.SIGTERM, said)
        self.assert_nothing_left()


if __name__ == "__main__":
    unittest.main()
