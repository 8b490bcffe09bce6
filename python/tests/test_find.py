"""`memmap.find`."""

import re

import pytest

import memmap
from memmap import FrozenMap, MemMap, RamMap, TruncatedError

import os
import random


def test_places_are_those_of_re_in_every_source(fresh):
    rng = random.Random(3)
    data = bytes(rng.choices(b"abcd\n", k=3_000_000))
    path = fresh(data)
    ram = RamMap(len(data))
    memoryview(ram)[:] = data
    sources = [path, str(path), open(path, "rb"), MemMap.open(path), FrozenMap.open(path), ram]
    for pattern, options, expression in [
        (b"abcdabc", {}, rb"abcdabc"),
        ("abcdabc", {}, rb"abcdabc"),
        (bytearray(b"a\n\nb"), {}, rb"a\n\nb"),
        ("61 62 0a 0a", {"kind": "hex"}, rb"ab\n\n"),
        (r"a{5,}b", {"kind": "regex"}, rb"a{5,}b"),
    ]:
        expected = [(m.start(), m.end() - m.start()) for m in re.finditer(expression, data)]
        assert expected
        for source in sources:
            assert memmap.find(source, pattern, **options) == expected
        for limit in [0, 1, 2, 7]:
            assert memmap.find(path, pattern, limit=limit, **options) == expected[:limit]
        start, stop = 1_000_000, -1_000_000
        part = [(at, n) for at, n in expected if at >= start and at + n <= len(data) + stop]
        if expression != rb"a{5,}b":
            assert memmap.find(path, pattern, start=start, stop=stop, **options) == part
    sources[2].close()


def test_matches_may_overlap():
    mm = MemMap.anonymous(5)
    assert memmap.find(mm, b"\0\0", overlapping=True) == [(at, 2) for at in range(4)]
    assert memmap.find(mm, b"\0\0") == [(0, 2), (2, 2)]


def test_errors_say_what_is_wrong(fresh, tmp_path):
    mm = MemMap.anonymous(5)
    for pattern, kind in [(b"", "text"), ("G", "hex"), ("(", "regex"), ("a", "nonsense")]:
        with pytest.raises(ValueError):
            memmap.find(mm, pattern, kind=kind)
    with pytest.raises(TypeError):
        memmap.find(mm, 5)
    with pytest.raises(TypeError):
        memmap.find(5, b"a")
    with pytest.raises(FileNotFoundError):
        memmap.find(tmp_path / "none", b"a")
    path = fresh(bytes(2 << 20))
    with MemMap.open(path) as cut:
        cut_at = 1 << 20
        os.truncate(path, cut_at)
        with pytest.raises(TruncatedError) as info:
            memmap.find(cut, b"x")
        assert info.value.offset == cut_at
        assert memmap.find(cut, b"\0", limit=1) == [(0, 1)]
    long = MemMap.anonymous(3 << 20)
    long.write_at(0, b"a" * (3 << 20))
    with pytest.raises(ValueError, match="longer"):
        memmap.find(long, "a+", kind="regex")


def test_a_limit_is_any_number_that_is_not_negative(fresh):
    path = fresh(b"abab")
    assert memmap.find(path, b"a", limit=0) == []
    assert memmap.find(path, b"a", limit=2**80) == [(0, 1), (2, 1)]
    for limit in (-1, -(2**80)):
        with pytest.raises(ValueError, match="negative"):
            memmap.find(path, b"a", limit=limit)
    with pytest.raises(TypeError):
        memmap.find(path, b"a", limit="1")
