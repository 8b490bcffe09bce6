"""Asks numpy how it prints single elements: python3 values.py

`values.bin` has the elements one behind the other. `values.txt` has, with tabs between, for each type
its description, and then what `str` makes of each of its elements, as Python literals. Its last line
is of all 65536 floats of two bytes: a checksum (FNV-1a) of what they print, a line each.
"""

import pathlib

import numpy

HERE = pathlib.Path(__file__).parent
NOW = 123456789

FLOATS = [0.0, -0.0, 1.0, -1.0, 0.1, 1 / 3, 1e3, 999.0, 1e6, 999999.0, 1e15, 1e16, 9999999999999998.0, 1e22, 1e23,
          1e-3, 1e-4, 0.00012345, 9.999e-5, 1e-5, 1.5e-7, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 1e38,
          3.4028234663852886e38, 1.1754943508222875e-38, 1e-45, 16777216.0, 123456.7, 65504.0, 6e-8, 2.0**60,
          9007199254740993.0, 4.35, 0.3, 2.5, 100.25, 5e-5, 299792458.0, float("nan"), -float("nan"),
          float("inf"), -float("inf")]
PARTS = [0.0, -0.0, 1.0, -2.5, 1e16, 1e-5, 1e7, float("nan"), float("inf"), -float("inf")]
COUNTS = [0, 1, -1, 5, 59, 60, 365, -365, NOW, -NOW, 10**10, -(10**10), -719528, -719529, 11016, 18321, 2**40, -(2**63)]
BYTES = [b"", b"a", b"ab\0c", b"'", b'"', b"'\"", b"\\\n\r\t", bytes(range(16)), b"\x7f\x80\xff", b"a\0\0b\0\0"]
TEXTS = ["", "a", "größe", "長さ", "😀", "'", '"', "\\\n", "a\0b"]
STRUCTURES = [
    ("i4,f4,S3,U2", [(1, 0.5, b"ab", "é'"), (-1, 1e7, b"", "\n\x1b")]),
    ([("one", ">i2")], [(258,), (-1,)]),
    ([("a", "<f8"), ("b", [("c", "?"), ("d", "V2")])], [(1e16, (True, b"xy")), (-0.0, (False, b"\0"))]),
    ([("a", "<i2", (2,)), ("b", "<f4", (2, 2))], [([10, 20], [[1, 2], [3, 1e9]]), ([-1, -2], [[0.1, 0.2], [5, 6]])]),
    ([("d", "<M8[D]"), ("m", ">m8[25s]")], [(numpy.datetime64(18321, "D"), 5), (numpy.datetime64("NaT"), -7)]),
    ([("n", [("x", "u1")], (2,)), ("e", "S1", (0,)), ("s", "S2", (1,))], [([(1,), (2,)], [], [b"a"])]),
    ([], [(), ()]),
]


def arrays():
    yield numpy.array([0, 1, 255], "u1").view("?")
    for size in [1, 2, 4, 8]:
        top = 2 ** (8 * size - 1)
        for order in "<>":
            yield numpy.array([0, 1, -1, top - 1, -top, 100 - top], f"{order}i{size}")
            yield numpy.array([0, 1, top, 2 * top - 1], f"{order}u{size}")
    for order in "<>":
        for kind in ["f2", "f4", "f8"]:
            yield numpy.array(FLOATS).astype(order + kind)
        for kind in ["c8", "c16"]:
            yield numpy.array([complex(re, im) for re in PARTS for im in PARTS]).astype(order + kind)
        # Those alone whose nearest `f64` prints the same.
        yield numpy.array([0.0, -0.0, 1.0, 0.5, -2.5, 65536.0, 1e16, numpy.nan, numpy.inf, -numpy.inf]).astype(order + "f16")
        yield numpy.array([1 + 2j, -0.5j, 2j, numpy.inf]).astype(order + "c32")
        yield numpy.array(TEXTS, order + "U5")
    yield numpy.array(BYTES)
    yield numpy.array(BYTES, "V16")
    for unit in "Y M W D h m s ms us ns ps fs as 25s 3W 10ms 7Y 12h".split():
        for order in "<>":
            counts = numpy.array(COUNTS, "<i8").astype(order + "i8")
            yield counts.view(f"{order}M8[{unit}]")
            yield counts.view(f"{order}m8[{unit}]")
    yield numpy.array(COUNTS, "<i8").view("<m8")
    for dtype, rows in STRUCTURES:
        yield numpy.array(rows, dtype)


def plain(text):
    """numpy pads the numbers of a small array to one width."""
    while "  " in text or "[ " in text:
        text = text.replace("  ", " ").replace("[ ", "[")
    return text


def main():
    rows, whole = [], b""
    for array in arrays():
        shown = [str(element) for element in array]
        if array.dtype.names:
            shown = [plain(text) for text in shown]
        descr = repr(numpy.lib.format.dtype_to_descr(array.dtype))
        rows.append("\t".join(ascii(it) for it in [descr, *shown]))
        whole += array.tobytes()
    checksum = 0xCBF29CE484222325
    for half in numpy.arange(65536, dtype="<u2").view("<f2"):
        for byte in (str(half) + "\n").encode():
            checksum = (checksum ^ byte) * 0x100000001B3 % 2**64
    rows.append(f"all f2\t{checksum:016x}")
    (HERE / "values.bin").write_bytes(whole)
    (HERE / "values.txt").write_text("\n".join(rows) + "\n", encoding="utf8")


numpy.seterr(all="ignore")  # of floats that are made narrower
main()
