"""Helpers of the tests."""

import subprocess
import sys
import textwrap

import pytest

PRELUDE = """
import gc, os, signal, sys, tempfile, threading, time, warnings
import memmap
from memmap import FrozenMap, MapError, MemMap, RamMap, TruncatedError
warnings.simplefilter("ignore", DeprecationWarning)

def fresh(data=b"\\1" * 65536):
    path = os.path.join(tempfile.mkdtemp(), "data")
    with open(path, "wb") as file:
        file.write(data)
    return path

def sparse(size):
    path = fresh(b"")
    os.truncate(path, size)
    return path
"""


class Scene:
    """A program that may hang or die, run in a process of its own."""

    def __call__(self, code, *, timeout=60, flags=(), status=0):
        program = PRELUDE + textwrap.dedent(code)
        done = subprocess.run(
            [sys.executable, *flags, "-c", program],
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert done.returncode == status, f"status {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout.strip()


@pytest.fixture(scope="session")
def scene():
    return Scene()


@pytest.fixture
def fresh(tmp_path):
    """Makes a file with these bytes, and returns its path."""
    count = iter(range(1000))

    def make(data=b"\1" * 65536):
        path = tmp_path / f"data{next(count)}"
        path.write_bytes(data)
        return path

    return make
