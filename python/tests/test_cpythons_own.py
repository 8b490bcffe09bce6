"""The interpreter's own tests of mmap, over a map."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

import cpythons_own

RUNNER = pathlib.Path(cpythons_own.__file__)

# What belongs to Windows is skipped elsewhere by the tests themselves.
LEAST_PASSED = 30


def test_the_tests_of_mmap_pass_but_for_those_that_are_left_out(tmp_path):
    pytest.importorskip("test.test_mmap", reason="this interpreter was installed without its tests")
    path = os.pathsep.join(entry for entry in sys.path if entry)
    done = subprocess.run(
        [sys.executable, str(RUNNER)],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout.splitlines()[-1])
    passed = set(report["run"]) - set(report["skipped"])
    assert len(passed) >= LEAST_PASSED, report
    assert all(report["left out"].values()) and not passed & set(report["left out"])


def test_the_adapter_has_the_bytes_from_a_map(tmp_path):
    """Otherwise the tests above would be of mmap itself."""
    path = tmp_path / "data"
    path.write_bytes(bytes(8192))
    with open(path, "r+b") as file:
        ours = cpythons_own.Adapter(file.fileno(), 0)
    path.write_bytes(b"")
    with pytest.raises(cpythons_own.memmap.TruncatedError):
        ours.read(1)
