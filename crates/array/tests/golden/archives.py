"""Archives as numpy and zip write them, and where their members are: python3 archives.py

`archives.bin` has the archives one behind the other. `archives.txt` has, with tabs between, for each
its name, its start and its length, and then for each member its name as a Python literal, how it is
written, and the start and length of its data in the archive, as Python finds it.
"""

import io
import pathlib
import struct
import zipfile

import numpy

HERE = pathlib.Path(__file__).parent
ARRAYS = {"a": numpy.arange(3, dtype="<f4"), "b.c": numpy.zeros((2, 2), ">i2"), "empty": numpy.zeros((0, 3))}


class Stream(io.RawIOBase):
    """Takes bytes one after the other: lengths follow the data."""

    def __init__(self):
        self.bytes = b""

    def writable(self):
        return True

    def write(self, more):
        self.bytes += bytes(more)
        return len(more)


def npy(array):
    out = io.BytesIO()
    numpy.save(out, array)
    return out.getvalue()


def saved(save=numpy.savez, **arrays):
    out = io.BytesIO()
    save(out, **(arrays or ARRAYS))
    return out.getvalue()


def zipped(members, out=None, comment=b"", prefix=b"", **options):
    out = io.BytesIO(prefix) if out is None else out
    if prefix:
        out.seek(len(prefix))
    with zipfile.ZipFile(out, "w", **options) as archive:
        archive.comment = comment
        for name, data, kind in members:
            info = zipfile.ZipInfo(name)  # of the year 1980, each time
            archive.writestr(info, data, kind)
    return out.getvalue() if isinstance(out, io.BytesIO) else out.bytes


def large(make):
    """As if four bytes were too few for all numbers."""
    limits = zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT
    zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT = 10, 0
    try:
        return make()
    finally:
        zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT = limits


def encrypted(archive):
    """The same, its last member with the flag of encryption in directory and header."""
    archive = bytearray(archive)
    for signature, at in [(b"PK\1\2", 8), (b"PK\3\4", 6)]:
        archive[archive.rindex(signature) + at] |= 1
    return bytes(archive)


STORED, DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED
A = npy(ARRAYS["a"])
TWO = [("a.npy", A, STORED), ("b.npy", A[::-1], STORED)]
ARCHIVES = {
    "savez": saved(),
    "savez_compressed": saved(numpy.savez_compressed),
    "names": saved(**{"größe": ARRAYS["a"], "長さ": ARRAYS["a"], "x/y z": ARRAYS["a"], "n.npy": ARRAYS["a"]}),
    "none": zipped([]),
    "none, comment": zipped([], comment=b"PK\1\2" * 9),
    "comment": zipped(TWO, comment=b"a comment of some length"),
    "long comment": zipped(TWO[:1], comment=b"-" * 2000),
    "prefix": zipped(TWO, prefix=b"#!/bin/sh\n" * 20),
    "foreign prefix": b"junk" * 30 + zipped(TWO),
    "stream": zipped(TWO, out=Stream()),
    "mixed": zipped([("a.npy", A, STORED), ("b.npy", A, DEFLATED), ("text", b"no array", STORED), ("dir/", b"", STORED)]),
    "twice": zipped(TWO + [("a.npy", A + A, STORED), ("a", b"raw", STORED)]),
    "large": large(lambda: zipped(TWO)),
    "large, prefix, comment": b"junk" + large(lambda: zipped(TWO, comment=b"!")),
    "large stream": large(lambda: zipped(TWO, out=Stream())),
    "encrypted": encrypted(zipped(TWO)),
    "old name": zipped([("?.npy", A, STORED)]).replace(b"?.npy", b"\x81.npy"),
    "zero in name": zipped([("a?b.npy", A, STORED)]).replace(b"a?b.npy", b"a\0b.npy"),
}


def main():
    rows, whole = [], b""
    for name, archive in ARCHIVES.items():
        row = [name, str(len(whole)), str(len(archive))]
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            for info in opened.infolist():
                how = {STORED: "stored", DEFLATED: "deflated"}[info.compress_type]
                how = "encrypted" if info.flag_bits & 1 else how
                name_len, extra_len = struct.unpack("<HH", archive[info.header_offset + 26 :][:4])
                start = info.header_offset + 30 + name_len + extra_len
                if how == "stored":
                    assert archive[start : start + info.file_size] == opened.read(info), name
                row += [ascii(info.filename), how, str(start), str(info.file_size)]
        rows.append("\t".join(row))
        whole += archive
    (HERE / "archives.bin").write_bytes(whole)
    (HERE / "archives.txt").write_text("\n".join(rows) + "\n", encoding="utf8")


main()
