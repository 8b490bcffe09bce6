"""numpy's own tests, from its wheel, with our class in place of its."""

import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

RUNNER = pathlib.Path(__file__).with_name("numpys_own.py")

# How many tests of memmap numpy has, where that was counted.
KNOWN = {"1.26.4": 19, "2.4.6": 21, "2.5.5": 24}


def run(which, tmp_path):
    done = subprocess.run(
        [sys.executable, str(RUNNER), which],
        capture_output=True,
        text=True,
        timeout=300,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)},
    )
    if "ModuleNotFoundError" in done.stderr and "numpy" in done.stderr.splitlines()[-1]:
        pytest.skip("this numpy was installed without its tests")
    assert done.returncode == 0, done.stdout + done.stderr
    return int(done.stdout.splitlines()[-1])


def test_all_tests_of_memmap_pass(tmp_path):
    passed = run("memmap", tmp_path)
    assert passed == KNOWN.get(np.__version__, passed) and passed >= 19


def test_the_tests_of_open_memmap_pass(tmp_path):
    assert run("format", tmp_path) >= 2
