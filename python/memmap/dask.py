"""Dask arrays over files, each chunk mapped and copied by the worker that needs it.

`dask.array.from_array` copies a `numpy.memmap` whole, and sends it with the
graph. The arrays here carry a handle instead: some hundred bytes that say
which file, and where in it.

Examples
--------
>>> import numpy, os, tempfile
>>> import memmap.dask
>>> path = os.path.join(tempfile.mkdtemp(), "numbers.bin")
>>> numpy.arange(1000, dtype="<i8").tofile(path)
>>> array = memmap.dask.from_file(path, "<i8", (10, 100), chunks=(5, 100))
>>> int(array.sum().compute())
499500
"""

import os
import uuid

import numpy as np

from memmap import _processes
from memmap._array import _bytes_of, _checked, _rest
from memmap._copy import contiguous_strides, read_array
from memmap._identity import Identity
from memmap._npy import _HEADER_LIMIT, _read_header
from memmap._open_maps import OpenMaps
from memmap._pages import is_written_here

__all__ = ["FileArray", "from_file", "from_npy"]

# The maps that this process has open for handles.
_maps = OpenMaps()


class FileArray:
    """An array in a file, as a handle: nothing is open or mapped.

    Indexing copies elements under the guard: what was lost is an exception.
    It can be passed to `dask.array.from_array` and to xarray.

    Parameters
    ----------
    path : str, bytes or os.PathLike
        Is made absolute. Each worker opens it by this name.
    dtype : data-type
    shape : int or sequence of ints, optional
        Without it, one dimension, to the end of the file.
    offset : int, optional
        Where the first element lies, in bytes.
    order : {'C', 'F'}, optional
    identity : object, optional
        What tells this state of the file from others: an ETag, a checksum, a
        number of a version. Anything that Dask can make a token of. It stands
        in place of the file's size, time of modification, inode and time of
        birth, which workers compare otherwise; so copies of one file on
        several machines can be used.

    Raises
    ------
    ValueError
        The dtype has Python objects, or the file is too short.

    Examples
    --------
    >>> import numpy, os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "numbers.bin")
    >>> numpy.arange(6, dtype="<u2").tofile(path)
    >>> handle = FileArray(path, "<u2", (2, 3))
    >>> handle[1, ::2]
    array([3, 5], dtype=uint16)
    """

    __slots__ = ("path", "dtype", "shape", "offset", "order", "identity", "_stat")

    def __init__(self, path, dtype, shape=None, offset=0, order="C", *, identity=None):
        if order not in ("C", "F"):
            raise ValueError(f"order must be 'C' or 'F' (got {order!r})")
        self.path = os.path.abspath(os.fsdecode(path))
        self.dtype, self.offset, shape = _checked(dtype, "r", offset, shape)
        if self.dtype.subdtype is not None:
            raise ValueError(f"{self.dtype!r} is an array of elements: put its dimensions into shape")
        stat = os.stat(self.path)
        self.shape = _rest(self.dtype, self.offset, stat.st_size) if shape is None else shape
        needed = self.offset + _bytes_of(self.dtype, self.shape)
        if needed > stat.st_size:
            raise ValueError(f"the array needs {needed} bytes, and {self.path} has {stat.st_size}")
        self.order = order
        self.identity = identity
        self._stat = Identity.of(stat)

    @property
    def ndim(self):
        return len(self.shape)

    @property
    def size(self):
        return _bytes_of(np.dtype("u1"), self.shape)

    @property
    def nbytes(self):
        return self.size * self.dtype.itemsize

    def __len__(self):
        if not self.shape:
            raise TypeError("len() of an array without a dimension")
        return self.shape[0]

    def __repr__(self):
        return f"<FileArray {self.path!r} offset={self.offset} shape={self.shape} dtype={self.dtype}>"

    def __getitem__(self, index):
        """Copy elements out of the file.

        Parameters
        ----------
        index : int, slice, Ellipsis, None, or a tuple of these
            As of `numpy.ndarray`.

        Returns
        -------
        numpy.ndarray or scalar

        Raises
        ------
        TruncatedError
            The file was cut short, and bytes of these elements are lost.
        ReplacedError
            The path names another file, or the file was written to.
        """
        index = index if isinstance(index, tuple) else (index,)
        for part in index:
            if not (part is None or part is Ellipsis or isinstance(part, (slice, int, np.integer))):
                raise IndexError(f"a file is indexed by integers, slices, None and Ellipsis (got {part!r})")
            if isinstance(part, (bool, np.bool_)):
                raise IndexError("a file is not indexed by bools")
        is_element = Ellipsis not in index
        if is_element:
            index += (Ellipsis,)
        start, shape, strides = self._selected(index)
        if 0 in shape or self.dtype.itemsize == 0:
            return np.empty(shape, self.dtype)
        expected = None if self.identity is not None else self._stat
        with _maps.get(self.path, expected) as read_into:
            copy = read_array(read_into, start, self.dtype, shape, strides)
        return copy[()] if is_element and not shape else copy

    def __array__(self, dtype=None, copy=None):
        if copy is False:
            raise ValueError("the elements are in a file: a copy is made")
        array = self[...]
        return array if dtype is None else array.astype(dtype, copy=False)

    def __getstate__(self):
        return tuple(getattr(self, name) for name in self.__slots__)

    def __setstate__(self, state):
        for name, value in zip(self.__slots__, state):
            setattr(self, name, value)

    def __dask_tokenize__(self):
        """Place, form and identity; never equal to another while this process writes to the file."""
        try:
            if is_written_here(self.path, os.stat(self.path)):
                return "memmap.FileArray", uuid.uuid4().hex
        except OSError:
            pass
        identity = tuple(self._stat) if self.identity is None else self.identity
        return "memmap.FileArray", self.path, self.offset, repr(self.dtype), self.shape, self.order, identity

    def _selected(self, index):
        """Where the elements of a basic index lie: first element, shape, strides."""
        strides = contiguous_strides(self.shape, self.dtype.itemsize, self.order)
        # numpy does the sums, on an array whose elements nobody looks at. An
        # element has one byte, so that its size is no matter.
        base = np.empty(1, np.uint8)
        whole = np.lib.stride_tricks.as_strided(base, self.shape, strides)
        part = whole[index]
        start = part.__array_interface__["data"][0] - whole.__array_interface__["data"][0]
        return self.offset + start, part.shape, part.strides


def from_file(path, dtype, shape=None, chunks="auto", *, offset=0, order="C", identity=None):
    """A Dask array over a file of elements.

    Parameters
    ----------
    path : str, bytes or os.PathLike
        Each worker opens the file by this name, made absolute.
    dtype : data-type
    shape : int or sequence of ints, optional
        Without it, one dimension, to the end of the file.
    chunks : optional
        As `dask.array.from_array` takes them.
    offset : int, optional
        Where the first element lies, in bytes.
    order : {'C', 'F'}, optional
    identity : object, optional
        As of `FileArray`.

    Returns
    -------
    dask.array.Array

    Notes
    -----
    Workers compare size, time of modification, inode and time of birth of the
    file when they open it, and again after each chunk. It proves nothing where
    a writer sets the time back or stores by a mapping of its own.

    A worker keeps at most 16 files open, and closes those that nobody has
    asked for in 30 seconds.
    """
    return _dask_array(FileArray(path, dtype, shape, offset, order, identity=identity), chunks)


def from_npy(path, chunks="auto", *, identity=None, max_header_size=_HEADER_LIMIT):
    """A Dask array over a ``.npy`` file.

    Parameters
    ----------
    path : str, bytes or os.PathLike
    chunks : optional
        As `dask.array.from_array` takes them.
    identity : object, optional
        As of `FileArray`.
    max_header_size : int, optional
        A header that is longer is refused.

    Returns
    -------
    dask.array.Array

    Examples
    --------
    >>> import numpy, os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "numbers.npy")
    >>> numpy.save(path, numpy.arange(12).reshape(3, 4))
    >>> from_npy(path, chunks=(1, 4)).sum(axis=1).compute()
    array([ 6, 22, 38])
    """
    with open(os.fspath(path), "rb") as file:
        dtype, shape, order = _read_header(file, max_header_size)
        handle = FileArray(path, dtype, shape, file.tell(), order, identity=identity)
        handle._stat.expect(os.fstat(file.fileno()), handle.path)
    return _dask_array(handle, chunks)


def _dask_array(handle, chunks):
    import dask.array

    meta = np.empty((0,) * handle.ndim, handle.dtype)
    array = dask.array.from_array(handle, chunks=chunks, asarray=False, fancy=False, meta=meta)
    _processes.connect()
    return array
