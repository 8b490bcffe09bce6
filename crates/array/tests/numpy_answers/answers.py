"""Makes arrays and numpy's answers about them, and reads files that were written by memmap.

answers.py make DIRECTORY: writes NAME.npy with np.save, and NAME.QUESTION.npy with each answer.
answers.py check DIRECTORY: reads ours.npz, and compares its members with the arrays of the same names.
"""

import pathlib
import sys
import zipfile

import numpy as np

NUMBERS = ["?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"]
SHAPES = [(7,), (300, 5), (5, 300), (4, 6, 5), (2, 3000), (1, 1)]


def numbers(dtype, shape, random):
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return random.random(shape) > 0.3
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        return random.integers(info.min, info.max, shape, dtype, endpoint=True)
    values = random.choice(np.array([0.5, 1.0, 2.0, -1.0, 1.5, -0.75]), shape)
    if dtype.kind == "c":
        values = values + 1j * random.choice(np.array([0.0, 0.5, -0.5]), shape)
    return values.astype(dtype)


def make(directory):
    random = np.random.default_rng(7)
    for name in NUMBERS:
        for number, shape in enumerate(SHAPES):
            for order in "CF":
                array = np.asarray(numbers(name, shape, random), order=order)
                if order == "F" and array.dtype.kind not in "b":
                    array = array.astype(array.dtype.newbyteorder(">"), order="F")
                answers(directory, f"{name.replace('?', 'b1')}-{number}{order}", array)
    dates = np.array(["2024-02-29", "NaT", "1969-12-31"], "M8[s]")
    for name, dtype in [("dates", "<M8[s]"), ("dates-big", ">M8[s]"), ("spans", ">m8[25s]")]:
        array = (dates - np.datetime64(0, "s") if "m8" in dtype else dates).astype(dtype)
        save(directory, name, array)
        save(directory, f"{name}.integers", array.astype("i8"))
    record = np.dtype([("a", "u1"), ("b", ">f4", (2,)), ("t", "<U3"), ("d", ">M8[D]")], align=True)
    table = np.frombuffer(bytes(range(7, 7 + record.itemsize)) * 4, record).copy()
    table["t"] = ["x", "yz", "", "abc"]
    save(directory, "table", table)
    table[1] = (9, [1.5, -2], "äb", "2000-01-01")
    table["a"] = [4, 3, 2, 1]
    table["b"][2, 1] = 0.1
    save(directory, "table.written", table)
    arrays = {name: np.load(directory / f"{name}.npy") for name in ["f4-1C", "i8-3F", "table", "dates"]}
    np.savez_compressed(directory / "compressed.npz", **arrays)
    np.savez(directory / "stored.npz", **arrays)


def answers(directory, name, array):
    save(directory, name, array)
    with np.errstate(all="ignore"):
        save(directory, f"{name}.prod", array.prod())
        for axis in range(array.ndim):
            save(directory, f"{name}.sum{axis}", array.sum(axis))
            save(directory, f"{name}.mean{axis}", array.mean(axis))
            if array.dtype.kind in "iuf":
                save(directory, f"{name}.min{axis}", array.min(axis))
                save(directory, f"{name}.max{axis}", array.max(axis))
    rows = array.shape[0]
    save(directory, f"{name}.take", array[[rows - 1, 0, 0]])
    save(directory, f"{name}.mask", array[np.arange(rows) % 3 == 0])
    save(directory, f"{name}.slice", array[rows // 2 : rows])


def save(directory, name, array):
    np.save(directory / f"{name}.npy", np.asarray(array))


def check(directory):
    path = directory / "ours.npz"
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        for info in archive.infolist():
            assert info.compress_type == zipfile.ZIP_STORED
            with open(path, "rb") as file:
                file.seek(info.header_offset)
                header = file.read(30)
            lens = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
            assert (info.header_offset + 30 + lens) % 64 == 0, info.filename
    read = 0
    with np.load(path) as archive:
        for name in archive.files:
            ours, theirs = archive[name], np.load(directory / f"{name}.npy")
            assert ours.dtype == theirs.dtype and ours.shape == theirs.shape, name
            assert ours.tobytes() == theirs.tobytes() and ours.flags.fnc == theirs.flags.fnc, name
            read += 1
    print(f"read {read}")


{"make": make, "check": check}[sys.argv[1]](pathlib.Path(sys.argv[2]))
