"""Runs tests of numpy's wheel with our class in place of numpy.memmap.

    python numpys_own.py memmap|format

The last line that it prints is the number of tests that passed.
"""

import importlib
import sys

import numpy as np
import pytest

import memmap

PACKAGES = ("numpy._core.tests", "numpy.core.tests")


def refused(*arguments, **names):
    raise AssertionError("numpy.memmap was used")


class Patch:
    """Replaces the name in the modules of numpy's tests, and counts what passed."""

    def __init__(self):
        self.passed = 0

    def pytest_collection_modifyitems(self, items):
        np.memmap.__new__ = refused
        for item in items:
            if hasattr(item.module, "memmap"):
                item.module.memmap = memmap.memmap
            else:
                item.module.format.open_memmap = memmap.open_memmap

    def pytest_runtest_logreport(self, report):
        self.passed += report.when == "call" and report.passed


def found(names):
    for name in names:
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError:
            continue
    raise ModuleNotFoundError(f"none of {names}")


if __name__ == "__main__":
    if sys.argv[1] == "memmap":
        module = found([f"{package}.test_memmap" for package in PACKAGES])
        select = []
    else:
        module = found(["numpy.lib.tests.test_format"])
        select = ["-k", "memmap"]
    patch = Patch()
    status = pytest.main(
        ["-q", "--no-header", "-p", "no:cacheprovider", "-rs", "--pyargs", module.__name__, *select],
        plugins=[patch],
    )
    print(patch.passed)
    sys.exit(status)
