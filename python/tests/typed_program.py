"""A program that type checkers accept: `test_types.py` has mypy look at it."""

from pathlib import Path
from typing import Any, assert_type

import numpy as np

import memmap
import memmap.dask
from memmap import FrozenMap, MemMap, RamMap, View


def total(done: int, of: int) -> None:
    print(f"{done} of {of}")


def bytes_of(path: Path) -> bytes:
    with MemMap.open(path, "r+", offset=16) as mm:
        assert_type(mm, MemMap)
        assert_type(mm[0], int)
        assert_type(mm[2:5], bytes)
        mm[0] = 7
        mm[2:5] = b"abc"
        mm.write_at(8, np.arange(3))
        target = bytearray(4)
        mm.read_into(0, target)
        mm.read_into(0, np.empty(3))
        assert_type(mm.get("<u4", 0), int | float | bool)
        assert_type(mm.find(b"ab"), int)
        mm.flush(0, 4)
        with mm.view() as view:
            assert_type(view, View)
            assert_type(view.readonly, bool)
            np.frombuffer(memoryview(view), "<u4").sum()
            view.check()
        return mm.read_at(offset=0, size=4)


def frozen_sum(path: str) -> int:
    with FrozenMap.open(path, size=4096) as frozen:
        frozen.prefault()
        frozen.write_to(Path("copy"))
        with open("copy", "wb") as file:
            frozen.write_to(file, 10, 20)
        frozen.check(unchanged=True)
        assert_type(frozen.lost(), list[tuple[int, int, str]])
        return sum(memoryview(frozen))


def in_memory() -> list[tuple[int, int]]:
    ram = RamMap(100)
    memoryview(ram)[:3] = b"abc"
    memmap.check(ram)
    assert_type(memmap.guard_status(), str)
    return memmap.find(ram, "[a-c]+", kind="regex", limit=1, progress=total)


def arrays(path: Path) -> float:
    a = memmap.memmap(path, dtype=np.float32, mode="w+", shape=(3, 4))
    assert_type(a, memmap.memmap[tuple[int, ...], np.dtype[np.float32]])
    a[1, 2] = 5
    row = a[1:2]
    assert_type(row, memmap.memmap[tuple[int, ...], np.dtype[np.float32]])
    row.flush()
    a.check()
    raw = memmap.memmap(path)
    assert_type(raw, memmap.memmap[tuple[int, ...], np.dtype[np.uint8]])
    other = memmap.memmap(path, ">f8", "r", offset=8, shape=4, frozen=True)
    assert_type(other.lost(), list[tuple[int, int, str]])
    return float(a.sum()) + average(other) + float(np.mean(a))


def average(array: memmap.memmap) -> float:
    return float(array.mean())


def npy(path: Path) -> memmap.memmap:
    made = memmap.open_npy(path, "w+", dtype="<f4", shape=(1000, 3))
    made[0] = 1
    memmap.open_memmap(path, mode="r").check()
    return memmap.load_npz_member(path.with_suffix(".npz"), "weights")


def chunks(path: Path) -> Any:
    handle = memmap.dask.FileArray(path, np.float32, (10, 10))
    assert_type(handle.shape, tuple[int, ...])
    if len(handle) == 10:
        return memmap.dask.from_npy(path, chunks=(5, 10))
    return memmap.dask.from_file(path, "<f4", (1000, 1000), chunks=(100, 1000), identity="etag")


def losses(path: str) -> int | None:
    try:
        MemMap.open(path).read_at(0, 4)
    except memmap.TruncatedError as error:
        assert_type(error.kind, str | None)
        return error.offset
    return None


def mistakes(path: str) -> None:
    """Each is an error to a type checker; one that is not any more is reported."""
    memmap.open_nyp(path)  # type: ignore[attr-defined]
    MemMap.open(path, "rw")  # type: ignore[arg-type]
    MemMap.open(path).read_at(0)  # type: ignore[call-arg]
    memmap.find(path, "ff", kind="octal")  # type: ignore[arg-type]
    memmap.memmap(path, mode="w")  # type: ignore[call-overload]
    memmap.dask.from_file(path, "f4", chunk=5)  # type: ignore[call-arg]
