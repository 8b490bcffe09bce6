"""Pages live as long as an object can reach them."""

import ctypes
import gc
import pathlib
import weakref

import numpy as np
import pytest

from memmap import FrozenMap, MemMap, RamMap

DATA = bytes(range(256)) * 1024


def test_exports_in_every_order_of_release_keep_the_pages(fresh):
    for make in [lambda: FrozenMap.open(fresh(DATA)), lambda: RamMap(len(DATA))]:
        owner = make()
        first = bytes(memoryview(owner)[:300])
        view = memoryview(owner)
        part = view[100:][50:]
        array = np.frombuffer(part, "u1")[10:]
        del owner, view, part
        gc.collect()
        assert array[:100].tobytes() == first[160:260]

        owner = make()
        array = np.ndarray((256,), "u1", owner)
        owner.close()
        assert owner.closed
        del owner
        gc.collect()
        assert array.tobytes() == first[:256]


def test_a_cycle_is_collected(fresh):
    class Node:
        pass

    node = Node()
    node.owner = FrozenMap.open(fresh(DATA))
    node.view = memoryview(node.owner)[5:]
    node.array = np.frombuffer(node.view, "u1")
    node.me = node
    found = weakref.ref(node.owner)
    del node
    gc.collect()
    assert found() is None


def test_close_says_how_many_exports_are_out(fresh):
    for owner in [FrozenMap.open(fresh()), RamMap(100)]:
        views = [memoryview(owner) for _ in range(3)]
        with pytest.raises(BufferError, match="3 exports"):
            owner.close()
        assert not owner.closed and len(owner) > 0
        views.pop().release()
        views.pop().release()
        with pytest.raises(BufferError, match="1 export "):
            owner.close()
        views.pop().release()
        owner.close()
        with pytest.raises(ValueError, match="closed"):
            memoryview(owner)


def test_what_counts_as_no_export_keeps_the_pages_all_the_same(fresh):
    """numpy.ndarray(buffer=x) gives its buffer back at once."""
    for how in [
        lambda x: np.ndarray((65536,), "u1", x),
        lambda x: np.ndarray((65536,), "u1", memoryview(x)),
    ]:
        frozen = FrozenMap.open(fresh())
        array = how(frozen)
        frozen.close()
        assert int(array.sum()) == 65536


def test_leaving_a_block_with_an_array_over_the_bytes_is_ordinary_use(fresh):
    with FrozenMap.open(fresh()) as frozen:
        array = np.frombuffer(frozen, "u1")
    assert frozen.closed and int(array.sum()) == 65536
    with RamMap(10) as ram:
        view = memoryview(ram)
        view[0] = 7
    assert ram.closed and view[0] == 7


def test_an_exception_of_a_block_is_the_one_that_is_raised(fresh):
    for owner in [FrozenMap.open(fresh()), RamMap(10), MemMap.open(fresh()), MemMap.anonymous(3)]:
        with pytest.raises(KeyError) as info, owner:
            kept = np.frombuffer(owner, "u1") if not isinstance(owner, MemMap) else None
            raise KeyError("mine")
        assert info.value.__context__ is None and owner.closed
        del kept


def test_closed_memory_that_was_never_exported_is_given_up(fresh):
    path = fresh(bytes(1 << 20))
    frozen, mm = FrozenMap.open(path), MemMap.open(path)
    frozen.close()
    mm.close()
    assert path.name not in pathlib.Path("/proc/self/maps").read_text()


def test_buffers_are_bytes_and_read_only_if_the_bytes_are(fresh):
    frozen, ram = FrozenMap.open(fresh(b"abc")), RamMap(3)
    for owner, is_readonly in [(frozen, True), (ram, False)]:
        view = memoryview(owner)
        assert (view.format, view.itemsize, view.shape, view.nbytes) == ("B", 1, (3,), 3)
        assert view.readonly == is_readonly and view.c_contiguous
    with pytest.raises(ValueError):
        np.frombuffer(frozen, "u1").flags.writeable = True
    with pytest.raises(TypeError):
        ctypes.c_char.from_buffer(frozen)
    byte = ctypes.c_ubyte.from_buffer(ram)
    byte.value = 9
    assert ram.read_at(0, 1) == b"\x09"


def test_a_live_map_exports_nothing_and_says_what_does(fresh):
    with MemMap.open(fresh()) as mm:
        for use in [memoryview, np.frombuffer, bytes, bytearray]:
            with pytest.raises((TypeError, BufferError), match="freeze"):
                use(mm)
