"""What tests of arrays share."""

import os
import subprocess
import sys
import textwrap

import pytest

np = pytest.importorskip("numpy", reason="arrays need numpy")

_PRELUDE = """
import os, sys, tempfile
import numpy as np
import memmap

def made(size, byte=b"\\1"):
    path = os.path.join(tempfile.mkdtemp(), "data")
    with open(path, "wb") as file:
        file.write(byte * size)
    return path

def error_of(call, *arguments, **names):
    try:
        call(*arguments, **names)
    except Exception as error:
        return type(error)
    return None
"""


@pytest.fixture
def scene(tmp_path):
    """Runs a program that may end its process, or hang; returns what it printed."""

    def run(program, *arguments, timeout=120):
        source = tmp_path / "scene.py"
        source.write_text(_PRELUDE + textwrap.dedent(program))
        here = os.path.dirname(__file__)
        path = [entry for entry in sys.path if entry] + [str(tmp_path), here]
        done = subprocess.run(
            [sys.executable, str(source), *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=timeout,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path), "TMPDIR": str(tmp_path)},
        )
        assert done.returncode == 0, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    return run
