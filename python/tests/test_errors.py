"""Exceptions: their classes, and that they travel."""

import concurrent.futures as futures
import copy
import errno
import multiprocessing
import os
import pickle

import pytest

import memmap
from memmap import MapError, MemMap, ReplacedError, StorageFullError, TruncatedError


def cut_error(directory):
    path = os.path.join(directory, "cut")
    with open(path, "wb") as file:
        file.write(bytes(65536))
    mm = MemMap.open(path)
    os.truncate(path, 4096)
    try:
        mm.read_at(0, 65536)
    except TruncatedError as error:
        return error
    raise AssertionError("nothing was lost")


def fail(directory):
    raise cut_error(directory)


def test_the_classes_are_errors_of_the_system():
    for error in [TruncatedError, StorageFullError, ReplacedError]:
        assert issubclass(error, MapError) and issubclass(error, OSError)
        assert error.__module__ == "memmap" and getattr(memmap, error.__name__) is error
    plain = MapError(errno.EIO, "text", "file")
    assert (plain.errno, plain.filename, plain.kind, plain.offset) == (errno.EIO, "file", None, None)


def test_an_error_has_its_fields_and_survives_copies(tmp_path):
    error = cut_error(tmp_path)
    for again in [error, copy.copy(error), copy.deepcopy(error)] + [
        pickle.loads(pickle.dumps(error, protocol)) for protocol in range(6)
    ]:
        assert type(again) is TruncatedError
        assert (again.errno, again.filename) == (errno.EFAULT, str(tmp_path / "cut"))
        assert (again.kind, again.offset, str(again)) == ("truncated", 4096, str(error))
    assert str(error).count(str(tmp_path)) == 1
    missing = pytest.raises(FileNotFoundError, MemMap.open, tmp_path / "none").value
    assert pickle.loads(pickle.dumps(missing)).kind == "not_found"


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_an_error_comes_back_from_a_worker(tmp_path, method):
    context = multiprocessing.get_context(method)
    with context.Pool(1) as pool:
        with pytest.raises(TruncatedError) as info:
            pool.map_async(fail, [tmp_path]).get(timeout=60)
    assert info.value.offset == 4096
    with futures.ProcessPoolExecutor(1, mp_context=context) as executor:
        with pytest.raises(TruncatedError) as info:
            executor.submit(fail, tmp_path).result(timeout=60)
    assert info.value.kind == "truncated"


def test_memory_that_nobody_has_is_a_memory_error(tmp_path):
    with pytest.raises(MemoryError):
        MemMap.anonymous(2**62)
    path = tmp_path / "sparse"
    path.touch()
    os.truncate(path, 1 << 42)
    with MemMap.open(path) as mm, pytest.raises(MemoryError):
        mm.read_at(0, 1 << 42)


def test_a_replaced_file_is_told_from_its_successor(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(bytes(100))
    frozen = memmap.FrozenMap.open(path)
    frozen.check(unchanged=True)
    (tmp_path / "y").write_bytes(bytes(100))
    os.replace(tmp_path / "y", path)
    frozen.check()
    with pytest.raises(ReplacedError) as info:
        frozen.check(unchanged=True)
    assert info.value.filename == str(path)


def test_no_room_is_an_error_of_resize_and_open(scene):
    """A limit on the length of files stands for a full disk."""
    out = scene(
        """
        import errno, resource
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
        mm = MemMap.open(fresh(b"abc"), "r+")
        for grow in (lambda: mm.resize(2 << 20), lambda: MemMap.open(mm.path + "2", "w+", size=2 << 20)):
            try: grow()
            except memmap.StorageFullError as error: print(error.errno == errno.EFBIG, error.kind)
        print(mm[:], mm.size(), os.listdir(os.path.dirname(mm.path)))
        """
    )
    assert out == "True file_too_large\nTrue file_too_large\nb'abc' 3 ['data']"


def test_a_panic_is_an_exception():
    with pytest.raises(Exception) as info:
        memmap._native._panic()
    assert isinstance(info.value, RuntimeError) and "fault of its own" in str(info.value)


def test_no_addresses_are_a_memory_error(scene):
    out = scene(
        """
        import resource
        path = sparse(4 << 30)
        def outcome(make):
            try: return "made" if len(make(path)) else ""
            except MemoryError: return "MemoryError"
        # Room for nothing, for a map, and for all that a frozen map takes.
        for limit in (1 << 30, 6 << 30, 10 << 30, 40 << 30):
            resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
            print(outcome(FrozenMap.open))
            if limit == 1 << 30:
                for mode in ("r", "r+", "c"): print(outcome(lambda path: memmap.memmap(path, mode=mode)))
                print(outcome(lambda path: memmap.memmap(path, mode="r", frozen=True)))
        """,
    ).split()
    assert set(out[:6]) == {"MemoryError"} and out[-1] == "made"
    assert set(out) == {"MemoryError", "made"}
