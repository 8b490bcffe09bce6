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
`RamMap`       anonymous memory; it has a writable buffer
`find`         all places of a pattern, on all cores
`check`        raises if bytes that an array shows are lost
=============  =====================================================================================
"""

from ._native import (
    FrozenMap,
    MapError,
    MemMap,
    RamMap,
    ReplacedError,
    StorageFullError,
    TruncatedError,
    check,
    ensure_guard,
    find,
    guard_status,
    lost,
)

__all__ = [
    "FrozenMap",
    "MapError",
    "MemMap",
    "RamMap",
    "ReplacedError",
    "StorageFullError",
    "TruncatedError",
    "check",
    "ensure_guard",
    "find",
    "guard_status",
    "lost",
]
