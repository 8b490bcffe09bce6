"""Arrays whose bytes stay what they were when they were first touched."""

import os
import sys

import numpy as np
import pytest

import memmap

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="bytes freeze at first touch on Linux")


def test_what_was_touched_stays(tmp_path):
    path = tmp_path / "data"
    path.write_bytes(np.arange(1 << 20, dtype="<u4").tobytes())
    array = memmap.memmap(path, "<u4", "r", 16, (1000, 100), "F", frozen=True)
    assert array[3, 4] == 4 + 3 + 4 * 1000 and not array.flags.writeable
    assert array.filename == path and array.offset == 16 and array.mode == "r"
    total = array.sum()
    path.write_bytes(bytes(4 << 20))
    assert array[3, 4] == 4 + 3 + 4 * 1000 and array.sum() == total
    assert type(array[3:7]) is memmap.memmap and type(array + 1) is np.ndarray
    array.flush()
    with pytest.raises(ValueError):
        array[0, 0] = 1


@pytest.mark.parametrize("way", ["tofile", "save", "tobytes", "pickle", "strides", "dump"])
def test_pages_that_nobody_touched_are_written_whole(scene, way):
    """A raw write of memory that only a handler can bring is short, and says no error."""
    scene(
        """
        import pickle
        size = 64 << 20
        path = os.path.join(tempfile.mkdtemp(), "data")
        expected = np.random.default_rng(1).integers(0, 256, size, "u1")
        expected.tofile(path)
        target = path + "2"
        array = memmap.memmap(path, mode="r", frozen=True)
        way = sys.argv[1]
        if way == "tofile":
            with open(target, "wb", 0) as file:
                array.tofile(file)
            found = np.fromfile(target, "u1")
        elif way == "save":
            with open(target, "wb") as file:
                np.save(file, array)
            found = np.load(target)
        elif way == "tobytes":
            found = np.frombuffer(array.tobytes(), "u1")
        elif way == "pickle":
            with open(target, "wb", 0) as file:
                pickle.dump(array, file, 5)
            with open(target, "rb") as file:
                found = pickle.load(file)
        elif way == "strides":
            found, expected = np.frombuffer(array[::-4096].tobytes(), "u1"), expected[::-4096]
        else:
            array.dump(target)
            with open(target, "rb") as file:
                found = pickle.load(file)
        assert np.array_equal(found, expected)
        """,
        way,
    )


def test_a_forked_child_gets_an_error_before_it_touches(scene):
    scene(
        """
        import multiprocessing, pickle
        path = made(64 << 20)
        array = memmap.memmap(path, mode="r", frozen=True)
        array[5]
        def first(index):
            try:
                return int(array[index])
            except memmap.MapError as error:
                return type(error).__name__
        with multiprocessing.get_context("fork").Pool(2) as pool:
            results = pool.map_async(first, [0, 5, 1 << 20, 60 << 20]).get(60)
        assert set(results) <= {1, "MapError"}, results
        with multiprocessing.get_context("fork").Pool(1) as pool:
            assert pool.apply_async(np.sum, (array[1 << 20 : 3 << 20],)).get(60) == 2 << 20
        child = os.fork()
        if child == 0:
            for call in (array.tobytes, lambda: pickle.dumps(array), lambda: array.tofile(path + "2")):
                try:
                    call()
                except memmap.MapError:
                    pass
            again = memmap.memmap(path, mode="r", frozen=True)
            os._exit(0 if again[60 << 20] == 1 else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert array.sum() == 64 << 20
        """
    )


def test_another_process_freezes_the_same_file_or_raises(tmp_path):
    import pickle
    from multiprocessing.reduction import ForkingPickler

    path = tmp_path / "data"
    path.write_bytes(b"\1" * 8192)
    array = memmap.memmap(path, mode="r", frozen=True)
    data = bytes(ForkingPickler.dumps(array[100:200]))
    other = pickle.loads(data)
    assert other._mmap.is_frozen and other.sum() == 100 and len(data) < 700
    os.utime(path, ns=(1, 1))
    with pytest.raises(memmap.ReplacedError):
        pickle.loads(data).sum()
    # From now on it is sent by value: the file may have other bytes.
    again = pickle.loads(bytes(ForkingPickler.dumps(array)))
    assert again.filename is None and again.sum() == 8192
