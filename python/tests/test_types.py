"""What a type checker makes of the stubs."""

import pathlib
import shutil
import subprocess
import sys

import pytest

pytest.importorskip("mypy", reason="mypy is not installed")
pytest.importorskip("numpy", reason="the stubs of arrays need numpy's")


def test_mypy_accepts_a_program_and_finds_its_mistakes(tmp_path):
    shutil.copy(pathlib.Path(__file__).with_name("typed_program.py"), tmp_path)
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", tmp_path / "cache", "typed_program.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
