"""Arrays on their way to other processes: the place in the file, not the bytes.

`multiprocessing` (and with it `concurrent.futures`), loky (joblib) and Dask
send an array of ours by handle: absolute path, place in the file, dtype,
shape, strides and identity. The other side maps the file in mode ``'r'``, and
raises `ReplacedError` if the path names another file by then. Arrays of mode
``'c'``, whose edits are in no file, and arrays whose file has no name any more
are sent by value; so is everything that `pickle` itself writes, as a stored
pickle is to depend on no file.
"""

import copy
import os
import sys
from multiprocessing.reduction import ForkingPickler

import numpy as np

from memmap import _native
from memmap._copy import extent
from memmap._identity import Identity, truncated
from memmap._pages import Pages, is_written_here


def describe(array):
    """The handle of an array: what `open_handle` takes.

    Parameters
    ----------
    array : memmap.memmap

    Returns
    -------
    tuple or None
        None if the elements cannot be had from a file by another process.
    """
    pages = array._mmap
    if pages is None or pages.mode == "c" or pages.filename is None or array.nbytes == 0:
        return None
    path = os.fspath(pages.filename)
    try:
        stat = os.stat(path)
    except OSError:
        return None
    if (stat.st_ino, stat.st_dev) != (pages.stat.st_ino, pages.stat.st_dev):
        return None
    identity = Identity.of(stat)
    if pages.is_frozen:
        if not identity.matches(Identity.of(pages.stat)):
            return None
    elif pages.is_writer or is_written_here(path, stat):
        identity = identity.of_writer()
    start = pages.offset + array.__array_interface__["data"][0] - pages.address
    return path, start, array.dtype, array.shape, array.strides, identity, pages.is_frozen


def open_handle(path, start, dtype, shape, strides, identity, frozen=False):
    """Map the array that a handle describes, in mode ``'r'``.

    Parameters
    ----------
    path : str
    start : int
        Where the first element lies in the file.
    dtype : numpy.dtype
    shape, strides : tuple of int
    identity : Identity
        Of the file.
    frozen : bool, optional

    Raises
    ------
    ReplacedError
        The path names another file, or another state of it.
    TruncatedError
        The file was cut short since.
    """
    from memmap._array import memmap

    low, high = extent(shape, strides, dtype.itemsize)
    first, size = start + low, high - low
    with open(path, "rb") as file:
        stat = os.fstat(file.fileno())
        identity.expect(stat, path)
        if stat.st_size < first + size:
            raise truncated(path, first + size, stat.st_size)
        if frozen:
            owner = exporter = _native.FrozenMap.open(path, offset=first, size=size)
            identity.expect(os.stat(path), path)
        else:
            owner = _native.MemMap.from_fd(file.fileno(), "r", offset=first, size=size)
            exporter = owner.view()
    array = np.ndarray.__new__(memmap, shape, dtype, exporter, -low, strides)
    address = array.__array_interface__["data"][0] + low
    array._mmap = Pages(owner, exporter, address, path, first, "r", stat)
    connect()
    return array


def reduce_by_handle(array):
    """What a pickler between processes makes of an array."""
    handle = describe(array)
    if handle is None:
        return array.__reduce_ex__(5)
    return array_or_error, handle


def is_dask(frame):
    """Whether a pickler was called by Dask, from the frame of its caller.

    Dask pickles the arguments of tasks with `pickle` itself, and asks its own
    serialisation of arrays of no more than what is sent alone.
    """
    return frame is not None and frame.f_globals.get("__name__") == "distributed.protocol.pickle"


def reduce_for_dask(array):
    """What Dask makes of an array. It passes on what unpickling raises."""
    from memmap._array import _copied, by_value

    handle = describe(array)
    if handle is None:
        return by_value, (type(array), _copied(array))
    return open_handle, handle


def array_or_error(*handle):
    """The array of a handle, or what raises the error when it is used.

    A process pool of `multiprocessing` waits for ever if the arguments of a
    call cannot be unpickled, and other pools break. So the call gets something
    that raises in it.
    """
    try:
        return open_handle(*handle)
    except (OSError, ValueError, MemoryError) as error:
        return Unavailable(error)


class Unavailable:
    """Stands for an array that could not be mapped: whatever uses it raises.

    Parameters
    ----------
    error : Exception
        What is raised.
    """

    __slots__ = ("_error",)

    def __init__(self, error):
        self._error = error

    def __reduce__(self):
        return Unavailable, (self._error,)

    def __repr__(self):
        return f"<array that could not be mapped: {self._error}>"

    def __getattr__(self, name):
        raise copy.copy(self._error)


def _raise_error(self, *arguments, **names):
    raise copy.copy(self._error)


for _name in (
    "array array_ufunc array_function getitem setitem delitem len iter contains bool int float index complex "
    "add radd sub rsub mul rmul truediv rtruediv floordiv rfloordiv mod rmod pow rpow matmul rmatmul "
    "and rand or ror xor rxor lshift rshift neg pos abs invert lt le gt ge eq ne iadd isub imul itruediv "
    "copy deepcopy"
).split():
    setattr(Unavailable, f"__{_name}__", _raise_error)


def connect():
    """Register our arrays with the libraries that have been imported by now.

    Is called when an array is made. No library is imported here.
    """
    global _modules
    if len(sys.modules) == _modules:
        return
    modules = len(sys.modules)
    for module in [name for name in _waiting if name in sys.modules]:
        register = _waiting.get(module)
        if register is not None and register(sys.modules[module]):
            _waiting.pop(module, None)
        else:
            # It is still being imported.
            modules = 0
    _modules = modules


# How many there were when `connect` looked at them last.
_modules = 0


def _with_loky(module):
    from memmap._array import memmap

    if not hasattr(module, "register"):
        return False
    module.register(memmap, reduce_by_handle)
    return True


def _with_distributed(module):
    from memmap._array import memmap

    if not (hasattr(module, "dask_serialize") and hasattr(module, "dask_deserialize")):
        return False
    module.dask_serialize.register(memmap)(_serialized)
    module.dask_deserialize.register(memmap)(_deserialized)
    return True


def _with_dask(module):
    from memmap._array import memmap

    if not hasattr(module, "normalize_token"):
        return False
    module.normalize_token.register(memmap, _token)
    return True


def _serialized(array):
    import pickle

    frames = []
    header = pickle.dumps(reduce_for_dask(array), 5, buffer_callback=frames.append)
    return {}, [header, *frames]


def _deserialized(header, frames):
    import pickle

    function, arguments = pickle.loads(frames[0], buffers=frames[1:])
    return function(*arguments)


def _token(array):
    """A token without a look at the elements, where the file tells them apart."""
    from dask.tokenize import normalize_token

    handle = describe(array) if array.mode == "r" else None
    if handle is None:
        return normalize_token(np.array(array, subok=False))
    path, start, dtype, shape, strides, identity, frozen = handle
    if frozen or identity.mtime_ns is None:
        return normalize_token(np.array(array, subok=False))
    return "memmap", path, start, repr(dtype), shape, strides, tuple(identity)


# Modules by name, and what makes our class known to them; done is removed.
_waiting = {
    "joblib.externals.loky.backend.reduction": _with_loky,
    "loky.backend.reduction": _with_loky,
    "distributed.protocol.serialize": _with_distributed,
    "dask.tokenize": _with_dask,
}


def register():
    """Register our arrays with `multiprocessing`, and with what else is there."""
    from memmap._array import memmap

    ForkingPickler.register(memmap, reduce_by_handle)
    connect()
