"""numpy.memmap at the tasks of memmap-bench: one run of one task, whose nanoseconds are printed.

What a loop needs is made before it is timed. Offsets come on the input, as the other engines have
them.
"""

import sys
from time import perf_counter_ns

import numpy as np

PAGE = 4096


def write(path, piece_len, count, passes):
    """Input: the piece, and then the offsets; without any, pieces go one after the other."""
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
    """Input: a page, and then the offsets to write it to."""
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
            sys.exit("it read another byte")
    return perf_counter_ns() - begun


TASKS = {"write": write, "sync": sync, "open-close": open_close}

if __name__ == "__main__":
    task, *arguments = sys.argv[1:]
    print(TASKS[task](*arguments))
