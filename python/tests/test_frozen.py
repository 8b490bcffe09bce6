"""Bytes that change no more."""

import io
import os
import warnings

import numpy as np
import pytest

from memmap import FrozenMap, MemMap, TruncatedError

LARGE = 32 << 20


@pytest.fixture
def large(tmp_path):
    """A file of 32 MiB, too large to be brought in whole."""
    path = tmp_path / "large"
    path.write_bytes(np.arange(LARGE // 4, dtype="<u4").tobytes())
    return path


def test_touched_bytes_do_not_change_with_the_file(large):
    frozen = FrozenMap.open(large)
    array = np.frombuffer(frozen, "<u4")
    assert array[5] == 5
    with open(large, "r+b") as file:
        file.write(bytes(4096))
    assert array[5] == 5
    assert 0 < frozen.touched() < LARGE


def test_a_cut_is_zeros_and_an_error_of_check(large):
    frozen = FrozenMap.open(large)
    array = np.frombuffer(frozen, "<u4")
    assert array[5] == 5
    frozen.check()
    os.truncate(large, LARGE // 2)
    assert array[-1] == 0 and array[5] == 5
    lost = frozen.lost()
    assert lost and all(reason == "truncated" for _, _, reason in lost)
    assert all(LARGE // 2 <= start < stop <= LARGE for start, stop, _ in lost)
    with pytest.raises(TruncatedError) as info:
        frozen.check()
    assert info.value.filename == str(large)
    with pytest.raises(TruncatedError):
        frozen.read_at(LARGE - 4, 4)
    with pytest.raises(TruncatedError):
        frozen.read_into(LARGE - 100_000, bytearray(100_000))
    assert frozen.read_at(20, 4) == b"\5\0\0\0"


def test_leaving_a_block_raises_what_was_lost(large):
    with pytest.raises(TruncatedError), FrozenMap.open(large) as frozen:
        os.truncate(large, 0)
        assert memoryview(frozen)[LARGE - 1] == 0
    assert frozen.closed


def test_a_loss_is_a_note_of_an_exception(large):
    with pytest.raises(KeyError) as info, FrozenMap.open(large) as frozen:
        os.truncate(large, 0)
        assert memoryview(frozen)[LARGE - 1] == 0
        raise KeyError("mine")
    assert any("lost" in note for note in info.value.__notes__)


def test_a_loss_that_nobody_asked_for_is_a_warning(large):
    frozen = FrozenMap.open(large)
    os.truncate(large, 0)
    assert memoryview(frozen)[LARGE - 1] == 0
    with pytest.warns(RuntimeWarning, match="nobody called check"):
        del frozen
    frozen = FrozenMap.open(large)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        del frozen


def test_small_maps_are_seen_by_system_calls(fresh, tmp_path):
    frozen = FrozenMap.open(fresh(b"\7" * (1 << 20)))
    with open(tmp_path / "out", "wb", 0) as file:
        assert file.write(frozen) == 1 << 20


def test_prefault_makes_system_calls_see_the_bytes(large, tmp_path):
    frozen = FrozenMap.open(large)
    frozen.prefault(1 << 20, 4 << 20)
    assert frozen.touched() >= 4 << 20
    with open(tmp_path / "out", "wb", 0) as file:
        assert file.write(memoryview(frozen)[1 << 20 : 5 << 20]) == 4 << 20
    with pytest.raises(ValueError):
        frozen.prefault(0, LARGE + 1)
    os.truncate(large, 0)
    with pytest.raises(TruncatedError):
        frozen.prefault()


def test_write_to_touches_what_it_writes(large, tmp_path):
    expected = large.read_bytes()
    frozen = FrozenMap.open(large)
    frozen.write_to(tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == expected
    with open(tmp_path / "out", "wb", 0) as file:
        file.write(b"head")
        FrozenMap.open(large).write_to(file, 10, 2_000_000)
    assert (tmp_path / "out").read_bytes() == b"head" + expected[10:2_000_010]
    target = io.BytesIO()
    frozen.write_to(target, LARGE - 3)
    assert target.getvalue() == expected[-3:]

    class Slow:
        """Takes a few bytes at a time, as a raw file may."""

        taken = b""

        def write(self, data):
            self.taken += bytes(data[:70_001])
            return min(len(data), 70_001)

    slow = Slow()
    frozen.write_to(slow, 0, 300_000)
    assert slow.taken == expected[:300_000]
    with pytest.raises(FileNotFoundError):
        frozen.write_to(tmp_path / "none" / "out")
    for start, size in [(LARGE + 1, None), (0, LARGE + 1)]:
        with pytest.raises(ValueError):
            frozen.write_to(target, start, size)
    assert target.getvalue() == expected[-3:]
    for target in [tmp_path / "out", io.BytesIO()]:
        cut = FrozenMap.open(large)
        os.truncate(large, LARGE // 2)
        with pytest.raises(TruncatedError):
            cut.write_to(target)
        assert [reason for _, _, reason in cut.lost()] == ["truncated"]
        os.truncate(large, LARGE)


def test_a_part_of_a_file_is_frozen(large):
    with FrozenMap.open(large, offset=4 * 1001, size=8) as frozen:
        assert np.frombuffer(frozen, "<u4").tolist() == [1001, 1002]
        assert (frozen.offset, len(frozen), frozen.path) == (4004, 8, str(large))
    with pytest.raises(ValueError):
        FrozenMap.open(large, offset=LARGE + 1)


def test_a_live_map_freezes_in_every_mode(fresh):
    path = fresh(b"abcdef")
    for mode in ["r", "r+", "c"]:
        with MemMap.open(path, mode, offset=1) as mm:
            if mode != "r":
                mm[0] = ord("X")
            frozen = mm.freeze()
            assert bytes(frozen) == mm[:]
            frozen.check()
    assert bytes(frozen) == b"Xcdef"
    with MemMap.anonymous(3) as mm:
        mm[:] = b"xyz"
        assert bytes(mm.freeze()) == b"xyz"


def test_a_thread_that_blocks_signals_copies(scene):
    out = scene(
        """
        path = fresh(b"\\1" * (32 << 20))
        mm, frozen = MemMap.open(path), FrozenMap.open(path)
        def work():
            signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
            os.truncate(path, 1 << 20)
            told = []
            for read in (lambda: mm.read_at(0, 2 << 20), lambda: mm.read_at((2 << 20) + 5, 4), lambda: mm.find(b"\\2"),
                         lambda: frozen.read_at(2 << 20, 4), frozen.prefault):
                try: read()
                except TruncatedError: told.append(True)
            print(told, frozen.read_at(0, 2))
        thread = threading.Thread(target=work); thread.start(); thread.join()
        """
    )
    assert out == f"{[True] * 5} b'\\x01\\x01'"
