"""pickle, copy, tobytes, tofile and np.save: the elements, not the place."""

import copy
import io
import os
import pickle

import numpy as np
import pytest

import memmap

FIELDS = np.dtype([("a", "<i4"), ("b", "<f8")])

PARTS = {
    "whole": lambda array: array,
    "row": lambda array: array[3],
    "reversed": lambda array: array[::-1],
    "steps": lambda array: array[:, ::2],
    "transposed": lambda array: array.T,
    "new axis": lambda array: array[None],
    "empty": lambda array: array[5:5],
    "one": lambda array: array[7:8, 3:4],
    "bytes": lambda array: array.view("u1"),
    "broadcast": lambda array: np.broadcast_to(array[0], (3, 40), subok=True),
    "flat": lambda array: array.reshape(-1)[5:9],
    "no dimension": lambda array: array[2, 3, ...],
    "columns": lambda array: array[:, 3:5],
}


@pytest.fixture
def array(tmp_path):
    array = memmap.memmap(tmp_path / "data", ">f4", "w+", shape=(30, 40))
    array[:] = np.arange(1200).reshape(30, 40)
    return array


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_has_the_elements(array, part, protocol):
    source = part(array)
    copied = pickle.loads(pickle.dumps(source, protocol))
    # numpy's pickles of plain arrays before protocol 5 bring numbers into the order of this machine.
    plain = pickle.loads(pickle.dumps(np.array(source, subok=False, order="K"), protocol))
    assert copied.shape == source.shape and copied.dtype == plain.dtype
    assert np.array_equal(copied, source) and copied.tobytes() == plain.tobytes()
    assert type(copied) is type(source) and not np.may_share_memory(copied, array)


def test_a_pickle_keeps_fields(tmp_path):
    array = memmap.memmap(tmp_path / "data", FIELDS, "w+", shape=(1000,))
    array["a"] = np.arange(1000)
    copied = pickle.loads(pickle.dumps(array))
    assert copied.dtype == FIELDS and copied.dtype.names == ("a", "b")
    assert np.array_equal(copied["a"], np.arange(1000))


def test_a_pickle_depends_on_no_file(array, tmp_path):
    data = pickle.dumps(array)
    os.rename(tmp_path / "data", tmp_path / "other")
    (tmp_path / "data").write_bytes(bytes(4800))
    assert pickle.loads(data)[3, 3] == 123.0
    os.unlink(tmp_path / "data")
    copied = pickle.loads(data)
    assert copied[3, 3] == 123.0
    assert type(copied) is memmap.memmap and copied.filename is None and copied.mode is None
    with pytest.raises(ValueError, match="map"):
        copied.check()


def test_a_pickle_of_mode_c_keeps_edits(array, tmp_path):
    array.flush()
    edited = memmap.memmap(tmp_path / "data", ">f4", "c", shape=(30, 40))
    edited[0, 0] = 99
    for copied in (pickle.loads(pickle.dumps(edited)), copy.copy(edited), copy.deepcopy(edited)):
        assert copied[0, 0] == 99 and copied[0, 1] == 1
    assert edited.tobytes()[:4] == np.array([99], ">f4").tobytes()


def test_a_pickle_out_of_band(array):
    buffers = []
    data = pickle.dumps(array, 5, buffer_callback=buffers.append)
    assert len(buffers) == 1 and len(data) < 1000
    assert np.array_equal(pickle.loads(data, buffers=buffers), array)


def test_copies_share_nothing(array):
    for copied in (copy.copy(array), copy.deepcopy(array)):
        copied[0, 0] = 55
        assert array[0, 0] == 0
        assert type(copied) is memmap.memmap and copied.filename is None and copied.mode is None
    nested = copy.deepcopy({"x": [array, array]})
    assert np.array_equal(nested["x"][0], array)
    assert nested["x"][0] is nested["x"][1]


def test_subclasses_stay_what_they_are(tmp_path):
    array = memmap.memmap(tmp_path / "data", "u1", "w+", shape=4).view(Sub)
    assert type(pickle.loads(pickle.dumps(array))) is Sub and type(copy.copy(array)) is Sub
    assert type(array[1:]) is Sub


class Sub(memmap.memmap):
    pass


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
def test_tobytes_and_tofile_are_numpys(array, part, tmp_path):
    source = part(array)
    plain = np.array(source, subok=False, order="K")
    for order in ("C", "F", "A"):
        assert source.tobytes(order) == np.asarray(source).tobytes(order)
    target = tmp_path / "target"
    source.tofile(target)
    assert target.read_bytes() == plain.tobytes()
    source.tofile(str(target))
    assert target.read_bytes() == plain.tobytes()
    with open(target, "wb") as file:
        file.write(b"head")
        source.tofile(file)
        file.write(b"tail")
    assert target.read_bytes() == b"head" + plain.tobytes() + b"tail"
    source.tofile(target, sep=",", format="%s")
    ours = target.read_bytes()
    plain.tofile(target, sep=",", format="%s")
    assert ours == target.read_bytes()


def test_a_large_array_is_written_in_pieces(tmp_path):
    array = memmap.memmap(tmp_path / "data", "<u4", "w+", shape=(3, 5 << 20))
    array[:] = np.arange(15 << 20, dtype="<u4").reshape(3, -1)
    sizes = []

    class Target:
        def write(self, data):
            sizes.append(len(data))
            # No call takes all.
            digest.update(bytes(data[: 3 << 20]))
            return min(len(data), 3 << 20)

    import hashlib

    for source in (array, array[::-1], array[:, ::3], array.reshape(-1)):
        digest = hashlib.sha256()
        sizes.clear()
        source.tofile(Target())
        assert digest.digest() == hashlib.sha256(np.ascontiguousarray(source)).digest()
        assert max(sizes) <= 9 << 20


def test_np_save_and_dump(array, tmp_path):
    for source in (array, array.T, array[::2], array[4]):
        for target in (tmp_path / "saved.npy", io.BytesIO()):
            np.save(target, source)
            target = io.BytesIO(target.read_bytes()) if hasattr(target, "read_bytes") else target
            target.seek(0)
            assert np.array_equal(np.load(target), source)
        source.dump(tmp_path / "dumped")
        assert np.array_equal(np.load(tmp_path / "dumped", allow_pickle=True), source)
        assert np.array_equal(pickle.loads(source.dumps()), source)


@pytest.mark.parametrize("whole", [True, False])
def test_flush_is_of_this_array_through_any_base(array, whole, monkeypatch):
    asked = []

    class Exporter:
        def flush(self, offset, size):
            asked.append((offset, size))

    monkeypatch.setattr(array._mmap, "exporter", Exporter())
    if whole:
        array.flush()
        array.T.flush()
        array[::-1].flush()
        assert asked == [(0, 4800)] * 3
    else:
        part = array[2:][3:5, 10:20]
        part.flush()
        assert asked == [((5 * 40 + 10) * 4, (40 + 10) * 4)]
        asked.clear()
        array[7, 3:4].view("u1").flush()
        assert asked == [((7 * 40 + 3) * 4, 4)]


def test_flush_writes_nothing_in_modes_that_do_not_write(array, tmp_path):
    array.flush()
    for mode in ("r", "c"):
        other = memmap.memmap(tmp_path / "data", ">f4", mode)
        if mode == "c":
            other[0] = 5
        other.flush()
    assert (tmp_path / "data").read_bytes() == array.tobytes()
