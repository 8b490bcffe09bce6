"""Runs the interpreter's own tests of `mmap` over a class that has its interface, and a `MemMap` inside.

    python cpythons_own.py

The last line that it prints is JSON: what was run, skipped by itself, and left out.
"""

import importlib
import json
import operator
import os
import re
import sys
import types
import unittest

import memmap

mmap = importlib.import_module("mmap")

# Tests that ask for something else than what a map does, and why they are not run.
LEFT_OUT = {
    "test_bad_file_desc": "a negative number is a ValueError, also as a descriptor",
    "test_empty_file": "an empty file is an empty map, and not an error",
    "test_error": "asks the module mmap for a name, and no map for anything",
    "test_find_does_not_access_beyond_buffer": "needs a map without any access beside another, and there is none",
    "test_flush_return_value": "flush takes any offset; the test wants an error for one that is not a page's",
    "test_madvise": "advice is given by words, and wrong ranges have texts of their own",
    "test_no_trackfd_parameter_on_windows": "the descriptor is always duplicated",
    "test_repr": "the text is that of the class mmap.mmap",
    "test_sizeof": "asks for the bytes that the object mmap.mmap has",
    "test_trackfd_neg1": "the descriptor is always duplicated",
    "test_trackfd_parameter": "the descriptor is always duplicated",
}

MODES = {mmap.ACCESS_READ: "r", mmap.ACCESS_WRITE: "r+", mmap.ACCESS_COPY: "c", mmap.ACCESS_DEFAULT: "r+"}


class Adapter:
    """`mmap.mmap` with a `MemMap` for the bytes: a position, and mmap's names and errors."""

    def __new__(cls, fileno, length, flags=None, prot=None, access=mmap.ACCESS_DEFAULT, offset=0, tagname=None):
        if access not in MODES:
            raise ValueError("mmap invalid access parameter.")
        if access != mmap.ACCESS_DEFAULT and (flags is not None or prot is not None):
            raise ValueError("mmap can't specify both access and flags, prot.")
        mode = MODES[access]
        if prot is not None and not prot & mmap.PROT_WRITE:
            mode = "r"
        self = super().__new__(cls)
        if fileno == -1:
            self.map = memmap.MemMap.anonymous(length)
        else:
            self.map = memmap.MemMap.from_fd(fileno, mode, offset=offset, size=length or None)
        self.position = 0
        return self

    # A closed map says so in mmap's words, which its tests look at.
    def _call(self, method, *arguments):
        try:
            return method(*arguments)
        except ValueError as error:
            if self.map.closed:
                raise ValueError("mmap closed or invalid") from error
            raise

    def __len__(self):
        return self._call(self.map.__len__)

    def __getitem__(self, index):
        return self._call(self.map.__getitem__, index)

    def __setitem__(self, index, value):
        self._call(self.map.__setitem__, index, value)

    def __enter__(self):
        self.map.__enter__()
        return self

    def __exit__(self, *exception):
        return self.map.__exit__(*exception)

    @property
    def closed(self):
        return self.map.closed

    def close(self):
        self.map.close()

    def size(self):
        return self.map.size()

    def resize(self, size):
        self._call(self.map.resize, size)

    def flush(self, *place):
        return self._call(self.map.flush, *place)

    def find(self, *arguments):
        return self._call(self.map.find, *(value if at == 0 else at_index(value) for at, value in enumerate(arguments)))

    def rfind(self, *arguments):
        return self._call(self.map.rfind, *arguments)

    def tell(self):
        return self.position

    def seekable(self):
        return True

    def seek(self, distance, whence=os.SEEK_SET):
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self.position, os.SEEK_END: len(self)}[whence]
        if not 0 <= start + distance <= len(self):
            raise ValueError("seek out of range")
        self.position = start + distance
        return self.position

    def read(self, size=None):
        rest = max(0, len(self) - self.position)
        size = rest if size is None else operator.index(size)
        size = rest if size < 0 else min(size, rest)
        data = self._call(self.map.read_at, self.position, size) if size else self[0:0]
        self.position += size
        return data

    def read_byte(self):
        byte = self._call(self.map.get, "u1", self.position)
        self.position += 1
        return byte

    def readline(self):
        end = self.find(b"\n", self.position)
        return self.read(None if end < 0 else end + 1 - self.position)

    def write(self, data):
        self._call(self.map.write_at, self.position, data)
        self.position += memoryview(data).nbytes
        return memoryview(data).nbytes

    def write_byte(self, byte):
        self._call(self.map.write_at, self.position, bytes([operator.index(byte)]))
        self.position += 1

    def move(self, target, source, count):
        self._call(self.map.write_at, target, self._call(self.map.read_at, source, count))


def at_index(value):
    return value if value is None else operator.index(value)


def search(pattern, subject, *arguments):
    """`re.search`, in the live bytes if it is a map. What is found keeps no view."""
    if not isinstance(subject, Adapter):
        return re.search(pattern, subject, *arguments)
    with subject.map.view() as view, memoryview(view) as shown:
        found = re.search(pattern, shown, *arguments)
        span = found and found.span()
        del found
    return span and types.SimpleNamespace(span=lambda _group: span)


def prepared():
    """The module of the tests, with our class in place of mmap's."""
    module = importlib.import_module("test.test_mmap")
    ours = types.ModuleType("mmap")
    ours.__dict__.update(vars(mmap))
    ours.mmap = Adapter
    module.mmap = ours
    module.re = types.SimpleNamespace(search=search, compile=re.compile)
    return module


def flattened(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from flattened(test)
        else:
            yield test


def main():
    tests = list(flattened(unittest.defaultTestLoader.loadTestsFromModule(prepared())))
    names = [test.id().rpartition(".")[2] for test in tests]
    chosen = [test for test, name in zip(tests, names) if name not in LEFT_OUT]
    result = unittest.TextTestRunner(verbosity=2).run(unittest.TestSuite(chosen))
    print(
        json.dumps(
            {
                "run": [test.id().rpartition(".")[2] for test in chosen],
                "skipped": {test.id().rpartition(".")[2]: why for test, why in result.skipped},
                "left out": {name: LEFT_OUT[name] for name in names if name in LEFT_OUT},
            }
        )
    )
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
