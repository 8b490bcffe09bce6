"""Reading, writing and indexing."""

import array
import os
import random
import sys

import numpy as np
import pytest

from memmap import MemMap, TruncatedError

DATA = bytes(random.Random(1).randbytes(300_000))


@pytest.fixture(params=["file", "anonymous", "private"])
def mm(request, fresh):
    if request.param == "anonymous":
        mm = MemMap.anonymous(len(DATA))
        mm.write_at(0, DATA)
    else:
        mm = MemMap.open(fresh(DATA), {"file": "r+", "private": "c"}[request.param])
    with mm:
        yield mm


def test_reads_are_the_bytes_of_every_range(mm):
    sizes = [0, 1, 4, 63, 64, 65, 4096, 65535, 65536, 65537, 200_000, len(DATA)]
    for size in sizes:
        for offset in {0, 1, 4095, len(DATA) - size} & set(range(len(DATA) - size + 1)):
            expected = DATA[offset : offset + size]
            assert mm.read_at(offset, size) == expected
            target = bytearray(size)
            mm.read_into(offset, target)
            assert target == expected


def test_writes_arrive_whatever_the_source_is(mm):
    expected = bytearray(DATA)
    sources = [
        b"bytes",
        bytearray(b"bytearray"),
        memoryview(b"..view.")[2:],
        array.array("d", [1.5, 2.5]),
        np.arange(40_000, dtype=">i4"),
        bytes(100_000),
    ]
    for at, source in enumerate(sources):
        raw = bytes(memoryview(source).cast("B")) if not isinstance(source, np.ndarray) else source.tobytes()
        mm.write_at(at * 1001, source)
        expected[at * 1001 : at * 1001 + len(raw)] = raw
    assert mm[:] == expected


def test_indexing_is_that_of_bytes(mm):
    for index in [0, 1, -1, len(DATA) - 1, -len(DATA)]:
        assert mm[index] == DATA[index]
    for part in [
        slice(None),
        slice(5, 100),
        slice(-10, None),
        slice(100, 5),
        slice(None, None, 7),
        slice(None, None, -1),
        slice(200, 100, -3),
        slice(10**30),
        slice(5, 6, 1000),
    ]:
        assert mm[part] == DATA[part], part
    for index in [len(DATA), -len(DATA) - 1, 10**30]:
        with pytest.raises(IndexError):
            mm[index]
    with pytest.raises(TypeError):
        mm["a"]
    assert DATA[1000:1010] in mm and DATA[0] in mm


def test_assignment_is_that_of_mmap(mm):
    mm[3] = 7
    mm[-1] = np.uint8(8)
    mm[10:14] = b"abcd"
    assert (mm[3], mm[-1], mm[9:15]) == (7, 8, DATA[9:10] + b"abcd" + DATA[14:15])
    for index, value, error in [
        (0, 256, ValueError),
        (0, -1, ValueError),
        (0, b"a", TypeError),
        (len(DATA), 1, IndexError),
        (slice(0, 4), b"abc", IndexError),
        (slice(0, 4, 2), b"abc", IndexError),
        (slice(0, 4, 2), "ab", TypeError),
    ]:
        with pytest.raises(error):
            mm[index] = value
    with pytest.raises(TypeError):
        del mm[0]


@pytest.mark.parametrize("step", [2, -1, -3, 16, 17, -17, 1000, -5000, 1 << 40])
def test_slices_with_a_step_are_read_and_assigned_to(mm, step):
    expected = bytearray(DATA)
    for first, last in [(None, None), (5, -7), (-7, 5), (3, 3), (0, 1)]:
        assert mm[first:last:step] == bytes(expected[first:last:step])
        value = os.urandom(len(expected[first:last:step]))
        expected[first:last:step] = value
        mm[first:last:step] = value
        assert mm[:] == bytes(expected)


def test_a_slice_with_a_step_looks_at_its_own_bytes_alone(fresh):
    """No copy of what lies between them is made, and what is lost there is no error."""
    path = fresh(b"\1" * 4096)
    os.truncate(path, 1 << 42)
    with MemMap.open(path) as mm:
        assert mm[:: 1 << 41] == b"\1\0"
        os.truncate(path, 4096)
        assert mm[:8192:8192] == b"\1"
        with pytest.raises(TruncatedError) as caught:
            mm[:: 1 << 41]
        assert caught.value.offset == 1 << 41


def test_numbers_have_their_type_and_byte_order(mm):
    for code in ["u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f4", "f8", "<u2", ">u4", ">i8", ">f4", "=i2"]:
        for offset in [0, 1, 5, 9]:
            expected = np.frombuffer(DATA, code, 1, offset)[0].item()
            found = mm.get(code, offset)
            assert found == expected or (found != found and expected != expected)
    assert mm.get("?", 0) is bool(DATA[0])
    for wrong in ["", "u3", "x", "u", "<", "f16"]:
        with pytest.raises(ValueError, match="no number"):
            mm.get(wrong, 0)
    with pytest.raises(ValueError):
        mm.get("u8", len(DATA) - 7)


def test_ranges_that_are_not_in_the_map_are_value_errors(mm):
    for offset, size in [(-1, 4), (0, -1), (2**70, 1), (0, 2**62), (len(DATA) - 2, 4), (len(DATA) + 1, 0)]:
        with pytest.raises(ValueError):
            mm.read_at(offset, size)
    with pytest.raises(ValueError):
        mm.write_at(len(DATA) - 2, b"abc")
    with pytest.raises(ValueError):
        mm.read_into(1, bytearray(len(DATA)))
    with pytest.raises(TypeError):
        mm.read_at(0.0, 4)
    assert mm.read_at(np.int64(1), np.uint8(4)) == DATA[1:5]


def test_places_are_those_that_bytes_find(mm):
    rng = random.Random(2)
    mm[299_990:299_994] = b"tail"
    data = mm[:]
    for _ in range(40):
        at = rng.randrange(len(data) - 8)
        sub = data[at : at + rng.randrange(1, 8)]
        start, end = rng.randrange(-len(data), len(data)), rng.choice([None, rng.randrange(-5, len(data))])
        assert mm.find(sub, start, end) == data.find(sub, start, end)
        assert mm.rfind(sub, start, end) == data.rfind(sub, start, end)
    assert mm.find(b"tail") == data.find(b"tail")
    assert mm.find(b"") == 0 and mm.rfind(b"") == len(data)
    assert mm.find(b"no such bytes") == -1


def test_a_map_that_was_opened_for_reading_is_not_written(fresh):
    path = fresh(DATA)
    with MemMap.open(path) as mm:
        for write in [
            lambda: mm.write_at(0, b"x"),
            lambda: mm.write_at(0, bytes(100_000)),
            lambda: mm.write_at(0, bytearray(b"x")),
            lambda: mm.__setitem__(0, 1),
            lambda: mm.resize(10),
        ]:
            with pytest.raises(TypeError, match="read"):
                write()
    assert path.read_bytes() == DATA


def test_cut_bytes_are_an_error_at_the_byte(fresh):
    path = fresh()
    with MemMap.open(path, "r+") as mm, MemMap.open(fresh(b"\2" * 65536)) as other:
        os.truncate(path, 8192)
        assert mm.read_at(0, 8192) == b"\1" * 8192
        for read in [
            lambda: mm.read_at(8190, 4),
            lambda: mm.read_at(0, 65536),
            lambda: mm.read_into(4096, bytearray(20_000)),
            lambda: mm.find(b"\2"),
            lambda: mm.get("u4", 8190),
            lambda: mm[:],
            lambda: mm.write_at(8190, b"abcd"),
        ]:
            with pytest.raises(TruncatedError) as info:
                read()
            assert (info.value.offset, info.value.kind) == (8192, "truncated")
            assert info.value.filename == os.fspath(path)
        assert other.find(b"\1") == -1
        mm.resize(8192)
        assert len(mm) == mm.size() == 8192


def test_a_map_resizes_its_file(fresh):
    path = fresh(b"abc")
    with MemMap.open(path, "r+") as mm:
        mm.resize(10)
        assert mm[:] == b"abc" + bytes(7)
        assert path.stat().st_size == 10
        mm.resize(2)
    assert path.read_bytes() == b"ab"
    with MemMap.open(path, "c") as mm, pytest.raises(TypeError, match="private edits"):
        mm.resize(10)


def test_private_edits_stay_private(fresh):
    path = fresh(DATA)
    with MemMap.open(path, "c") as mm:
        mm.write_at(5, b"edit")
        os.truncate(path, 0)
        assert mm.read_at(5, 4) == b"edit"
    assert path.read_bytes() == b""


def test_written_bytes_are_in_the_file_after_flush_sync_and_close(fresh):
    path = fresh(DATA)
    mm = MemMap.open(path, "r+")
    mm.write_at(0, b"a")
    mm.flush(0, 1)
    mm.write_at(1, b"b")
    mm.flush()
    mm.sync()
    for advice in ["normal", "sequential", "random", "willneed", "dontneed", "evict"]:
        mm.advise(advice)
    with pytest.raises(ValueError, match="no advice"):
        mm.advise("hurry")
    with pytest.raises(ValueError):
        mm.flush(0, len(DATA) + 1)
    mm.close()
    assert path.read_bytes() == b"ab" + DATA[2:]


def test_locks_exclude_other_maps(fresh):
    path = fresh()
    with MemMap.open(path, "r+") as one, MemMap.open(path, "r+") as other:
        assert one.lock(shared=True) and other.lock(shared=True)
        assert not other.lock(timeout=0.01)
        one.unlock()
        assert other.lock(timeout=0)
        assert not one.lock(shared=True, timeout=0)
        with pytest.raises(ValueError):
            one.lock(timeout=-1.0)


@pytest.mark.skipif(sys.platform != "linux", reason="a limit on addresses")
def test_anonymous_memory_grows_and_shrinks_without_a_copy(scene):
    """A copy would take as much memory again, and time in which no signal is heard."""
    out = scene(
        """
        import resource
        mm = MemMap.anonymous(1 << 30)
        mm[0], mm[-1] = 1, 2
        with open("/proc/self/statm") as file: used = int(file.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + (256 << 20), resource.RLIM_INFINITY))
        mm.resize((1 << 30) + 5)
        print(len(mm), mm[0], mm[(1 << 30) - 1], mm[1 << 30:])
        mm.resize(3)
        mm.resize(1 << 20)
        print(mm[:4], mm.find(bytes([2])), mm[-1])
        try: mm.resize(1 << 40)
        except MemoryError: print(len(mm), mm[0])
        with mm.view() as view:
            try: mm.resize(1)
            except BufferError: print("held")
            del view
        """
    )
    assert out.splitlines() == [
        f"{(1 << 30) + 5} 1 2 b'\\x00\\x00\\x00\\x00\\x00'",
        "b'\\x01\\x00\\x00\\x00' -1 0",
        f"{1 << 20} 1",
        "held",
    ]
