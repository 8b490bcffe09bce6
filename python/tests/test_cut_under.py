"""Files that are cut by another process, under ours and under what else maps files."""

import signal
import sys

import pytest

import cut_under

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a mapped file is not cut there")

# What a program needs beside the package.
NEEDS = {"pyarrow": "pyarrow", "safetensors": "safetensors", "numpy": "numpy", "memmap.memmap": "numpy"}


def require(name):
    for word, module in NEEDS.items():
        if word in name:
            pytest.importorskip(module)


@pytest.mark.parametrize("name", cut_under.OURS)
def test_ours_live_and_say_so(name):
    require(name)
    status, line = cut_under.run(name)
    assert status == 0, line
    assert "TruncatedError at " in line, line
    if "pyarrow" in name:
        assert "copied 0 " in line, line
    offset = int(line.rpartition(" ")[2])
    assert offset in (cut_under.LEFT, cut_under.LEFT // 4096 * 4096, 8192, 0), line


@pytest.mark.parametrize("name", cut_under.OTHERS)
def test_others_die(name):
    """Otherwise the tests above would be blind."""
    require(name)
    status, line = cut_under.run(name)
    assert status == 128 + signal.SIGBUS, f"{status} {line}"
