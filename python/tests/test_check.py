"""`check`, `lost` and `_origin` find a map by the address of its bytes."""

import array
import gc
import os

import numpy as np
import pytest

import memmap
from memmap import FrozenMap, RamMap, TruncatedError, _native

LARGE = 32 << 20
PAGE = 4096


@pytest.fixture
def cut(tmp_path):
    """An array over a file whose second half was lost before it was touched."""
    path = tmp_path / "cut"
    path.write_bytes(b"\1" * LARGE)
    frozen = FrozenMap.open(path)
    array = np.frombuffer(frozen, "u1")
    os.truncate(path, LARGE // 2)
    assert int(array[:: PAGE // 2].sum()) == LARGE // PAGE
    return array


def test_views_of_every_form_are_asked_for_their_own_bytes(cut):
    half = LARGE // 2
    for whole in [cut, np.asarray(cut), memoryview(cut), cut[::-1], cut.reshape(-1, 64).T, cut.view(">f8"),
                  cut.view("M8[s]"), cut.view("U16"), np.lib.stride_tricks.as_strided(cut, (LARGE // 8,), (8,))]:
        with pytest.raises(TruncatedError):
            memmap.check(whole)
        assert memmap.lost(whole)[0][2] == "truncated"
    for part in [cut[:half], cut[half - 1 :: -1], memoryview(cut)[5:100], cut[:half].reshape(2, -1)[:, 3:4], cut[5:5],
                 np.broadcast_to(cut[7:8], (3, 4))]:
        memmap.check(part)
        assert memmap.lost(part) == []
    assert memmap.lost(cut[half + 10 : half + 20]) == [(0, 10, "truncated")]


def test_copies_are_no_maps(cut):
    for copy in [cut.copy(), cut.take([1, 2]), cut.astype("f4"), cut[::2].copy(), bytes(10), bytearray(10),
                 array.array("i", [1]), np.zeros(3)]:
        with pytest.raises(ValueError, match="no map's"):
            memmap.check(copy)
        with pytest.raises(ValueError, match="no map's"):
            memmap.lost(copy)
        assert _native._origin(copy) is None
    assert memmap.lost(cut)
    for nothing in [5, None, "text"]:
        with pytest.raises(TypeError):
            memmap.check(nothing)


def test_the_origin_is_the_owner_and_the_offset(tmp_path):
    ram = RamMap(1000)
    whole = np.frombuffer(ram, "u1")
    for part, offset in [(whole, 0), (whole[10:], 10), (whole[::-1], 0), (whole[100:110:3], 100)]:
        owner, at = _native._origin(part)
        assert owner is ram and at == offset
    memmap.check(ram)
    memmap.check(whole)
    ram_again = RamMap(1000)
    assert _native._origin(memoryview(ram_again))[0] is ram_again
    ram.__exit__(None, None, None)
    assert _native._origin(whole)[0] is ram
    del owner, ram_again, part
    gc.collect()


def test_memory_that_is_freed_is_forgotten():
    for _ in range(50):
        ram = RamMap(1 << 20)
        address = np.frombuffer(ram, "u1").__array_interface__["data"][0]
        del ram

        class Stale:
            __array_interface__ = {"data": (address, True), "shape": (5,), "typestr": "|u1", "version": 3}

        assert _native._origin(Stale()) is None


def test_a_check_for_changes_asks_the_file(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(bytes(100))
    view = memoryview(FrozenMap.open(path))
    memmap.check(view, unchanged=True)
    os.truncate(path, 0)
    os.truncate(path, 100)
    memmap.check(view)
    with pytest.raises(memmap.ReplacedError):
        memmap.check(view, unchanged=True)


def test_exceptions_of_the_interface_are_not_hidden():
    class Failing:
        error = KeyboardInterrupt("mine")

        @property
        def __array_interface__(self):
            raise self.error

    for error in [KeyboardInterrupt("mine"), ZeroDivisionError("mine")]:
        Failing.error = error
        for ask in [memmap.check, memmap.lost]:
            with pytest.raises(type(error), match="mine"):
                ask(Failing())
