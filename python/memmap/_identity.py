"""Which file it is, in a form that another process or machine can compare."""

import errno
from typing import NamedTuple

from memmap._native import ReplacedError, TruncatedError


class Identity(NamedTuple):
    """What tells one state of a file from another.

    The device number is not part of it: one file has different ones by two
    mounts, in containers and over NFS. A member that is None is not known, or
    not to be compared.

    An identity proves nothing where a writer sets the time of modification
    back, or stores by a mapping of its own.

    Examples
    --------
    >>> then = Identity(4096, 1_700_000_000_000_000_000, 12, None)
    >>> then.matches(then._replace(size=4000))
    False
    >>> then.matches(then._replace(birth_ns=5))
    True
    """

    size: int | None
    mtime_ns: int | None
    inode: int | None
    birth_ns: int | None

    @classmethod
    def of(cls, stat):
        """The identity in a result of `os.stat` or `os.fstat`."""
        birth = getattr(stat, "st_birthtime_ns", None)
        if birth is None and hasattr(stat, "st_birthtime"):
            birth = round(stat.st_birthtime * 1e9)
        return cls(stat.st_size, stat.st_mtime_ns, stat.st_ino or None, birth)

    def of_writer(self):
        """The identity of a file whose size and time change as it is used."""
        return self._replace(size=None, mtime_ns=None)

    def matches(self, other):
        """Whether both can be the same file in the same state."""
        return all(mine is None or theirs is None or mine == theirs for mine, theirs in zip(self, other))

    def expect(self, stat, path):
        """Raise `ReplacedError` unless a result of `os.stat` matches.

        Parameters
        ----------
        stat : os.stat_result
        path : str
            Is named in the error.
        """
        found = self.of(stat)
        if self.matches(found):
            return
        names = ("size", "time of modification", "inode", "time of birth")
        changed = ", ".join(
            f"{name} {mine} became {theirs}"
            for name, mine, theirs in zip(names, self, found)
            if mine is not None and theirs is not None and mine != theirs
        )
        raise replaced(path, f"the file is not the one that was described: {changed}")


def replaced(path, text):
    """A `ReplacedError`, as the extension makes them."""
    error = ReplacedError(getattr(errno, "ESTALE", errno.EIO), text, path)
    error.kind = "replaced"
    error.offset = None
    return error


def truncated(path, needed, found):
    """A `TruncatedError`, as the extension makes them."""
    text = f"the file was cut short: {needed} bytes are needed, and it has {found}"
    error = TruncatedError(getattr(errno, "EFAULT", errno.EIO), text, path)
    error.kind = "truncated"
    error.offset = None
    return error
