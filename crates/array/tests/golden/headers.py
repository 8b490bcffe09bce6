"""Headers of numpy's, and what numpy makes of others': python3 headers.py

`headers.bin` has headers as numpy writes them, one behind the other: each says itself how long it
is. `headers.txt` has, with tabs between,
- `long`: a number of fields, the version that numpy picks for so many, and where the data starts;
- `read`: a version, the text of a header as a Python literal, then `error`, or description, order and
  shape; or `ours` where numpy takes a header of which there can be no array, and we refuse it.
"""

import io
import pathlib
import warnings

import numpy
from numpy._core._internal import _array_descr
from numpy.lib import _format_impl as impl
from numpy.lib.format import dtype_to_descr

warnings.simplefilter("ignore")
HERE = pathlib.Path(__file__).parent

SIMPLE = """|b1 |i1 |u1 <i2 >i2 <u2 >u2 <i4 >i4 <u4 >u4 <i8 >i8 <u8 >u8 <f2 >f2 <f4 >f4 <f8 >f8 <f16
>f16 <c8 >c8 <c16 >c16 <c32 >c32 |S0 |S5 |S1000 <U0 <U3 >U3 |V0 |V7 <M8 <M8[ns] >M8[25s] <m8[Y] >m8[as]""".split()
STRUCTURES = [
    numpy.dtype("i4,f8"),
    numpy.dtype("u1,>f8,u1", align=True),
    numpy.dtype([("x", "<f4", (3,)), ("y", [("re", "<f8"), ("im", ">f8")])]),
    numpy.dtype([(("a title", "name"), "<i2"), ("it's", "S3"), ("tab\t", "?")]),
    numpy.dtype({"names": ["a", "b"], "formats": ["<u2", "<u4"], "offsets": [2, 8], "itemsize": 20}),
    numpy.dtype({"names": [], "formats": [], "itemsize": 8}),
    numpy.dtype([("é", "<f4")]),
    numpy.dtype([("Größe in µm", "<f4"), ("\xa0", "u1")]),
    numpy.dtype([("長さ", "<f8"), ("😀", "u1", (2, 2))]),
    numpy.dtype([("a", [("b", [("c", [("d", "u1,u2")])])])]),
]
SHAPES = [(), (0,), (7,), (123456789,), (3, 4), (0, 2**40), (2, 3, 4), (1, 0, 10**9, 5), (1,) * 15]


def header(descr, order, shape, version=None):
    out = io.BytesIO()
    parts = {"descr": descr, "fortran_order": order == "F", "shape": shape}
    impl._write_array_header(out, parts, version)
    return out.getvalue()


def written():
    for dtype in SIMPLE + STRUCTURES:
        descr = dtype_to_descr(numpy.dtype(dtype))
        for shape in SHAPES if dtype in SIMPLE[:4] + STRUCTURES[:2] else SHAPES[:7:2] + SHAPES[7:8]:
            for order in "CF":
                yield header(descr, order, shape)
        for version in [(1, 0), (2, 0), (3, 0)]:
            try:
                yield header(descr, "C", (5, 6), version)
            except ValueError:
                pass


GOOD = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }"
TEXTS = [
    GOOD,
    GOOD + "\n",
    GOOD + " " * 20 + "\n",
    GOOD + "\n\n",
    "  " + GOOD,
    "\n" + GOOD,
    "(" + GOOD + ")",
    "[" + GOOD + "]",
    GOOD + "\0",
    GOOD + " 5",
    GOOD + ",",
    GOOD + " # said so",
    GOOD[:-1],
    GOOD[:30],
    "",
    " ",
    "5",
    "'",
    "{",
    "{}",
    GOOD.replace("'", '"'),
    GOOD.replace(", }", "}"),
    GOOD.replace(" ", ""),
    GOOD.replace(", ", ",\n "),
    GOOD.replace("'descr'", "u'descr'"),
    GOOD.replace("'descr'", "b'descr'"),
    GOOD.replace("'descr'", "descr"),
    GOOD.replace("'descr'", "'desc' 'r'"),
    GOOD.replace("'descr': '<f4', ", ""),
    GOOD.replace("'shape'", "'shapes'"),
    GOOD.replace("'shape'", "5"),
    GOOD.replace("}", "'more': 5}"),
    GOOD.replace("}", "'shape': (5,)}"),
    GOOD.replace("}", "'descr': 5, 'descr': '<f8'}"),
    GOOD.replace("}", "**{}}"),
    "{'shape': (3, 4), 'fortran_order': True, 'descr': '<f4'}",
    *[GOOD.replace("False", it) for it in ["True", "0", "1", "None", "'False'", "false", "Falsey", "()", "not True"]],
    *[
        GOOD.replace("(3, 4)", it)
        for it in """() (3,) (3) 3 [3,4] (3L,4L) (3,4L) (0x10,) (0x10L,) (1_0,) (+3,) (-0,) (007,) (00,) (3.0,) (3.,) (3e0,)
        (3j,) (3,4 (3,,4) (,) ('3',) (None,) (1,)*2 (1+1,) (0L,) (3l,) (3LL,) 3L (0,9999999999999999999)
        (1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)""".split()
    ],
    GOOD.replace("(3, 4)", "(3 L, 4)"),
    GOOD.replace("(3, 4)", "(- 3,)"),
    GOOD.replace("(3, 4)", "((3, 4))"),
    GOOD.replace("(3, 4)", "(3, 4) L"),
    *[GOOD.replace("(3, 4)", it) for it in ["(True,)", "(-3,)", "(-1, -1)", "(99999999999999999999999,)"]],
    *[
        GOOD.replace("'<f4'", it)
        for it in """'<f9' 'f4,f4' '3f4' None 5 [] [('a','<f4')] [('a','<f4',(2,))] [['a','<f4']] ('<f4',(2,))
        ('<f4',(2,3)) (('<f4',(2,)),(3,)) ('<f4',2) [('a',)] [(u'a',u'<f4')] [(('t','a'),'<f4')] [('a','<f4'),('','V4')]
        [('a','<f4',(2L,))] '<M8[ns]' '|O' [('a','O')] b'<f4' r'<f4' '\\x3cf4' '\\74f4' '<f\\u0034' '<f\\N{DIGIT-FOUR}'
        [('\\ud800','<f4')] [('é','<f4')] [('ÿ','<f4')] '''<f4''' 'float32' '' {}""".split()
    ],
]
OURS = [GOOD.replace("(3, 4)", it) for it in ["(True,)", "(-3,)", "(- 3,)", "(-1, -1)", "(99999999999999999999999,)"]]
OURS += [GOOD.replace("(3, 4)", "(0,9999999999999999999)"), GOOD.replace("'<f4'", "{}")]
OURS += [GOOD.replace("'<f4'", r"[('\ud800','<f4')]")]


def read(text, version):
    key = ["read", str(version), ascii(text)]
    encoded = text.encode("latin1" if version < 3 else "utf8")
    length = len(encoded).to_bytes(2 if version == 1 else 4, "little")
    try:
        shape, order, dtype = impl._read_array_header(io.BytesIO(length + encoded), (version, 0))
    except Exception:
        return key + ["error"]
    if text in OURS:
        return key + ["ours"]
    if dtype.hasobject:
        return key + ["objects"]
    # As of the array: the dimensions of a sub-array become its own.
    while dtype.subdtype:
        dtype, shape = dtype.subdtype[0], shape + dtype.subdtype[1]
    return key + [ascii(repr(dtype_to_descr(dtype))), "F" if order else "C", repr(shape)]


def main():
    (HERE / "headers.bin").write_bytes(b"".join(dict.fromkeys(written())))
    rows = ["# numpy " + numpy.__version__]
    for count in [1, 500, *range(3692, 3702), 9000]:
        dtype = numpy.dtype([(f"f{i}", "<f4") for i in range(count)])
        for last in ["", "é", "長"]:
            descr = dtype_to_descr(dtype) + ([(last, "|u1")] if last else [])
            out = header(descr, "C", (5,))
            rows.append("\t".join(["long", str(count), last, str(out[6]), str(len(out))]))
    for version in [1, 2, 3]:
        rows += ["\t".join(read(text, version)) for text in dict.fromkeys(TEXTS)]
    (HERE / "headers.txt").write_text("\n".join(rows) + "\n", encoding="utf8")


main()
