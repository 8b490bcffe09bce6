"""Arrays in ``.npy`` files and in members of ``.npz`` archives."""

import os
import re
import zipfile

import numpy as np

from memmap import _array
from memmap._array import _IS_POSIX, _bytes_of, _checked, _short_mode, map_file, map_opened, memmap
from memmap._native import _Opened as Opened

try:
    from numpy.lib import _format_impl as _format
except ImportError:  # numpy before 2.3
    from numpy.lib import format as _format

# A header that is longer is refused unless it is allowed, as numpy does.
_HEADER_LIMIT = 10_000
# Bytes of a file that a simple header is looked for in.
_SIMPLE = 256
_LENGTH = rb"(?:0|[1-9][0-9]{0,17})"
_SIMPLE_HEADER = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': '([<>|][biufcSUV][0-9]{1,9})', 'fortran_order': (False|True), "
    rb"'shape': \((|" + _LENGTH + rb",|" + _LENGTH + rb"(?:, " + _LENGTH + rb")+)\), \} *\n",
    re.DOTALL,
).match
# What the header of a member in a zip archive has before its name.
_LOCAL_HEADER = 30


def open_npy(
    filename,
    mode="r+",
    dtype=None,
    shape=None,
    fortran_order=False,
    version=None,
    *,
    max_header_size=_HEADER_LIMIT,
    frozen=False,
):
    """Map the array in a ``.npy`` file, or make such a file.

    It has the signature and the rules of `numpy.lib.format.open_memmap`.

    Parameters
    ----------
    filename : str, bytes or os.PathLike
        Not a file object.
    mode : str, optional
        As of `memmap.memmap`.
    dtype : data-type, optional
        Of a file that is made; ``float64`` by default.
    shape : int or tuple of int
        Of a file that is made.
    fortran_order : bool, optional
        Of a file that is made.
    version : tuple of int or None, optional
        Of the header of a file that is made: the lowest that can hold it, by
        default.
    max_header_size : int, optional
        A header that is longer is refused.
    frozen : bool, optional
        As of `memmap.memmap`.

    Returns
    -------
    memmap.memmap

    Raises
    ------
    ValueError
        The file is not a ``.npy`` file, or its dtype has Python objects.

    Examples
    --------
    >>> import memmap, numpy, os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "numbers.npy")
    >>> numpy.save(path, numpy.arange(3.0))
    >>> memmap.open_npy(path, mode="r")
    memmap([0., 1., 2.])
    """
    if hasattr(filename, "read"):
        raise ValueError("filename must be a path, not a file object")
    mode = _short_mode(mode)
    if frozen and mode != "r":
        raise ValueError("frozen=True is for mode='r': frozen bytes are not written")
    if mode == "w+":
        return _made(filename, dtype, shape, fortran_order, version)
    if _IS_POSIX:
        file = Opened(filename, mode)
        dtype, shape, order, offset = _simple_header(file.head(_SIMPLE), max_header_size) or _whole_header(
            file.fileno(), max_header_size
        )
        return map_opened(memmap, file, filename, dtype, mode, offset, shape, order, frozen)
    with open(os.fspath(filename), "r+b" if mode == "r+" else "rb") as file:
        dtype, shape, order = _read_header(file, max_header_size)
        return map_file(memmap, file, filename, dtype, mode, file.tell(), shape, order, frozen)


open_memmap = open_npy


def load_npz_member(filename, name, mode="r", *, max_header_size=_HEADER_LIMIT, frozen=False):
    """Map an array in a ``.npz`` archive, without a copy.

    `numpy.savez` stores its arrays as they are, so that they can be mapped;
    `numpy.savez_compressed` does not.

    Parameters
    ----------
    filename : str, bytes or os.PathLike
    name : str
        The name that the array was saved by, with ``.npy`` or without.
    mode : {'r', 'c'}, optional
        An archive is not written to: it has a checksum of each member.
    max_header_size : int, optional
        A header that is longer is refused.
    frozen : bool, optional
        As of `memmap.memmap`.

    Returns
    -------
    memmap.memmap

    Raises
    ------
    KeyError
        There is no such member.
    ValueError
        The member is compressed or encrypted, or not a ``.npy`` file.

    Examples
    --------
    >>> import memmap, numpy, os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "numbers.npz")
    >>> numpy.savez(path, first=numpy.arange(3), second=numpy.ones(2))
    >>> memmap.load_npz_member(path, "second")
    memmap([1., 1.])
    """
    mode = _short_mode(mode)
    if mode not in ("r", "c"):
        raise ValueError(f"a member of an archive is mapped in mode 'r' or 'c' (got {mode!r})")
    if frozen and mode != "r":
        raise ValueError("frozen=True is for mode='r': frozen bytes are not written")
    with open(os.fspath(filename), "rb") as file:
        member, start = _stored_member(file, name)
        file.seek(start)
        dtype, shape, order = _read_header(file, max_header_size)
        offset = file.tell()
        if offset + _bytes_of(dtype, shape) > start + member.file_size:
            raise ValueError(f"{member.filename} is shorter than its header says")
        return map_file(memmap, file, filename, dtype, mode, offset, shape, order, frozen)


for _function in (open_npy, load_npz_member):
    _function.__module__ = "memmap"


def _made(filename, dtype, shape, fortran_order, version):
    dtype, _, shape = _checked(dtype, "w+", 0, shape)
    header = {"descr": _format.dtype_to_descr(dtype), "fortran_order": bool(fortran_order), "shape": shape}
    _format._check_version(version)
    with _array._growing:
        with open(os.fspath(filename), "w+b") as file:
            _format._write_array_header(file, header, version)
            order = "F" if fortran_order else "C"
            return map_file(memmap, file, filename, dtype, "r+", file.tell(), shape, order)


def _read_header(file, limit):
    version = _format.read_magic(file)
    _format._check_version(version)
    shape, fortran_order, dtype = _format._read_array_header(file, version, max_header_size=limit)
    dtype, _, shape = _checked(dtype, "r", 0, shape)
    return dtype, shape, "F" if fortran_order else "C"


def _whole_header(descriptor, limit):
    with open(descriptor, "rb", closefd=False) as file:
        file.seek(0)
        return *_read_header(file, limit), file.tell()


def _simple_header(head, limit):
    """Dtype, shape, order and length of a header as numpy writes it for plain numbers and texts; None of others.

    numpy reads each header as source text of Python, which takes longer than everything else.
    """
    found = _SIMPLE_HEADER(head)
    if found is None or found.end() != 10 + int.from_bytes(head[8:10], "little") or found.end() - 10 > limit:
        return None
    descr, is_fortran, lengths = found.groups()
    try:
        dtype = np.dtype(descr.decode("ascii"))
        shape = tuple(int(length) for length in lengths.split(b",") if length)
        _bytes_of(dtype, shape)
    except (TypeError, ValueError):
        return None
    return dtype, shape, "F" if is_fortran == b"True" else "C", found.end()


def _stored_member(file, name):
    """A member of an archive, and where its bytes start in the file."""
    with zipfile.ZipFile(file) as archive:
        try:
            member = archive.getinfo(name)
        except KeyError:
            try:
                member = archive.getinfo(name + ".npy")
            except KeyError:
                raise KeyError(f"{name} is not in the archive, which has {archive.namelist()}") from None
    if member.compress_type != zipfile.ZIP_STORED:
        raise ValueError(f"{member.filename} is compressed, and cannot be mapped: numpy.load reads it")
    if member.flag_bits & 1:
        raise ValueError(f"{member.filename} is encrypted, and cannot be mapped")
    file.seek(member.header_offset)
    header = file.read(_LOCAL_HEADER)
    if len(header) < _LOCAL_HEADER or header[:4] != b"PK\x03\x04":
        raise ValueError(f"the archive has no member where {member.filename} should be")
    lengths = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    return member, member.header_offset + _LOCAL_HEADER + lengths
