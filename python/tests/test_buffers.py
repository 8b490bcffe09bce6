"""What is copied to and from, whatever it is."""

import array
import mmap
import os

import numpy as np
import pytest

from memmap import MapError, MemMap, RamMap


def test_targets_are_writable_and_contiguous(fresh):
    with MemMap.open(fresh()) as mm:
        immutable = bytes(100)
        grid = np.zeros((100, 2), "u1")
        sealed = np.zeros(10)
        sealed.flags.writeable = False
        for target in [immutable, memoryview(b"abc"), grid[:, 0], np.zeros((3, 4))[:, 1:], sealed,
                       memoryview(bytearray(10))[::2]]:
            with pytest.raises(BufferError):
                mm.read_into(0, target)
        assert immutable == bytes(100) and not grid.any()
        for target in [5, "text", None]:
            with pytest.raises(TypeError):
                mm.read_into(0, target)


def test_targets_have_items_of_any_type(fresh):
    with MemMap.open(fresh(b"\1" * (1 << 20))) as mm:
        for target in [np.zeros(10, "f8"), np.zeros((3, 4), "i2"), array.array("i", [0] * 9), RamMap(70_000),
                       np.zeros(50_000, "c16"), memoryview(bytearray(12)).cast("I"), bytearray(0)]:
            mm.read_into(0, target)
            assert memoryview(target).tobytes() == b"\1" * memoryview(target).nbytes


def test_sources_are_contiguous(fresh):
    with MemMap.open(fresh(), "r+") as mm:
        for source in [np.zeros((10, 2), "u1")[:, 0], memoryview(b"abcdef")[::2]]:
            with pytest.raises(BufferError):
                mm.write_at(0, source)
        for source in [5, "text", None]:
            with pytest.raises(TypeError):
                mm.write_at(0, source)
        with pytest.raises(TypeError, match="freeze"):
            mm.write_at(0, mm)


@pytest.mark.parametrize("size", [100, 20_000, 65536])
def test_a_target_or_a_source_that_is_lost_is_an_error(fresh, size):
    """A map of another library, whose file was cut, is no end of the process either."""
    path = fresh()
    with open(path, "r+b") as file, mmap.mmap(file.fileno(), 0) as foreign:
        os.truncate(path, 0)
        with MemMap.open(fresh(), "r+") as mm:
            view = memoryview(foreign)[:size]
            for copy in [lambda: mm.read_into(0, view), lambda: mm.write_at(0, view)]:
                with pytest.raises(MapError) as info:
                    copy()
                assert (info.value.kind, info.value.offset) == ("buffer_lost", 0)
            assert mm[:] == b"\1" * 65536
            view.release()


def test_a_long_target_that_is_lost_in_part_says_where(fresh):
    path = fresh(bytes(1 << 20))
    with open(path, "r+b") as file, mmap.mmap(file.fileno(), 0) as foreign:
        os.truncate(path, 300_000)
        at = (300_000 + 4095) // 4096 * 4096
        with MemMap.anonymous(1 << 20) as mm, memoryview(foreign) as view:
            with pytest.raises(MapError) as info:
                mm.read_into(0, view)
            assert info.value.kind == "buffer_lost" and info.value.offset == at
            with pytest.raises(MapError) as info:
                mm.write_at(0, view)
            assert info.value.kind == "buffer_lost"


def test_a_bytearray_that_another_thread_wants_to_resize_is_held(scene):
    out = scene(
        """
        mm = MemMap.open(sparse(64 << 20))
        target, refused, stop = bytearray(64 << 20), [], threading.Event()
        def resize():
            while not stop.is_set():
                try: target.append(1); target.pop()
                except BufferError: refused.append(True)
        thread = threading.Thread(target=resize); thread.start()
        for _ in range(20):
            try: mm.read_into(0, target)
            except ValueError: pass
        stop.set(); thread.join()
        print("lived")
        """
    )
    assert out == "lived"


def test_others_may_write_to_a_target_and_a_source(scene):
    out = scene(
        """
        mm, ram = MemMap.open(sparse(8 << 20), "r+"), RamMap(8 << 20)
        stop = threading.Event()
        def write():
            view = memoryview(ram)
            while not stop.is_set(): view[:1 << 20] = b"\\7" * (1 << 20)
        threads = [threading.Thread(target=write) for _ in range(2)]
        [thread.start() for thread in threads]
        for _ in range(50): mm.read_into(0, ram); mm.write_at(0, ram)
        stop.set(); [thread.join() for thread in threads]
        print(set(mm[:]) <= {0, 7})
        """
    )
    assert out == "True"


def test_overlapping_memory_is_copied(fresh):
    ram = RamMap(1 << 20)
    with memoryview(ram) as view:
        view[:4] = b"abcd"
        mm = MemMap.anonymous(1 << 20)
        mm.write_at(0, view)
        mm.read_into(0, view)
        assert view[:4] == b"abcd"
