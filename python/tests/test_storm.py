"""Short storms: `storm.py` makes long ones."""

import sys

import pytest

import storm

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a mapped file is not cut there")


@pytest.mark.parametrize("kind, threads", [("stores", 1), ("stores", 8), ("frozen", 8), ("copies", 8)])
def test_nobody_dies_in_a_storm(kind, threads):
    pytest.importorskip("numpy")
    report = storm.run(kind, threads, 0.7, 16 << 20)
    assert report["status"] == 0 and not report["errors"], report
    assert report["maps"] + report["told"] > 0 and report["cuts"] > 0, report
