"""The rules of numpy.memmap, kept by our class."""

import os
import pathlib
import tempfile
import threading

import numpy as np
import pytest

import memmap

MODES = {"readonly": "r", "copyonwrite": "c", "readwrite": "r+", "write": "w+"}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "data"
    path.write_bytes(bytes(range(64)))
    return path


@pytest.mark.parametrize("mode", [*MODES, *MODES.values()])
def test_modes_have_two_words(path, mode):
    array = memmap.memmap(path, mode=mode, shape=8)
    assert array.mode == MODES.get(mode, mode)
    assert array.flags.writeable == (array.mode != "r")


@pytest.mark.parametrize("mode", ["a", "rw", "", None, 3, ["r"]])
def test_another_mode_is_refused_with_those_that_there_are(path, mode):
    with pytest.raises(ValueError, match="mode must be one of .*copyonwrite.*got"):
        memmap.memmap(path, mode=mode)


def test_the_default_is_bytes_in_mode_r_plus(path):
    array = memmap.memmap(path)
    assert array.dtype == np.uint8 and array.mode == "r+" and array.shape == (64,)
    array[3] = 200
    array.flush()
    assert path.read_bytes()[3] == 200


def test_mode_r_is_not_written(path):
    array = memmap.memmap(path, mode="r")
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1
    with pytest.raises(ValueError):
        array.flags.writeable = True


def test_mode_c_keeps_edits_from_the_file(path):
    path.chmod(0o444)
    array = memmap.memmap(path, mode="c")
    array[0] = 99
    array.flush()
    assert array[0] == 99 and path.read_bytes()[0] == 0


def test_mode_w_plus_makes_and_overwrites(path):
    array = memmap.memmap(path, "u2", "w+", shape=(2, 3))
    assert path.read_bytes() == bytes(12)
    array[:] = 258
    array.flush()
    assert path.read_bytes() == np.full(6, 258, "u2").tobytes()


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({}, ValueError),
        ({"shape": (2**40, 2**40)}, ValueError),
        ({"shape": -1}, ValueError),
        ({"shape": (2, -3)}, ValueError),
        ({"shape": 2.5}, TypeError),
        ({"shape": (1, 2.5)}, TypeError),
        ({"shape": 3, "offset": -1}, ValueError),
        ({"shape": 3, "offset": 1.5}, TypeError),
        ({"shape": 3, "dtype": object}, ValueError),
        ({"shape": 3, "dtype": "no such"}, TypeError),
        ({"shape": 3, "order": "X"}, (ValueError, TypeError)),
    ],
)
def test_what_cannot_be_does_not_cost_the_file(path, arguments, error):
    before = path.read_bytes()
    with pytest.raises(error):
        memmap.memmap(path, mode="w+", **arguments)
    assert path.read_bytes() == before


@pytest.mark.parametrize("shape", [5, np.int64(5), (5,), [5], (1, 5), np.array([5, 1]), ()])
def test_shapes(path, shape):
    array = memmap.memmap(path, "u1", "r", shape=shape)
    assert array.shape == ((5,) if isinstance(shape, (int, np.integer)) else tuple(shape))


def test_without_a_shape_all_there_is(path):
    assert memmap.memmap(path, "<u4", "r").shape == (16,)
    assert memmap.memmap(path, "<u4", "r", offset=4)[0] == 0x07060504
    assert memmap.memmap(path, "(2,2)u1", "r").shape == (16, 2, 2)
    assert memmap.memmap(path, "u1", "r", offset=64).shape == (0,)
    with pytest.raises(ValueError, match="multiple of the data-type size"):
        memmap.memmap(path, "<u4", "r", offset=1)
    with pytest.raises(ValueError, match="after the end"):
        memmap.memmap(path, "u1", "r", offset=65)
    with pytest.raises(ValueError, match="shape must be given"):
        memmap.memmap(path, "V0", "r")


@pytest.mark.parametrize("mode", ["r", "c"])
def test_a_file_that_is_too_short_stays_so(path, mode):
    with pytest.raises(ValueError, match="needs 70 bytes, and the file has 64"):
        memmap.memmap(path, mode=mode, shape=70)
    assert path.stat().st_size == 64


def test_mode_r_plus_makes_a_file_longer_never_shorter(path):
    memmap.memmap(path, mode="r+", offset=60, shape=40)[-1] = 5
    assert path.stat().st_size == 100 and path.read_bytes()[99] == 5
    memmap.memmap(path, mode="r+", shape=10)
    assert path.stat().st_size == 100


@pytest.mark.parametrize("order", ["C", "F"])
def test_order_and_offset(path, order):
    array = memmap.memmap(path, ">u2", "r", 3, (3, 4), order)
    expected = np.ndarray((3, 4), ">u2", path.read_bytes(), 3, order=order)
    assert np.array_equal(array, expected) and array.strides == expected.strides
    assert array.offset == 3 and array[1:].offset == 3


@pytest.mark.parametrize("offset", [0, 1, 4095, 4096, 8192, 65536])
@pytest.mark.parametrize("mode", ["r", "c", "r+", "w+"])
@pytest.mark.parametrize("shape", [0, (0, 4), (3, 0)])
def test_empty_arrays_at_any_offset(tmp_path, offset, mode, shape):
    path = tmp_path / "data"
    path.write_bytes(bytes(65537))
    if mode == "w+" and offset == 0 and tuple(map(int, np.__version__.split(".")[:2])) < (2, 2):
        # As numpy had it then: its own tests ask for the error.
        with pytest.raises(ValueError, match="empty file"):
            memmap.memmap(path, "f8", mode, offset, shape)
        return
    array = memmap.memmap(path, "f8", mode, offset, shape)
    assert array.size == 0 and array.offset == offset and array.mode == mode
    array.flush()
    array.check()
    assert array.lost() == [] and array.tobytes() == b""


def test_names_of_files(path, monkeypatch):
    assert memmap.memmap(path, mode="r").filename == path
    assert isinstance(memmap.memmap(path, mode="r").filename, pathlib.Path)
    assert memmap.memmap(str(path), mode="r").filename == str(path)
    assert memmap.memmap(os.fsencode(path), mode="r").filename == str(path)
    monkeypatch.chdir(path.parent)
    assert memmap.memmap("data", mode="r").filename == str(path)
    with open(path, "rb") as file:
        assert memmap.memmap(file, mode="r").filename == str(path)
    with tempfile.TemporaryFile() as file:
        assert memmap.memmap(file, shape=3).filename is None
    for other in (3, True, None, 1.5):
        with pytest.raises(TypeError):
            memmap.memmap(other, mode="r")


def test_a_file_object_is_flushed_and_keeps_its_position(path):
    with open(path, "r+b") as file:
        file.write(b"new")
        array = memmap.memmap(file, mode="r")
        assert bytes(array[:4]) == b"new\x03"
        assert file.tell() == 3
    assert array[0] == ord("n")
    with pytest.raises(ValueError):
        memmap.memmap(file, mode="r")


def test_a_file_object_is_not_used_for_more_than_it_was_opened_for(path):
    before = path.read_bytes()
    with open(path, "rb") as file:
        with pytest.raises(PermissionError):
            memmap.memmap(file, mode="r+")
        with pytest.raises(PermissionError):
            memmap.memmap(file, mode="r+", shape=100)
        memmap.memmap(file, mode="c")[0] = 9
    with open(path, "ab") as file, pytest.raises(PermissionError):
        memmap.memmap(file, mode="r")
    assert path.read_bytes() == before


def test_missing_files_and_folders(tmp_path):
    for mode in ("r", "r+", "c"):
        with pytest.raises(FileNotFoundError):
            memmap.memmap(tmp_path / "none", mode=mode)
    with pytest.raises(IsADirectoryError):
        memmap.memmap(tmp_path, mode="r")


NESTED = [
    object,
    "O",
    [("a", "i4"), ("b", "O")],
    [("a", [("b", [("c", "O", (2,))])])],
    np.dtype((object, (2, 2))),
]


@pytest.mark.parametrize("dtype", NESTED, ids=str)
def test_bytes_are_never_taken_for_objects(tmp_path, dtype):
    path = tmp_path / "data"
    path.write_bytes(b"\1" * 8192)
    for mode in ("r", "r+", "c", "w+"):
        with pytest.raises(ValueError, match="Python objects"):
            memmap.memmap(path, dtype, mode, shape=8)
    assert path.read_bytes() == b"\1" * 8192
    array = memmap.memmap(path, "u1", "r+")
    with pytest.raises(TypeError):
        array.view(dtype)
    with pytest.raises(TypeError):
        array.dtype = dtype


def test_it_is_an_array_and_not_numpys_class(path):
    array = memmap.memmap(path, mode="r")
    assert isinstance(array, np.ndarray) and not isinstance(array, np.memmap)
    assert type(array).__module__ == "memmap" and type(array).__qualname__ == "memmap"


def test_slices_are_maps_and_copies_are_not(path):
    array = memmap.memmap(path, "u1", "r+", shape=(8, 8))
    for part in (array[2:4], array.T, array[::-1, ::2], array[3], array.reshape(-1), array.view("u2")):
        assert type(part) is memmap.memmap and part._mmap is array._mmap
        assert part.filename == path and part.mode == "r+" and part.offset == 0
        part.check()
    for copy in (array.copy(), array.take([1, 2]), array.astype("f4"), array[::2].copy()):
        assert getattr(copy, "_mmap", None) is None
        with pytest.raises(ValueError, match="map"):
            memmap.check(copy)
        with pytest.raises(ValueError, match="map"):
            memmap.lost(copy)
    assert type(array[[0, 1]]) is np.ndarray and type(array + 1) is np.ndarray
    with pytest.raises(ValueError, match="map"):
        array.copy().check()
    assert array.copy().filename is None


def test_the_map_answers_to_the_names_of_mmap(path):
    import mmap

    array = memmap.memmap(path, "u1", "r+", offset=4, shape=20)
    pages = array._mmap
    assert len(pages) == 20 and pages.size() == 64
    array[0] = 77
    pages.flush()
    assert path.read_bytes()[4] == 77
    pages.madvise(mmap.MADV_NORMAL)
    with pytest.raises(ValueError):
        pages.madvise(-5)


def test_pages_live_as_long_as_an_array(path):
    array = memmap.memmap(path, "u1", "r+")
    part = np.asarray(array)[5:8]
    array._mmap.close()
    array._mmap.close()
    assert array._mmap.closed
    assert array[5] == 5 and array.tobytes() == bytes(range(64)) and array.sum() == sum(range(64))
    array[6] = 60
    array.flush()
    del array
    assert list(part) == [5, 60, 7] and path.read_bytes()[6] == 60


def test_threads_that_make_one_file(tmp_path):
    path = tmp_path / "data"
    ends = []
    start = threading.Barrier(4)

    def make(number):
        start.wait()
        try:
            for _ in range(50):
                array = memmap.memmap(path, "u1", "w+", shape=(5000 + number,))
                assert array.shape == (5000 + number,)
                del array
            ends.append(None)
        except Exception as error:
            ends.append(error)

    threads = [threading.Thread(target=make, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ends == [None] * 4


def test_threads_that_grow_one_file_object():
    with tempfile.TemporaryFile() as file:
        ends = []

        def grow(number):
            array = memmap.memmap(file, "u1", "w+", number * 5000, (5000,))
            array[:] = number + 1
            array.flush()
            ends.append(number)

        threads = [threading.Thread(target=grow, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(ends) == 8
        file.seek(0)
        assert file.read() == b"".join(bytes([number + 1]) * 5000 for number in range(8))


def test_frozen_needs_mode_r_and_a_path(path):
    with pytest.raises(ValueError, match="mode='r'"):
        memmap.memmap(path, frozen=True)
    with open(path, "rb") as file, pytest.raises(ValueError, match="path"):
        memmap.memmap(file, mode="r", frozen=True)


def test_it_does_not_use_numpys_class(path, monkeypatch):
    def refused(*arguments, **names):
        raise AssertionError("numpy.memmap was used")

    monkeypatch.setattr(np, "memmap", refused)
    for mode in ("r", "r+", "c", "w+"):
        memmap.memmap(path, mode=mode, shape=8).sum()


def test_the_names_are_those_of_the_package():
    import memmap as package

    for name in ("memmap", "open_npy", "open_memmap", "load_npz_member"):
        assert name in dir(package) and getattr(package, name).__module__ == "memmap"
    with pytest.raises(AttributeError, match="no_such"):
        package.no_such


def test_the_usual_call_and_its_other_spellings_are_one(path):
    """A text, an int and a tuple go another way than what only stands for them."""
    os.truncate(path, 60)
    for mode in ("r", "r+", "c"):
        for offset, shape in [(0, None), (4, None), (4, (2, 3)), (8, (1,)), (4, ()), (60, (0,)), (59, (2,)), (2, None)]:
            results = []
            for usual in (True, False):
                os.truncate(path, 60)
                try:
                    if usual:
                        array = memmap.memmap(str(path), "<u4", mode, offset, shape)
                    else:
                        length = list(shape) if shape is not None else None
                        array = memmap.memmap(os.fsencode(path), "<u4", mode, np.int64(offset), length)
                    pages = array._mmap
                    results.append((array.tolist(), array.shape, array.offset, array.mode, array.filename, len(pages)))
                    assert (pages.stat.st_ino, pages.stat.st_dev) == (path.stat().st_ino, path.stat().st_dev)
                except ValueError as error:
                    results.append(str(error))
                results.append(path.stat().st_size)
            assert results[: len(results) // 2] == results[len(results) // 2 :], (mode, offset, shape)
    for name in ("/tmp/../tmp//x", "/tmp/./x", "relative", "/tmp/"):
        with pytest.raises(OSError):
            memmap.memmap(name + "-nobody-made-this", mode="r")
    there = f"{path.parent}/../{path.parent.name}//./{path.name}"
    assert memmap.memmap(there, mode="r").filename == os.path.abspath(there)
    for refused, mode, word in [("O", "r", "Python objects"), ("u1", "r", "negative"), ("V0", "r", "shape")]:
        with pytest.raises(ValueError, match=word):
            memmap.memmap(str(path), refused, mode, -1 if word == "negative" else 0)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
@pytest.mark.parametrize("mode", ["r", "r+", "c"])
def test_a_pipe_is_refused_and_not_waited_for(scene, mode):
    out = scene(
        f"""
        path = made(1) + ".pipe"
        os.mkfifo(path)
        for name in (path, os.fsencode(path)):
            for make in (memmap.memmap, memmap.open_npy):
                try: make(name, mode={mode!r})
                except memmap.MapError as error: print(error.kind, error.filename == path)
        """,
        timeout=20,
    )
    assert out.strip().splitlines() == ["not_mappable True"] * 4


def test_a_handler_that_came_in_between_is_pushed_back_by_the_usual_call(scene):
    out = scene(
        """
        import signal
        memmap.memmap(made(65536), mode="r")
        signal.signal(signal.SIGBUS, signal.SIG_DFL)
        path = made(65536)
        array = memmap.memmap(path, mode="r")
        os.truncate(path, 0)
        print(int(array.sum()), memmap.guard_status(), [why for *_, why in array.lost()])
        """
    )
    assert out.strip() == "0 active ['truncated']"
