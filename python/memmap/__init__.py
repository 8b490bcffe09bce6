"""Safe memory mapping: a file that is cut short is an exception, and not the end of the process.

>>> import os, tempfile
>>> path = os.path.join(tempfile.mkdtemp(), "data.bin")
>>> with open(path, "wb") as file:
...     _ = file.write(bytes(256))

>>> from memmap import MemMap
>>> mm = MemMap.open(path, mode="r")
>>> value = mm.read_at(offset=128, size=4)
>>> mm.close()

=============  =====================================================================================
`MemMap`       a file that anyone may change at any time; bytes are copied out and in
`FrozenMap`    bytes that change no more once they were touched; it has a read-only buffer
`View`         the live bytes of a `MemMap`, as a buffer; they may change, and what is lost is zeros
`RamMap`       anonymous memory; it has a writable buffer
`find`         all places of a pattern, on all cores
`stat`         what bytes consist of: counts, entropy, runs, strings and holes
`check`        raises if bytes that an array shows are lost
=============  =====================================================================================

With numpy: `memmap` (the class), `open_npy`, `open_memmap` and `load_npz_member`; with Dask: the module
`memmap.dask`. Numpy is imported when one of them is used for the first time.
"""

from ._native import (
    FrozenMap,
    MapError,
    MemMap,
    RamMap,
    ReplacedError,
    StorageFullError,
    TruncatedError,
    View,
    check,
    ensure_guard,
    find,
    guard_status,
    lost,
    stat,
)

__all__ = [
    "FrozenMap",
    "MapError",
    "MemMap",
    "RamMap",
    "ReplacedError",
    "StorageFullError",
    "TruncatedError",
    "View",
    "check",
    "ensure_guard",
    "find",
    "guard_status",
    "lost",
    "stat",
]

_WITH_NUMPY = {
    "memmap": "_array",
    "open_npy": "_npy",
    "open_memmap": "_npy",
    "load_npz_member": "_npy",
}

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._array import memmap as memmap
    from ._npy import load_npz_member as load_npz_member
    from ._npy import open_memmap as open_memmap
    from ._npy import open_npy as open_npy
else:
    # Not for type checkers: to them any name would be one of the module.
    def __getattr__(name):
        module = _WITH_NUMPY.get(name)
        if module is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(f"{__name__}.{module}"), name)
        globals()[name] = value
        return value


def __dir__():
    return sorted({*globals(), *_WITH_NUMPY})
