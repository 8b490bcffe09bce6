"""Runs one task of memmap-bench with numpy.memmap, and prints how many nanoseconds it took.

A loop is timed without its preparation. The offsets, which all engines share, come on the standard
input.
"""

import mmap
import sys
from time import perf_counter_ns

import numpy as np

PAGE = 4096
PIECE = 1 << 20


def write(path, piece_len, count, passes):
    """Input: the piece, followed by the offsets. Without offsets the writes are sequential."""
    n = int(piece_len)
    given = sys.stdin.buffer.read()
    piece = np.frombuffer(given, np.uint8, n)
    offsets = np.frombuffer(given, "<u8", offset=n).tolist() or range(0, int(count) * n, n)
    m = np.memmap(path, mode="r+")
    for at in range(0, len(m), PAGE):
        m[at] = piece[0]
    begun = perf_counter_ns()
    for _ in range(int(passes)):
        for at in offsets:
            m[at : at + n] = piece
    nanos = perf_counter_ns() - begun
    m.flush()  # each run leaves a clean file
    return nanos


def sync(path):
    """Input: a page, followed by the offsets to write it to."""
    given = sys.stdin.buffer.read()
    page = np.frombuffer(given, np.uint8, PAGE)
    offsets = np.frombuffer(given, "<u8", offset=PAGE).tolist()
    m = np.memmap(path, mode="r+")
    begun = perf_counter_ns()
    for at in offsets:
        m[at : at + PAGE] = page
        m.flush()
    return perf_counter_ns() - begun


def open_close(path, calls, first):
    first = int(first)
    begun = perf_counter_ns()
    for _ in range(int(calls)):
        m = np.memmap(path, mode="r")
        byte = m[0]
        del m
        if byte != first:
            sys.exit("it read a wrong byte")
    return perf_counter_ns() - begun


def reduction(reduce):
    def run(path):
        m = np.memmap(path, dtype="f4", mode="r")
        reduce(m)  # fills the page tables and caches
        begun = perf_counter_ns()
        reduce(m)
        return perf_counter_ns() - begun

    return run


def array_get(path):
    """Input: the indices."""
    places = np.frombuffer(sys.stdin.buffer.read(), "<u8").tolist()
    m = np.memmap(path, dtype="f4", mode="r")
    for _ in range(2):
        total = 0.0
        begun = perf_counter_ns()
        for at in places:
            total += m[at]
        nanos = perf_counter_ns() - begun
    return nanos


def array_open(path, calls):
    begun = perf_counter_ns()
    for _ in range(int(calls)):
        m = np.lib.format.open_memmap(path, mode="r")
        element = m[3, 4]
        del m
    nanos = perf_counter_ns() - begun
    if element != 7:
        sys.exit("it read a wrong element")
    return nanos


def find(path):
    """Input: the needle. The whole file is mapped, and searched with mmap.find."""
    needle = sys.stdin.buffer.read()
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as m:
        begun = perf_counter_ns()
        at = m.find(needle)
        while at >= 0:
            at = m.find(needle, at + len(needle))
        return perf_counter_ns() - begun


def count_byte(path):
    """Input: the byte. Pieces of 1 MiB stay in the cache between the two passes."""
    byte = sys.stdin.buffer.read()[0]
    m = np.memmap(path, mode="r")
    begun = perf_counter_ns()
    sum(int(np.count_nonzero(m[at : at + PIECE] == byte)) for at in range(0, len(m), PIECE))
    return perf_counter_ns() - begun


def histogram(path):
    m = np.memmap(path, mode="r")
    begun = perf_counter_ns()
    counts = np.zeros(256, np.int64)
    for at in range(0, len(m), PIECE):
        counts += np.bincount(m[at : at + PIECE], minlength=256)
    return perf_counter_ns() - begun


TASKS = {
    "write": write,
    "sync": sync,
    "open-close": open_close,
    "array-sum": reduction(lambda m: m.sum()),
    "array-sum-columns": reduction(lambda m: m[: len(m) // 1024 * 1024].reshape(-1, 1024).sum(axis=0)),
    "array-sum-rows": reduction(lambda m: m[: len(m) // 1024 * 1024].reshape(-1, 1024).sum(axis=1)),
    "array-min-max": reduction(lambda m: (m.min(), m.max())),
    "array-count-nonzero": reduction(np.count_nonzero),
    "array-get": array_get,
    "array-open": array_open,
    "find": find,
    "count-byte": count_byte,
    "histogram": histogram,
}

if __name__ == "__main__":
    task, *arguments = sys.argv[1:]
    print(TASKS[task](*arguments))
