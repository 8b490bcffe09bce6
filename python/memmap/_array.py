"""`memmap.memmap`: numpy's memmap over guarded pages."""

import errno
import io
import operator
import os
import re
import sys
import threading
from contextlib import nullcontext
from stat import S_ISDIR

import numpy as np

from memmap import _native, _processes
from memmap._copy import extent, octets, read_array
from memmap._native import _Opened as Opened
from memmap._pages import Pages

_MODES = ("r", "c", "r+", "w+")
_WORDS = {"readonly": "r", "copyonwrite": "c", "readwrite": "r+", "write": "w+"}
# What is written to a file is copied in pieces of this many bytes.
_PIECE = 8 << 20
# Before 2.2, numpy made no file longer for an array without elements.
_GROWS_FOR_NOTHING = tuple(int(part) for part in np.__version__.split(".")[:2]) >= (2, 2)
# Making a file empty, making it longer and mapping it are one step for the
# threads of this process.
_growing = threading.RLock()


def _forked():
    global _growing
    _growing = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)

_item = np.ndarray.__getitem__
_new = np.ndarray.__new__
_IS_POSIX = os.name == "posix"
_QUICK = ("r", "r+", "c") if _IS_POSIX else ()
# What `os.path.abspath` would change in an absolute path.
_NOT_SHORTEST = re.compile(r"//|/\.|/$").search


class memmap(np.ndarray):
    """Map an array in a file, with guarded pages.

    It has the signature and the rules of `numpy.memmap`. A file that is cut
    short does not end the process: what was lost reads as zeros, and `check`
    raises an exception that says so.

    Parameters
    ----------
    filename : str, bytes, os.PathLike or file object
        A file object is flushed, and its descriptor is duplicated. Its
        position neither matters nor changes.
    dtype : data-type, optional
        ``numpy.uint8`` by default. A dtype with Python objects is a
        ValueError, as the bytes of a file would be taken for addresses.
    mode : {'r+', 'r', 'w+', 'c'}, optional
        ``'r'`` opens an existing file for reading, ``'r+'`` for reading and
        writing; ``'w+'`` makes a file or overwrites one, and needs `shape`;
        ``'c'`` keeps what is assigned in memory, and the file is not changed.
        The words ``'readonly'``, ``'readwrite'``, ``'write'`` and
        ``'copyonwrite'`` mean the same. ``'r+'`` by default.
    offset : int, optional
        Where the array starts in the file, in bytes.
    shape : int or sequence of ints, optional
        Without it the array has one dimension, and reaches to the end of the
        file. In the modes ``'r+'`` and ``'w+'`` a file that is too short is
        made longer.
    order : {'C', 'F'}, optional
        Layout of the elements: of C by default.
    frozen : bool, optional
        Whether the bytes of a page stay what they were when it was first
        touched, whatever becomes of the file. Only with mode ``'r'``, and
        with a path.

    Attributes
    ----------
    filename : str or pathlib.Path or None
        Absolute path of the file; None if it has none.
    offset : int or None
        The parameter. A slice has that of the whole array.
    mode : str or None
        ``'r'``, ``'c'``, ``'r+'`` or ``'w+'``.

    Notes
    -----
    ``isinstance(a, numpy.memmap)`` is False. Libraries that know numpy's class
    open the file again by its path, without a guard.

    `pickle` and `copy` copy the elements, as numpy's do. Between processes
    (`multiprocessing`, joblib, Dask) only the place in the file is sent, and
    the other side maps it in mode ``'r'``.

    `tofile`, `tobytes`, `dump`, `numpy.save` and `pickle` read under the
    guard: they raise instead of writing zeros for what was lost. Calls of the
    system, as ``file.write(array)`` makes them, stop without an error at such
    a page; call `check` after them.

    See Also
    --------
    open_npy : an array in a ``.npy`` file.
    load_npz_member : an array in a ``.npz`` file.

    Examples
    --------
    >>> import memmap, os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "numbers.bin")
    >>> a = memmap.memmap(path, dtype="<f4", mode="w+", shape=(3, 4))
    >>> a[:] = 1
    >>> a[1, 2] = 5
    >>> a.flush()
    >>> b = memmap.memmap(path, dtype="<f4", mode="r", offset=16, shape=4)
    >>> b
    memmap([1., 1., 5., 1.], dtype=float32)
    >>> os.truncate(path, 24)
    >>> try:
    ...     b.check()
    ... except memmap.TruncatedError:
    ...     print("cut short")
    cut short
    """

    __module__ = "memmap"
    __array_priority__ = -100.0

    _mmap = None

    def __new__(cls, filename, dtype=np.uint8, mode="r+", offset=0, shape=None, order="C", *, frozen=False):
        if type(filename) is str and mode in _QUICK and not frozen and order == "C" and type(offset) is int:
            self = _quick(cls, filename, dtype, mode, offset, shape)
            if self is not None:
                return self
        mode = _short_mode(mode)
        if frozen and mode != "r":
            raise ValueError("frozen=True is for mode='r': frozen bytes are not written")
        if frozen and hasattr(filename, "read"):
            raise ValueError("frozen=True takes a path, not a file object")
        dtype, offset, shape = _checked(dtype, mode, offset, shape)
        if order != "C":
            np.empty(0, order=order)
        if _IS_POSIX and mode != "w+" and not hasattr(filename, "read"):
            return map_opened(cls, Opened(filename, mode), filename, dtype, mode, offset, shape, order, frozen)
        with _growing if mode == "w+" else nullcontext():
            with _opened(filename, mode) as file:
                return map_file(cls, file, filename, dtype, mode, offset, shape, order, frozen)

    def __array_finalize__(self, obj):
        if obj is None:
            return
        pages = getattr(obj, "_mmap", None)
        if type(pages) is Pages and np.may_share_memory(self, obj):
            self._mmap = pages

    def __array_wrap__(self, array, context=None, return_scalar=False):
        # numpy 1.26 passes two arguments, and makes scalars by itself.
        array = super().__array_wrap__(array, context)
        if self is array or type(self) is not memmap:
            return array
        if return_scalar or (_WRAPS_SCALARS and array.ndim == 0):
            return array[()]
        return array.view(np.ndarray)

    def __getitem__(self, index):
        result = _item(self, index)
        if type(result) is memmap and result._mmap is None:
            return result.view(np.ndarray)
        return result

    @property
    def filename(self):
        return None if self._mmap is None else self._mmap.filename

    @property
    def offset(self):
        return None if self._mmap is None else self._mmap.offset

    @property
    def mode(self):
        return None if self._mmap is None else self._mmap.mode

    def flush(self):
        """Write what was assigned to this array, or slice, to its file.

        Waits until the device has it. In the modes ``'r'`` and ``'c'`` there
        is nothing to do.

        Raises
        ------
        MapError
            Something that was assigned did not reach the file, because the
            file was cut short or there is no room: from then on each call
            says so.

        Examples
        --------
        >>> import memmap, os, tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "numbers.bin")
        >>> a = memmap.memmap(path, dtype="u1", mode="w+", shape=4)
        >>> a[1:3] = 7
        >>> a[1:3].flush()
        >>> with open(path, "rb") as file:
        ...     file.read()
        b'\\x00\\x07\\x07\\x00'
        """
        pages = self._mmap
        if pages is None or not pages.is_writer or not self.nbytes:
            return
        exporter = pages.exporter
        if self.base is exporter and self.nbytes == exporter.nbytes:
            # The array that was made, and no part of it.
            exporter.flush()
        else:
            pages.flush(*self._place())

    def check(self, unchanged=False):
        """Raise an exception if bytes of this array were lost.

        Parameters
        ----------
        unchanged : bool, optional
            Also raise if the file has been written to since it was mapped, as
            its length and times tell. A file that was cut and has grown back
            is not known otherwise.

        Raises
        ------
        MapError
            What was lost; `TruncatedError` if the file was cut short.
        ValueError
            The array is a copy: its bytes are those of no map.
        """
        if self._mmap is not None and not self.nbytes:
            return None
        return _native.check(self, unchanged)

    def lost(self):
        """Ranges of this array that were lost, each with its reason.

        Returns
        -------
        list of tuple
            ``(start, stop, reason)``, in bytes from the first byte of the
            array.

        Raises
        ------
        ValueError
            The array is a copy: its bytes are those of no map.
        """
        if self._mmap is not None and not self.nbytes:
            return []
        return _native.lost(self)

    def tobytes(self, order="C"):
        """The elements as `bytes`, as `numpy.ndarray.tobytes` has them.

        Raises
        ------
        MapError
            Bytes were lost.
        """
        pages = self._mmap
        if order == "C" and self.flags.c_contiguous and pages is not None and not pages.closed:
            start, size = self._place()
            data = pages.read_at(start, size) if size else b""
            _require_all(self)
            return data
        return _copied(self).tobytes(order)

    def tofile(self, fid, sep="", format="%s"):
        """Write the elements to a file, as `numpy.ndarray.tofile` does.

        Parameters
        ----------
        fid : str, os.PathLike or file object
            Any object with a method ``write`` will do.
        sep, format : str, optional
            For texts; binary if `sep` is empty.

        Raises
        ------
        MapError
            Bytes were lost. What lies before them has been written.
        """
        if sep:
            _copied(self).tofile(fid, sep, format)
            return
        with nullcontext(fid) if hasattr(fid, "write") else open(os.fspath(fid), "wb") as file:
            for piece in _pieces(self):
                write_all(file, octets(piece))

    def __reduce_ex__(self, protocol):
        if _processes.is_dask(sys._getframe(1)):
            return _processes.reduce_for_dask(self)
        return by_value, (type(self), _copied(self))

    def __reduce__(self):
        return by_value, (type(self), _copied(self))

    def __copy__(self):
        return by_value(type(self), _copied(self))

    def __deepcopy__(self, memo):
        return by_value(type(self), _copied(self))

    def _place(self):
        """First byte in the map, and bytes until after the last element."""
        address = self.__array_interface__["data"][0] - self._mmap.address
        low, high = extent(self.shape, self.strides, self.itemsize)
        return address + low, high - low


# Before 2.0, numpy passes no return_scalar, and scalars are made by its caller.
_WRAPS_SCALARS = int(np.__version__.split(".")[0]) < 2


def by_value(cls, array):
    """An array of our class over no map: what a pickle of it becomes."""
    return array.view(cls)


def _quick(cls, filename, dtype, mode, offset, shape):
    """The usual array, in one native call; None of others, which go step by step."""
    dtype = np.dtype(dtype)
    if dtype.hasobject or offset < 0 or not (shape is None or type(shape) is tuple and _are_lengths(shape)):
        return None
    found = _native._open_array(_new, cls, filename, mode, dtype, dtype.itemsize, offset, shape, "C")
    if found is None:
        return None
    (self, view, owner, address), numbers, is_shortest = found
    name = filename if is_shortest else os.path.abspath(filename)
    self._mmap = Pages(owner, view, address, name, offset, mode, numbers)
    _processes.connect()
    return self


def _are_lengths(shape):
    for length in shape:
        if type(length) is not int or length < 0 or length > sys.maxsize:
            return False
    return True


def map_opened(cls, file, filename, dtype, mode, offset, shape, order, frozen=False):
    """An array over a file that was opened by its path, in one native call.

    Parameters
    ----------
    file : Opened
    cls, filename, dtype, mode, offset, shape, order, frozen : object
        As of `map_file`. The mode is not ``'w+'``.

    Returns
    -------
    memmap
    """
    if frozen:
        return map_file(cls, file, filename, dtype, mode, offset, shape, order, frozen)
    length = file.size
    if shape is None:
        shape = _rest(dtype, offset, length)
    size = _bytes_of(dtype, shape)
    needed = offset + size
    if mode == "r+" and (needed > length or length == 0):
        _grow(file, max(needed, 1) if _GROWS_FOR_NOTHING else needed)
        length = os.fstat(file.fileno()).st_size
    _require_length(needed, length)
    self, view, owner, address = file.array(_new, cls, shape, dtype, order, offset, size)
    self._mmap = Pages(owner, view, address, _absolute_name(filename, filename), offset, mode, file.numbers)
    _processes.connect()
    return self


def _require_length(needed, length):
    if length == 0:
        raise ValueError("cannot map an empty file")
    if needed > length:
        raise ValueError(f"the array needs {needed} bytes, and the file has {length}")


def map_file(cls, file, filename, dtype, mode, offset, shape, order, frozen=False):
    """An array over a file that is open.

    Parameters
    ----------
    cls : type
    file : file object
        The file. Its descriptor is duplicated.
    filename : str, bytes, os.PathLike or file object
        What the caller named the file by.
    dtype, mode, offset, shape : object
        As `_checked` returns them.
    order : str
    frozen : bool, optional

    Returns
    -------
    memmap
    """
    if hasattr(file, "flush"):
        file.flush()
    descriptor = file.fileno()
    stat = os.fstat(descriptor)
    if S_ISDIR(stat.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), filename)
    length = stat.st_size
    if shape is None:
        shape = _rest(dtype, offset, length)
    size = _bytes_of(dtype, shape)
    needed = offset + size
    if mode in ("r+", "w+"):
        _grow(file, max(needed, 1) if _GROWS_FOR_NOTHING else needed)
        stat = os.fstat(descriptor)
        length = stat.st_size
    _require_length(needed, length)
    name = _absolute_name(getattr(file, "name", filename), filename)
    kind = "r+" if mode == "w+" else mode
    if frozen:
        owner = pages = _native.FrozenMap.open(os.fspath(filename), offset=offset, size=size)
    else:
        owner = _native.MemMap.from_fd(descriptor, kind, offset=offset, size=size)
        pages = owner.view()
    self = np.ndarray.__new__(cls, shape, dtype, buffer=pages, order=order)
    address = self.__array_interface__["data"][0]
    self._mmap = Pages(owner, pages, address, name, offset, mode, stat)
    _processes.connect()
    return self


def write_all(file, data):
    """Write all of a buffer, however little each call takes."""
    data = memoryview(data)
    while len(data):
        written = file.write(data)
        if written is None:
            if isinstance(file, io.RawIOBase):
                raise BlockingIOError(errno.EAGAIN, "the file takes no more bytes now", getattr(file, "name", None))
            return
        data = data[written:]


def _require_all(array):
    """Raise if what was copied is not all: a cut within a page is no fault, and stores may have been lost."""
    if not array._mmap.is_frozen:
        array.check()


def _copied(array):
    """The elements as a plain array, read under the guard."""
    pages = array._mmap
    if pages is None:
        return np.array(array, subok=False)
    start = array.__array_interface__["data"][0] - pages.address
    if not pages.closed:
        copy = read_array(pages.read_into, start, array.dtype, array.shape, array.strides)
        _require_all(array)
        return copy
    # The map was closed, but its pages live as long as this array.
    copy = np.array(array, subok=False)
    array.check()
    return copy


def _pieces(array):
    """The elements in the order of C, as contiguous copies of some MiB."""
    if array.nbytes <= _PIECE or array.ndim == 0:
        yield np.ascontiguousarray(_copied(array))
        return
    view = array.view(memmap) if type(array) is not memmap else array
    rows = max(1, _PIECE * len(view) // view.nbytes)
    for start in range(0, len(view), rows):
        part = view[start : start + rows]
        if len(part) == 1 and part.nbytes > _PIECE and part.ndim > 1:
            yield from _pieces(part[0])
        else:
            yield np.ascontiguousarray(_copied(part))


def _short_mode(mode):
    short = _WORDS.get(mode, mode) if isinstance(mode, str) else mode
    if short not in _MODES:
        raise ValueError(f"mode must be one of {[*_MODES, *_WORDS]!r} (got {mode!r})")
    return short


def _checked(dtype, mode, offset, shape):
    """The same in one form; everything that can be refused before a file is opened is."""
    dtype = np.dtype(dtype)
    if dtype.hasobject:
        raise ValueError(f"{dtype!r} cannot be mapped: the bytes of a file would be taken for Python objects")
    if mode == "w+" and shape is None:
        raise ValueError("shape must be given if mode == 'w+'")
    offset = operator.index(offset)
    if offset < 0:
        raise ValueError(f"offset must not be negative (got {offset})")
    if shape is not None:
        try:
            shape = (operator.index(shape),)
        except TypeError:
            shape = tuple(operator.index(length) for length in shape)
        if any(length < 0 for length in shape):
            raise ValueError(f"negative dimensions are not allowed (got {shape})")
        _bytes_of(dtype, shape)
    return dtype, offset, shape


def _bytes_of(dtype, shape):
    size = dtype.itemsize
    for length in shape:
        size *= length
    if size > sys.maxsize:
        raise ValueError(f"an array of shape {shape} and {dtype} is larger than the address space")
    return size


def _rest(dtype, offset, length):
    if offset > length:
        raise ValueError(f"offset {offset} is after the end of the file, which has {length} bytes")
    if dtype.itemsize == 0:
        raise ValueError(f"{dtype!r} has elements without a byte: shape must be given")
    if (length - offset) % dtype.itemsize:
        raise ValueError(
            "Size of the available data must be a multiple of the data-type size: "
            f"{length - offset} bytes, elements of {dtype.itemsize}"
        )
    return ((length - offset) // dtype.itemsize,)


def _opened(filename, mode):
    if hasattr(filename, "read"):
        return nullcontext(filename)
    return _File(os.fspath(filename), _FLAGS[mode])


class _File:
    """A file that is open while it is being mapped. A file object of Python takes longer to make than a map."""

    __slots__ = ("name", "_descriptor")

    def __init__(self, path, flags):
        self.name = path
        self._descriptor = os.open(path, flags, 0o666)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        os.close(self._descriptor)

    def fileno(self):
        return self._descriptor


_BINARY = getattr(os, "O_BINARY", 0)
_FLAGS = {
    "r": os.O_RDONLY | _BINARY,
    "c": os.O_RDONLY | _BINARY,
    "r+": os.O_RDWR | _BINARY,
    "w+": os.O_RDWR | os.O_CREAT | os.O_TRUNC | _BINARY,
}


def _grow(file, needed):
    """Make the file long enough; what is new is a hole."""
    descriptor = file.fileno()
    with _growing:
        if os.fstat(descriptor).st_size >= needed:
            return
        if hasattr(file, "writable") and not file.writable():
            raise PermissionError(errno.EACCES, "the file is not open for writing", getattr(file, "name", None))
        os.ftruncate(descriptor, needed)


def _absolute_name(name, filename):
    """What numpy has as the attribute of this name."""
    if name is filename and type(name) is str and name.startswith("/") and _IS_POSIX and not _NOT_SHORTEST(name):
        return name
    if isinstance(filename, os.PathLike) and hasattr(filename, "resolve"):
        return filename.resolve()
    if isinstance(name, os.PathLike):
        name = os.fspath(name)
    if not isinstance(name, (str, bytes)):
        return None
    return os.path.abspath(os.fsdecode(name))

_processes.register()
