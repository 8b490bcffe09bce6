"""Arrays in .npy files and .npz archives."""

import io
import os
import zipfile

import numpy as np
import pytest

import memmap

ARRAYS = [
    np.arange(24, dtype="<f8").reshape(2, 3, 4),
    np.asfortranarray(np.arange(6, dtype=">i2").reshape(2, 3)),
    np.array(5.5),
    np.zeros((0, 3), "u1"),
    np.array([(1, 2.5)], [("a", "u1"), ("b", "<f4")]),
    np.array(["2020-01-01"], "M8[D]"),
    np.array(["abc"], "U3"),
]


@pytest.mark.parametrize("array", ARRAYS, ids=str)
@pytest.mark.parametrize("mode", ["r", "c", "r+"])
def test_what_numpy_saved(tmp_path, array, mode):
    path = tmp_path / "a.npy"
    np.save(path, array)
    ours = memmap.open_npy(path, mode)
    assert type(ours) is memmap.memmap and ours.mode == mode and ours.filename == path
    assert ours.dtype == array.dtype and ours.flags.f_contiguous == array.flags.f_contiguous
    assert np.array_equal(ours, array) and ours.tobytes() == array.tobytes()
    assert ours.offset == np.lib.format.open_memmap(path, "r").offset


@pytest.mark.parametrize("array", ARRAYS, ids=str)
def test_what_is_made_is_what_numpy_makes(tmp_path, array):
    fortran = array.flags.f_contiguous and not array.flags.c_contiguous
    made = memmap.open_npy(tmp_path / "a.npy", "w+", array.dtype, array.shape, fortran)
    made[...] = array
    made.flush()
    np.save(tmp_path / "b.npy", array)
    theirs = (tmp_path / "b.npy").read_bytes()
    # An array without elements has a byte after its header, as numpy's has.
    assert (tmp_path / "a.npy").read_bytes()[: len(theirs)] == theirs


def test_an_empty_npy_has_its_header_alone(tmp_path):
    memmap.open_npy(tmp_path / "a.npy", "w+", "u1", (0,))
    assert np.load(tmp_path / "a.npy").shape == (0,)


def test_objects_and_file_objects_are_refused(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, np.array([{}], object), allow_pickle=True)
    before = path.read_bytes()
    for names in ({"mode": "r"}, {"mode": "w+", "dtype": "O", "shape": 3}):
        with pytest.raises(ValueError, match="Python objects"):
            memmap.open_npy(path, **names)
    assert path.read_bytes() == before
    with open(path, "rb") as file, pytest.raises(ValueError, match="path"):
        memmap.open_npy(file)


def test_a_file_that_is_shorter_than_its_header_says(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, np.arange(100))
    whole = path.read_bytes()
    path.write_bytes(whole[:500])
    for mode in ("r", "c"):
        with pytest.raises(ValueError, match="needs 928 bytes"):
            memmap.open_npy(path, mode)
    for size in (0, 5, 9, 40):
        path.write_bytes(whole[:size])
        with pytest.raises(ValueError):
            memmap.open_npy(path, "r")
    path.write_bytes(b"not a header at all" * 10)
    with pytest.raises(ValueError):
        memmap.open_npy(path, "r")


def test_a_long_header_is_refused_unless_allowed(tmp_path):
    dtype = np.dtype([(f"field_of_some_length_{number}", "u1") for number in range(600)])
    with pytest.warns(UserWarning) if 600 * 30 > 65535 else _nothing():
        np.save(tmp_path / "a.npy", np.zeros(3, dtype))
    with pytest.raises(ValueError, match="max_header_size"):
        memmap.open_npy(tmp_path / "a.npy", "r")
    assert memmap.open_npy(tmp_path / "a.npy", "r", max_header_size=1 << 20).dtype == dtype


def _nothing():
    from contextlib import nullcontext

    return nullcontext()


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, **{f"array_{number}": array for number, array in enumerate(ARRAYS)})
    return path


@pytest.mark.parametrize("number", range(len(ARRAYS)))
@pytest.mark.parametrize("mode", ["r", "c"])
def test_members_are_mapped(archive, number, mode):
    array = memmap.load_npz_member(archive, f"array_{number}", mode)
    assert type(array) is memmap.memmap and array.mode == mode
    assert array.dtype == ARRAYS[number].dtype and np.array_equal(array, ARRAYS[number])
    assert np.array_equal(memmap.load_npz_member(archive, f"array_{number}.npy"), ARRAYS[number])


def test_an_archive_after_other_bytes(archive, tmp_path):
    path = tmp_path / "after.zip"
    path.write_bytes(b"#!/bin/sh\n" * 7 + archive.read_bytes())
    assert np.array_equal(memmap.load_npz_member(path, "array_0"), ARRAYS[0])


def test_members_that_cannot_be_mapped(archive, tmp_path):
    with pytest.raises(KeyError, match="no_such.*array_0"):
        memmap.load_npz_member(archive, "no_such")
    for mode in ("r+", "w+"):
        before = archive.read_bytes()
        with pytest.raises(ValueError, match="'r' or 'c'"):
            memmap.load_npz_member(archive, "array_0", mode)
        assert archive.read_bytes() == before
    np.savez_compressed(tmp_path / "c.npz", a=np.arange(100))
    with pytest.raises(ValueError, match="compressed"):
        memmap.load_npz_member(tmp_path / "c.npz", "a")
    np.savez(tmp_path / "o.npz", a=np.array([{}], object))
    with pytest.raises(ValueError, match="Python objects"):
        memmap.load_npz_member(tmp_path / "o.npz", "a")
    with zipfile.ZipFile(tmp_path / "t.npz", "w") as target:
        target.writestr("text.npy", b"no header here")
        saved = io.BytesIO()
        np.save(saved, np.arange(100))
        target.writestr("short.npy", saved.getvalue()[:-8])
        target.writestr("last.npy", saved.getvalue())
    with pytest.raises(ValueError):
        memmap.load_npz_member(tmp_path / "t.npz", "text")
    with pytest.raises(ValueError, match="shorter"):
        memmap.load_npz_member(tmp_path / "t.npz", "short")
    assert memmap.load_npz_member(tmp_path / "t.npz", "last").sum() == 4950
    (tmp_path / "n.npz").write_bytes(b"no archive")
    with pytest.raises(zipfile.BadZipFile):
        memmap.load_npz_member(tmp_path / "n.npz", "a")


HEADERS = [
    "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }",
    "{'descr': '<f8', 'fortran_order': True, 'shape': (1, 3), }",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (), }",
    "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 0, 4), }",
    # What numpy reads, and does not write.
    '{"descr": "<f8", "fortran_order": False, "shape": (3,), }',
    "{'shape': (3,), 'fortran_order': False, 'descr': '<f8'}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (1,2,), }",
    "{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (3,), }",
    # What it refuses.
    "{'descr': '<f8', 'fortran_order': False, 'shape': (3), }",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (03,), }",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (1 2), }",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }",
    "{'descr': '<f9', 'fortran_order': False, 'shape': (3,), }",
    "{'descr': '<f8', 'fortran_order': 0, 'shape': (3,), }",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), } + 1",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999, 999), }",
]


@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
@pytest.mark.parametrize("text", HEADERS)
@pytest.mark.parametrize("pad", [0, 1, 300])
@pytest.mark.parametrize("version", [1, 2, 3])
def test_headers_are_read_as_numpy_reads_them(tmp_path, text, pad, version):
    path = tmp_path / "a.npy"
    text = text.encode() + b" " * pad + b"\n"
    size = len(text).to_bytes(2 if version == 1 else 4, "little")
    path.write_bytes(b"\x93NUMPY" + bytes([version, 0]) + size + text + bytes(range(64)))
    try:
        theirs = np.lib.format.open_memmap(path, "r")
    except (ValueError, OverflowError, SyntaxError):
        with pytest.raises(ValueError):
            memmap.open_npy(path, "r")
        return
    ours = memmap.open_npy(path, "r")
    same = ("dtype", "shape", "strides", "offset")
    assert [getattr(ours, name) for name in same] == [getattr(theirs, name) for name in same]
    assert ours.tobytes() == theirs.tobytes()


def test_a_header_is_never_longer_than_it_may_be(tmp_path):
    np.save(tmp_path / "a.npy", np.arange(3))
    with pytest.raises(ValueError, match="max_header_size|large"):
        memmap.open_npy(tmp_path / "a.npy", "r", max_header_size=50)


@pytest.mark.parametrize("keep", [0, 5, 9, 10, 64, 127])
def test_a_file_that_ends_in_its_header_is_refused(tmp_path, keep):
    path = tmp_path / "a.npy"
    np.save(path, np.arange(3))
    os.truncate(path, keep)
    with pytest.raises(ValueError):
        memmap.open_npy(path, "r")
