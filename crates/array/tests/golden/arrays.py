"""Whole files: numpy's for us to read, and ours for numpy to read.

    python3 arrays.py              writes `arrays.bin`, files one behind the other, and `arrays.txt`, a line
                                   for each: form, descr, order, shape, where it starts, and its length
    python3 arrays.py DIRECTORY    reads the files that `manifest.txt` there names: form, name, descr,
                                   order, shape; prints what is wrong, and how many it read

The forms are `npy`, and `raw`: elements from byte 5 on. What the elements are, both sides know: byte `at` of
them, in the order of their indices, is `byte(at)`.
"""

import ast
import os
import sys
import tempfile

import numpy as np
from numpy.lib.format import descr_to_dtype, dtype_to_descr, open_memmap

OFFSET = 5

ONE = ["?", "i1", "u1", "S1", "S5", "V1", "V7"]
BOTH = "i2 i4 i8 u2 u4 u8 f2 f4 f8 f16 c8 c16 c32 U1 U3 M8[ns] M8[D] m8[25s]".split()
RECORDS = [
    np.dtype([("a", "u1"), ("b", "<u2"), ("c", ">u4")]),
    np.dtype([("a", "u1"), ("b", "<f8")], align=True),
    np.dtype([("a", [("x", "<f4"), ("y", ">i2", (2, 2))]), (("title", "s"), "S3")]),
]
SHAPES = [(), (0,), (5,), (2, 3), (3, 0), (2, 3, 2), (2, 1, 3, 2)]


def dtypes():
    swapped = [np.dtype(order + name) for name in BOTH for order in "<>"]
    return [np.dtype(name) for name in ONE] + swapped + RECORDS


def elements(dtype, shape):
    """The elements that both sides know."""
    length = int(np.prod(shape, dtype=int)) * dtype.itemsize
    if dtype.kind == "U":
        letters = np.array([ord("a") + at % 26 for at in range(length // 4)], dtype.byteorder + "u4")
        content = letters.tobytes()
    elif dtype.kind == "b":
        content = bytes((at * 7 + 3) % 2 for at in range(length))
    else:
        content = bytes((at * 7 + 3) % 251 for at in range(length))
    return np.frombuffer(content, np.dtype((np.void, dtype.itemsize))).view(dtype).reshape(shape)


def as_bytes(array):
    """Since numpy does not copy what is between fields."""
    return array.view(np.ndarray).view(np.dtype((np.void, array.dtype.itemsize)))


def made(path, form, dtype, order, shape):
    """A file of these elements, made by numpy."""
    if form == "npy":
        array = open_memmap(path, "w+", dtype, shape, order == "F")
    else:
        array = np.memmap(path, dtype, "w+", OFFSET, shape, order)
    as_bytes(array)[...] = as_bytes(elements(dtype, shape))
    array.flush()
    with open(path, "rb") as file:
        return file.read()


def saved(path, dtype, shape):
    with open(path, "wb") as file:
        np.save(file, elements(dtype, shape))
    with open(path, "rb") as file:
        return file.read()


def write():
    content, lines = b"", []
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "made")

        def add(form, dtype, order, shape, bytes_of_it):
            nonlocal content
            columns = form, repr(dtype_to_descr(dtype)), order, shape, len(content), len(bytes_of_it)
            lines.append("\t".join(map(str, columns)))
            content += bytes_of_it

        for dtype in dtypes():
            for shape in SHAPES:
                add("npy", dtype, "C", shape, saved(path, dtype, shape))
                if len(shape) > 1:
                    add("npy", dtype, "F", shape, made(path, "npy", dtype, "F", shape))
            for order in "CF":
                add("raw", dtype, order, (2, 3), made(path, "raw", dtype, order, (2, 3)))
    with open("arrays.bin", "wb") as file:
        file.write(content)
    with open("arrays.txt", "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def check(directory):
    wrong = count = 0
    with open(os.path.join(directory, "manifest.txt"), encoding="utf-8") as manifest:
        rows = [line.rstrip("\n").split("\t") for line in manifest]
    for form, name, descr, order, shape in rows:
        path = os.path.join(directory, name)
        dtype, shape = descr_to_dtype(ast.literal_eval(descr)), ast.literal_eval(shape)
        expected = elements(dtype, shape)
        with open(path, "rb") as file:
            content = file.read()
        if form == "npy":
            arrays = [np.load(path), np.load(path, mmap_mode="r")]
        else:
            arrays = [np.memmap(path, dtype, "r", OFFSET, shape, order)]
        for array in arrays:
            same = array.dtype == dtype and array.shape == shape
            if not same or as_bytes(array).tobytes() != as_bytes(expected).tobytes():
                wrong += 1
                print("elements", form, descr, order, shape, array.dtype, array.shape)
        if content != made(os.path.join(directory, "numpys"), form, dtype, order, shape):
            wrong += 1
            print("bytes", form, descr, order, shape)
        count += 1
    print(f"read {count}, wrong {wrong}")


if len(sys.argv) > 1:
    check(sys.argv[1])
else:
    write()
