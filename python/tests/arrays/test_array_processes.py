"""Arrays on their way to other processes."""

import copy
import multiprocessing
import os
import pickle
import sys
from multiprocessing.reduction import ForkingPickler

import numpy as np
import pytest

import memmap

METHODS = multiprocessing.get_all_start_methods()


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "data"
    path.write_bytes(np.arange(1200, dtype=">f4").tobytes())
    return path


def sent(array):
    data = bytes(ForkingPickler.dumps(array))
    return data, pickle.loads(data)


PARTS = {
    "whole": np.s_[...],
    "rows": np.s_[3:7],
    "columns": np.s_[:, 3:9],
    "steps": np.s_[::-2, ::3],
    "element": np.s_[4:5, 6:7],
    "no dimension": np.s_[4, 5, ...],
}


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS)
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("mode", ["r", "r+"])
def test_a_place_is_sent_and_not_the_bytes(path, mode, order, part):
    whole = memmap.memmap(path, ">f4", mode, 8, (20, 50), order)
    array = whole[part]
    data, other = sent(array)
    assert len(data) < 700
    assert type(other) is memmap.memmap and other.mode == "r" and not other.flags.writeable
    assert other.dtype == array.dtype and other.strides == array.strides
    assert np.array_equal(other, array) and other.filename == str(path)
    # It can be sent on, and its slices lie where they lie.
    assert np.array_equal(sent(sent(other)[1])[1], array)
    if array.ndim:
        assert np.array_equal(sent(other[..., :1])[1], array[..., :1])


def test_fields_are_sent_with_the_dtype_itself(tmp_path):
    dtype = np.dtype({"names": ["a", "b"], "formats": ["<i4", (">f8", (2,))], "offsets": [4, 16], "itemsize": 40})
    array = memmap.memmap(tmp_path / "data", dtype, "w+", shape=5)
    array["a"] = range(5)
    data, other = sent(array)
    assert other.dtype == dtype and list(other["a"]) == [0, 1, 2, 3, 4]
    assert list(sent(array["a"])[1]) == [0, 1, 2, 3, 4]


def test_the_other_side_has_shared_pages(path):
    array = memmap.memmap(path, ">f4", "r+")
    _, other = sent(array)
    array[5] = 1234
    assert other[5] == 1234
    with pytest.raises(ValueError, match="read-only"):
        other[5] = 1


def test_a_writer_may_go_on_writing(path):
    array = memmap.memmap(path, ">f4", "r+")
    data = bytes(ForkingPickler.dumps(array))
    array[7] = 77
    array.flush()
    os.utime(path, ns=(1, 1))
    assert pickle.loads(data)[7] == 77


@pytest.mark.parametrize("mode", ["r", "r+"])
def test_another_file_is_an_error(path, mode):
    array = memmap.memmap(path, ">f4", mode)
    data = bytes(ForkingPickler.dumps(array))
    other = path.with_name("other")
    other.write_bytes(bytes(4800))
    os.replace(other, path)
    with pytest.raises(memmap.ReplacedError) as caught:
        pickle.loads(data).sum()
    assert caught.value.filename == str(path) and caught.value.kind == "replaced"
    again = pickle.loads(pickle.dumps(caught.value))
    assert type(again) is memmap.ReplacedError and again.filename == str(path)
    assert str(again) == str(caught.value) and copy.copy(caught.value).kind == "replaced"


def test_another_state_of_a_file_that_is_only_read_is_an_error(path):
    array = memmap.memmap(path, ">f4", "r")
    data = bytes(ForkingPickler.dumps(array))
    with open(path, "ab") as file:
        file.write(b"more")
    with pytest.raises(memmap.ReplacedError, match="size 4800 became 4804"):
        pickle.loads(data)[0]
    assert np.array_equal(sent(array)[1], array)


def test_a_file_that_is_gone_is_an_error(path):
    data = bytes(ForkingPickler.dumps(memmap.memmap(path, ">f4", "r")))
    path.unlink()
    stand_in = pickle.loads(data)
    assert "No such file" in repr(stand_in)
    for use in (len, iter, bool, np.sum, np.asarray, np.add.reduce, str.__add__, lambda a: a + 1, lambda a: 1 + a,
                lambda a: a.shape, lambda a: a[0], lambda a: np.concatenate([a, a]), lambda a: a == 1):
        with pytest.raises(TypeError if use is str.__add__ else FileNotFoundError):
            use(stand_in)
    with pytest.raises(FileNotFoundError):
        pickle.loads(pickle.dumps(stand_in)).sum()


def test_what_no_file_has_is_sent_by_value(path):
    edited = memmap.memmap(path, ">f4", "c")
    edited[3] = 33
    gone = memmap.memmap(path, ">f4", "r")
    other = path.with_name("other")
    other.write_bytes(bytes(4800))
    os.replace(other, path)
    for array in (edited, gone, edited.copy(), gone[5:9], memmap.memmap(path, shape=0, mode="r")):
        data, copied = sent(array)
        assert np.array_equal(copied, array) and copied.filename is None
    path.unlink()
    assert np.array_equal(sent(gone)[1], gone)
    import tempfile

    with tempfile.TemporaryFile() as file:
        nameless = memmap.memmap(file, shape=5)
        nameless[:] = 3
        assert list(sent(nameless)[1]) == [3] * 5


def test_relative_names_are_sent_as_absolute_ones(path, monkeypatch):
    monkeypatch.chdir(path.parent)
    data = bytes(ForkingPickler.dumps(memmap.memmap("data", ">f4", "r")))
    monkeypatch.chdir("/")
    assert pickle.loads(data)[5] == 5


@pytest.mark.parametrize("method", METHODS)
def test_pools(scene, method, path):
    scene(
        """
        import multiprocessing
        import process_work
        if __name__ == "__main__":
            array = memmap.memmap(sys.argv[2], ">f4", "r+", shape=(30, 40))
            context = multiprocessing.get_context(sys.argv[1])
            with context.Pool(2) as pool:
                results = pool.map_async(process_work.described, [array[3:5, ::10], array[7]]).get(60)
            for result, part in zip(results, (array[3:5, ::10], array[7])):
                assert result[:3] == ("memmap.memmap", sys.argv[2], "r") and not result[6], result
                assert result[7] == part.tolist()
            queue = context.SimpleQueue()
            process = context.Process(target=queue.put, args=(array,))
            process.start()
            assert queue.get().sum() == array.sum()
            process.join(60)
            assert process.exitcode == 0
        """,
        method,
        path,
    )


@pytest.mark.parametrize("kind", ["pool", "executor"])
def test_pools_pass_errors_on(scene, kind):
    """Neither hangs nor breaks when the file of an argument is cut or replaced."""
    scene(
        """
        import concurrent.futures, multiprocessing
        import process_work
        context = multiprocessing.get_context("spawn")
        def run(pool, function, array):
            if sys.argv[1] == "pool":
                return pool.apply_async(function, (array,)).get(60)
            return pool.submit(function, array).result(60)
        if __name__ == "__main__":
            path = made(65536)
            array = memmap.memmap(path, mode="r")
            pool = context.Pool(1) if sys.argv[1] == "pool" else concurrent.futures.ProcessPoolExecutor(1, context)
            with pool:
                assert run(pool, process_work.total, array) == 65536
                os.truncate(path, 100)
                assert run(pool, process_work.total, array[:100]) == 100
                assert issubclass(error_of(run, pool, process_work.octets, array[:200]), memmap.MapError)
                handle = process_work.Sent(array[:50])
                with open(path + "2", "wb") as file:
                    file.write(b"2" * 65536)
                os.replace(path + "2", path)
                assert error_of(run, pool, process_work.total_of_sent, handle) is memmap.ReplacedError
                assert run(pool, process_work.total, array[:50]) == 50
        """,
        kind,
    )


def test_joblib_sends_the_place(scene, path):
    pytest.importorskip("joblib", reason="joblib is not installed")
    out = scene(
        """
        import joblib, process_work
        if __name__ == "__main__":
            size = 8 << 20
            path = made(size)
            array = memmap.memmap(path, mode="r")
            folder = tempfile.mkdtemp()
            with joblib.Parallel(2, temp_folder=folder, max_nbytes="1M") as parallel:
                result, = parallel([joblib.delayed(process_work.described)(array)])
                assert result[:3] == ("memmap.memmap", path, "r"), result
                assert parallel([joblib.delayed(process_work.total)(array[::2])]) == [size // 2]
                copies = [name for _, _, names in os.walk(folder) for name in names]
                assert copies == [], copies
                os.truncate(path, 4096)
                whole, lossy = array[:4096], array[4096:8192]
                assert parallel([joblib.delayed(process_work.total)(whole)]) == [4096]
                call = joblib.delayed(process_work.octets)(array[:8192])
                assert issubclass(error_of(parallel, [call]), memmap.MapError)
            print("done")
        """,
        timeout=240,
    )
    assert out.split()[-1] == "done"


def test_joblib_is_not_imported_for_it(scene):
    scene(
        """
        memmap.memmap(made(100), mode="r")
        for name in ("joblib", "dask", "distributed", "loky"):
            assert name not in sys.modules, name
        """
    )


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_fork_while_arrays_are_made(scene):
    scene(
        """
        import threading
        path = made(100)
        memmap.memmap(path, mode="r")
        stop = threading.Event()
        def make():
            while not stop.is_set():
                memmap.memmap(path + "w", "u1", "w+", shape=100)
        threads = [threading.Thread(target=make) for _ in range(2)]
        for thread in threads:
            thread.start()
        for _ in range(50):
            child = os.fork()
            if child == 0:
                array = memmap.memmap(path + str(os.getpid()), "u1", "w+", shape=5)
                os._exit(int(array.sum()))
            assert os.waitpid(child, 0)[1] == 0
        stop.set()
        for thread in threads:
            thread.join()
        """
    )


if sys.platform == "win32":
    pytestmark = pytest.mark.skip(reason="files are replaced and cut under maps, which Windows does not allow")
