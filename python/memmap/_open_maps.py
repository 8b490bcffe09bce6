"""Maps that stay open between chunks: a few, and not for long."""

import atexit
import os
import threading
import time
from collections import OrderedDict
from contextlib import contextmanager, suppress

from memmap._identity import Identity
from memmap._native import MemMap

_MOST = 16
_IDLE_SECONDS = 30.0
# Pages that were copied count as memory of the process until they are given
# back, which is done after this many bytes.
_PIECE = 4 << 20


class OpenMaps:
    """Maps of files by path and identity, in mode ``'r'``.

    Parameters
    ----------
    most : int, optional
        At most this many stay open while nobody uses them.
    idle_seconds : float, optional
        A map that nobody asked for in this time is closed, so that the room of
        a deleted file comes back.
    """

    def __init__(self, most=_MOST, idle_seconds=_IDLE_SECONDS):
        self._most = most
        self._idle_seconds = idle_seconds
        self._reset()
        atexit.register(self._stop)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._reset)

    def __len__(self):
        with self._lock:
            return len(self._maps)

    @contextmanager
    def get(self, path, expected):
        """Lend ``read_into`` of a map of the whole file.

        Parameters
        ----------
        path : str
            Absolute.
        expected : Identity or None
            What the file has to be, now and when the reading is done. Without
            it, what it is when it is opened.

        Raises
        ------
        ReplacedError
            It is another file, or was written to.
        """
        key = path, expected
        opened = self._take(key)
        if opened is None:
            opened = _opened(path, expected)
            self._put(key, opened)
        mapped, identity = opened
        reader = _Reader(mapped)
        try:
            yield reader.read_into
            reader.give_back()
            identity.expect(os.stat(path), path)
        except (OSError, ValueError):
            self._drop(key, opened)
            raise

    def clear(self):
        """Close all that nobody uses."""
        with self._lock:
            self._maps.clear()

    def _take(self, key):
        with self._lock:
            found = self._maps.get(key)
            if found is None:
                return None
            self._maps[key] = found[0], time.monotonic()
            self._maps.move_to_end(key)
            return found[0]

    def _put(self, key, opened):
        # A map that leaves is closed by whoever uses it last.
        with self._lock:
            self._maps[key] = opened, time.monotonic()
            self._maps.move_to_end(key)
            leaving = [self._maps.popitem(last=False) for _ in range(len(self._maps) - self._most)]
            if self._thread is None and not self._is_stopped:
                self._thread = threading.Thread(target=self._close_idle, name="memmap-close-idle", daemon=True)
                self._thread.start()
        del leaving

    def _drop(self, key, opened):
        with self._lock:
            found = self._maps.get(key)
            if found is not None and found[0] is opened:
                del self._maps[key]

    def _close_idle(self):
        with self._lock:
            while self._maps and not self._is_stopped:
                oldest = next(iter(self._maps.values()))[1]
                wait = oldest + self._idle_seconds - time.monotonic()
                if wait > 0:
                    self._changed.wait(wait)
                    continue
                self._maps.popitem(last=False)
            self._thread = None

    def _reset(self):
        """Start anew: a forked child has neither the thread nor the lock."""
        self._maps = OrderedDict()
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._thread = None
        self._is_stopped = False

    def _stop(self):
        with self._lock:
            self._is_stopped = True
            self._maps.clear()
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(1.0)


class _Reader:
    """Copies bytes of a map, and gives the pages back.

    They stay in the cache of the system.
    """

    __slots__ = ("_mapped", "_start", "_stop")

    def __init__(self, mapped):
        self._mapped = mapped
        self._start = self._stop = None

    def read_into(self, offset, target):
        target = memoryview(target).cast("B")
        for done in range(0, len(target), _PIECE):
            piece = target[done : done + _PIECE]
            self._mapped.read_into(offset + done, piece)
            self._note(offset + done, len(piece))

    def give_back(self):
        if self._start is not None:
            with suppress(OSError):
                self._mapped.advise("dontneed", self._start, self._stop - self._start)
            self._start = self._stop = None

    def _note(self, offset, size):
        if self._start is None:
            self._start, self._stop = offset, offset + size
        else:
            self._start = min(self._start, offset)
            self._stop = max(self._stop, offset + size)
        if self._stop - self._start >= _PIECE:
            self.give_back()


def _opened(path, expected):
    with open(path, "rb") as file:
        stat = os.fstat(file.fileno())
        if expected is not None:
            expected.expect(stat, path)
        return MemMap.from_fd(file.fileno(), "r", offset=0, size=stat.st_size), expected or Identity.of(stat)
