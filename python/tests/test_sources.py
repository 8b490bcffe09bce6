"""What can be opened, and how it is named."""

import io
import os
import pathlib
import tempfile

import pytest

from memmap import FrozenMap, MapError, MemMap


def test_paths_are_str_bytes_pathlike_and_undecodable(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"12")
    strange = os.path.join(os.fsencode(tmp_path), b"\xff\xfe")
    with open(strange, "wb") as file:
        file.write(b"22")
    for name in [str(path), os.fsencode(path), path, os.fsdecode(strange), strange]:
        with MemMap.open(name) as mm:
            assert len(mm) == 2
            assert os.fsencode(mm.path) == os.fsencode(name)
        with FrozenMap.open(name) as frozen:
            assert len(frozen) == 2
    for wrong in [1, True, 1.5, None, ["x"], io.StringIO]:
        with pytest.raises(TypeError):
            MemMap.open(wrong)
    with pytest.raises(ValueError, match="null"):
        MemMap.open("a\0b")
    with pytest.raises(ValueError, match="null"):
        MemMap.open(b"a\0b")


def test_errors_are_those_of_python(tmp_path):
    with pytest.raises(FileNotFoundError) as info:
        MemMap.open(tmp_path / "none")
    assert info.value.filename == str(tmp_path / "none")
    assert info.value.errno == 2
    with pytest.raises(IsADirectoryError):
        MemMap.open(tmp_path)
    with pytest.raises(ValueError, match="mode"):
        MemMap.open(tmp_path / "none", "rw")
    with pytest.raises(ValueError, match="size"):
        MemMap.open(tmp_path / "none", "w+")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(MapError) as info:
        MemMap.open(tmp_path / "pipe")
    assert info.value.kind == "not_mappable"
    path = tmp_path / "x"
    path.write_bytes(b"123")
    for keywords in [{"offset": 4}, {"size": 4}, {"offset": 2, "size": 2}, {"offset": -1}, {"size": 2**70}]:
        with pytest.raises(ValueError):
            MemMap.open(path, **keywords)


def test_modes_have_long_names_and_any_offset(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(bytes(range(100)))
    for name, short in [("readonly", "r"), ("readwrite", "r+"), ("copyonwrite", "c"), ("r", "r")]:
        with MemMap.open(path, name, offset=3, size=5) as mm:
            assert (mm.mode, mm.offset, mm[:], mm.size()) == (short, 3, bytes(range(3, 8)), 100)
    with MemMap.open(path, "write", size=4) as mm:
        assert (mm.mode, mm[:]) == ("w+", bytes(4))
    assert path.stat().st_size == 4
    with MemMap.open(path, "r+", size=9, extend=True) as mm:
        assert len(mm) == 9


def test_an_empty_file_is_an_empty_map(tmp_path):
    path = tmp_path / "e"
    path.touch()
    with MemMap.open(path, "r+") as mm:
        assert (len(mm), mm[:], mm.find(b"a")) == (0, b"", -1)
        mm.resize(3)
        assert mm[:] == bytes(3)
    path.write_bytes(b"")
    with FrozenMap.open(path) as frozen:
        assert bytes(frozen) == b""


def test_a_file_object_is_flushed_and_may_be_closed():
    with tempfile.TemporaryFile() as file:
        file.write(b"x" * 3000)
        mm = MemMap.open(file)
        frozen = FrozenMap.open(file)
        assert file.tell() == 3000
    assert len(mm) == len(frozen) == 3000
    assert mm.read_at(2999, 1) == bytes(frozen)[-1:] == b"x"
    assert mm.path is None


def test_a_file_that_was_opened_for_less_is_refused(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"abc")
    with open(path, "rb") as reading, open(path, "ab") as writing:
        with pytest.raises(PermissionError):
            MemMap.open(reading, "r+")
        with pytest.raises(PermissionError):
            MemMap.from_fd(reading.fileno(), "w+", size=3)
        with pytest.raises(PermissionError):
            MemMap.open(writing, "r")
        with MemMap.open(reading, "c") as private:
            private[0] = 7
    assert path.read_bytes() == b"abc"
    assert os.fstat(os.open(path, os.O_RDONLY)).st_size == 3


def test_a_descriptor_is_duplicated(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"abc")
    fd = os.open(path, os.O_RDWR)
    mm = MemMap.from_fd(fd, "r+")
    os.close(fd)
    mm[0] = ord("A")
    mm.close()
    assert path.read_bytes() == b"Abc"
    with pytest.raises(OSError):
        MemMap.from_fd(fd)
    with pytest.raises(ValueError):
        MemMap.from_fd(-1)
    with open(path, "r+b") as file, MemMap.from_fd(file.fileno(), "w+", offset=1, size=9) as mm:
        assert mm[:] == b"bc" + bytes(7)
        assert mm.mode == "w+"


def test_a_map_leaves_no_descriptor_and_no_mapping(tmp_path):
    path = tmp_path / "leak"
    path.write_bytes(bytes(1 << 20))
    before = len(os.listdir("/proc/self/fd"))
    for mode in ["r", "r+", "c"]:
        for closes in [True, False]:
            mm = MemMap.open(path, mode)
            frozen = mm.freeze()
            view = memoryview(frozen)[5:]
            assert mm.find(b"a") == -1 and view[0] == 0
            if closes:
                mm.close()
            del mm, frozen, view
    assert len(os.listdir("/proc/self/fd")) == before
    assert "leak" not in pathlib.Path("/proc/self/maps").read_text()
