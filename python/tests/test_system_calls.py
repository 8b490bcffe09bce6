"""What calls of the system make of lost bytes: they stop short, and `check` tells."""

import os
import socket

import pytest

import memmap
from memmap import MapError, MemMap, TruncatedError

SIZE = 1 << 20
LEFT = 8192


@pytest.fixture
def cut(fresh):
    """The live bytes of a file that was cut to two pages."""
    path = fresh(b"\1" * SIZE)
    view = memoryview(MemMap.open(path).view())
    os.truncate(path, LEFT)
    return view


def write_to_file(cut, path):
    with open(path, "wb", 0) as file:
        return file.write(cut)


def pwritev(cut, path):
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY)
    try:
        return os.pwritev(descriptor, [cut], 0)
    finally:
        os.close(descriptor)


@pytest.mark.parametrize("call", [write_to_file, pwritev])
def test_a_short_write_is_told_by_check(cut, tmp_path, call):
    target = tmp_path / "target"
    assert call(cut, target) == LEFT
    assert target.read_bytes() == b"\1" * LEFT
    # The call gave no signal: it is the length of the file that tells.
    with pytest.raises(TruncatedError) as caught:
        memmap.check(cut)
    assert caught.value.offset == LEFT
    assert memmap.lost(cut) == [(LEFT, SIZE, "truncated")]
    memmap.check(cut[:LEFT])


def test_a_socket_says_that_the_address_is_bad(cut):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        try:
            sent = ours.send(cut[:60_000])
        except OSError as error:
            assert error.errno == 14
        else:
            assert sent <= LEFT
    with pytest.raises(TruncatedError):
        memmap.check(cut)


def test_reading_into_a_lost_page_is_told(fresh):
    """`readinto` of a file, and of another map, whose target is lost."""
    path = fresh()
    with MemMap.open(path, "r+") as mm, MemMap.open(fresh()) as source:
        view = mm.view()
        os.truncate(path, 0)
        try:
            source.read_into(0, view)
        except MapError as error:
            assert error.kind == "buffer_lost"
        with pytest.raises(TruncatedError):
            view.check()
        with open(source.path, "rb", 0) as file:
            try:
                count = file.readinto(view)
            except OSError as error:
                assert error.errno == 14
            else:
                assert count is not None
        with pytest.raises(TruncatedError):
            memmap.check(view)
        # It is mapped anew, so that closing has nothing to say.
        del view
        os.truncate(path, 65536)
        mm.remap()


def test_copies_of_ours_raise_instead(fresh, tmp_path):
    path = fresh(b"\1" * SIZE)
    with MemMap.open(path) as mm:
        os.truncate(path, LEFT)
        with pytest.raises(TruncatedError) as caught:
            mm.read_at(0, SIZE)
        assert caught.value.offset == LEFT
        frozen = mm.freeze() if len(mm) == LEFT else None
        assert frozen is None
