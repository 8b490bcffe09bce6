"""What an array keeps of the map that its elements lie in."""

import mmap
import os
import threading
import weakref
from typing import NamedTuple

# Files that arrays of this process write to, while these arrays live.
_writers = weakref.WeakSet()
_writers_lock = threading.Lock()


def _forked():
    global _writers_lock
    _writers_lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


class _Numbers(NamedTuple):
    st_dev: int
    st_ino: int


class Pages:
    """The attribute ``_mmap`` of an array: answers to the names of `mmap.mmap`.

    Parameters
    ----------
    owner : MemMap or FrozenMap
        Reads, flushes and closes.
    exporter : View or FrozenMap
        Keeps the pages, for as long as an array holds it.
    address : int
        Where the first byte lies in memory.
    filename : str or pathlib.Path or None
    offset : int
        Of the first byte in the file.
    mode : str
    stat : os.stat_result or tuple of int
        Of the file, when it was mapped; of live bytes, the numbers of its
        volume and of the file will do (`Opened.numbers`).
    """

    __slots__ = (
        "owner",
        "exporter",
        "address",
        "filename",
        "offset",
        "mode",
        "_stat",
        "is_frozen",
        "__weakref__",
    )

    def __init__(self, owner, exporter, address, filename, offset, mode, stat):
        self.owner = owner
        self.exporter = exporter
        self.address = address
        self.filename = filename
        self.offset = offset
        self.mode = mode
        self._stat = stat
        self.is_frozen = owner is exporter
        if mode == "r+" or mode == "w+":
            with _writers_lock:
                _writers.add(self)

    def __len__(self):
        return len(self.owner)

    def __getitem__(self, index):
        return self.owner[index]

    @property
    def stat(self):
        """What says which file it is: ``st_dev`` and ``st_ino``; of frozen bytes, all of `os.stat`."""
        if type(self._stat) is tuple:
            volume, number = self._stat
            self._stat = _Numbers(os.makedev(volume >> 32, volume & 0xFFFFFFFF), number)
        return self._stat

    @property
    def is_writer(self):
        """Whether assignments reach the file."""
        return self.mode in ("r+", "w+")

    @property
    def closed(self):
        """Whether `close` was called; arrays keep their pages all the same."""
        return self.owner.closed

    def close(self):
        """Close the map. The pages stay for the arrays that lie in them."""
        self.owner.close()

    def size(self):
        """Bytes of the file now."""
        if self.is_frozen:
            return os.stat(self.filename).st_size
        return self.owner.size()

    def flush(self, offset=0, size=None):
        """Write a range of bytes of the map to the file."""
        if self.is_writer:
            self.exporter.flush(offset, size)

    def madvise(self, option, start=0, length=None):
        """Give the system advice, by a constant ``mmap.MADV_*``.

        No advice changes bytes: after ``MADV_DONTNEED`` edits of mode ``'c'``
        are still there.
        """
        word = _ADVICE.get(option)
        if word is None:
            raise ValueError(f"advice {option} is not one of {sorted(_ADVICE.values())}")
        if not self.is_frozen:
            size = len(self) - start if length is None else length
            self.owner.advise(word, offset=start, size=size)

    def read_at(self, offset, size):
        """Bytes of the map, under the guard."""
        return self.owner.read_at(offset, size)

    def read_into(self, offset, target):
        """Fill a buffer with bytes of the map, under the guard."""
        self.owner.read_into(offset, target)


def is_written_here(path, stat):
    """Whether this process has a map that can write to a file.

    Parameters
    ----------
    path : str
    stat : os.stat_result

    Returns
    -------
    bool
        On Linux maps of everyone in this process count, numpy's too; elsewhere
        those of our arrays. In doubt True.
    """
    with _writers_lock:
        writers = list(_writers)
    for pages in writers:
        if pages.stat.st_ino == stat.st_ino and pages.stat.st_dev == stat.st_dev:
            return True
    try:
        lines = open("/proc/self/maps", "rb")
    except OSError:
        return False
    name = os.fsencode(os.path.realpath(path)).replace(b"\n", b"\\012")
    inode = str(stat.st_ino).encode()
    with lines:
        for line in lines:
            # address, permissions, offset, device, inode, path
            parts = line.rstrip(b"\n").split(None, 5)
            if len(parts) == 6 and parts[1][1:2] == b"w" and parts[1][3:4] == b"s":
                if parts[4] == inode or parts[5] == name:
                    return True
    return False


_ADVICE = {
    getattr(mmap, name): word
    for name, word in (
        ("MADV_NORMAL", "normal"),
        ("MADV_RANDOM", "random"),
        ("MADV_SEQUENTIAL", "sequential"),
        ("MADV_WILLNEED", "willneed"),
        ("MADV_DONTNEED", "dontneed"),
        ("MADV_HUGEPAGE", "hugepages"),
        ("MADV_NOHUGEPAGE", "smallpages"),
    )
    if hasattr(mmap, name)
}
