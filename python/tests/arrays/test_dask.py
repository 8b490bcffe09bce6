"""Dask arrays over files: what a worker gets, and what it says."""

import os
import pickle
import sys

import numpy as np
import pytest

import memmap

pytest.importorskip("dask.array", reason="dask is not installed")
import dask.array as da  # noqa: E402

import memmap.dask  # noqa: E402
from memmap._identity import Identity  # noqa: E402
from memmap._open_maps import OpenMaps  # noqa: E402


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "data"
    np.arange(2000, dtype="<i8").tofile(path)
    return str(path)


@pytest.fixture(autouse=True)
def nothing_open():
    memmap.dask._maps.clear()
    yield
    memmap.dask._maps.clear()


INDICES = [np.s_[3], np.s_[3, 4], np.s_[...], np.s_[::-2, 3:7], np.s_[None, :, ::7], np.s_[3, 4, ...], np.s_[-1, -1]]
INDICES += [np.s_[5:5], np.s_[:, None, 3], np.s_[()], np.s_[np.int64(2), 1:], np.s_[100:, 2]]


@pytest.mark.parametrize("index", INDICES, ids=str)
@pytest.mark.parametrize("order", ["C", "F"])
def test_a_handle_is_indexed_as_an_array(path, index, order):
    handle = memmap.dask.FileArray(path, "<i8", (40, 49), 8, order)
    array = np.ndarray((40, 49), "<i8", np.fromfile(path, "u1"), 8, order=order)
    ours, theirs = handle[index], array[index]
    assert type(ours) is type(theirs) and np.shape(ours) == np.shape(theirs)
    assert np.array_equal(ours, theirs)
    assert handle.ndim == 2 and handle.size == 1960 and handle.nbytes == 15680 and len(handle) == 40


def test_other_indices_are_refused(path):
    handle = memmap.dask.FileArray(path, "<i8", (40, 50))
    for index in ([1, 2], np.array([1]), True, "a", 1.5, (0, [1])):
        with pytest.raises(IndexError):
            handle[index]
    for index in (40, (0, 50), (0, 0, 0)):
        with pytest.raises(IndexError):
            handle[index]


def test_what_cannot_be_is_refused(path):
    for dtype in (object, [("a", "O")]):
        with pytest.raises(ValueError, match="Python objects"):
            memmap.dask.from_file(path, dtype, (3,))
    with pytest.raises(ValueError, match="needs 16008 bytes"):
        memmap.dask.from_file(path, "<i8", (2001,))
    with pytest.raises(FileNotFoundError):
        memmap.dask.from_file(path + "x", "<i8")
    assert memmap.dask.from_file(path, "<i8").shape == (2000,)


def test_chunks_are_what_the_file_has(path):
    array = memmap.dask.from_file(path, "<i8", (40, 50), chunks=(7, 13))
    expected = np.arange(2000).reshape(40, 50)
    assert np.array_equal(array.compute(), expected)
    assert np.array_equal(array[3:30:2, ::-1].compute(), expected[3:30:2, ::-1])
    assert np.array_equal(array[[1, 5, 2]].compute(), expected[[1, 5, 2]])
    assert (array.T @ array).sum().compute() == (expected.T @ expected).sum()
    assert np.array_equal(da.from_array(memmap.dask.FileArray(path, "<i8", (40, 50)), chunks=10), expected)


def test_npy_files(tmp_path):
    for array in (np.arange(24.0).reshape(2, 3, 4), np.asfortranarray(np.arange(6, dtype=">i2").reshape(2, 3))):
        np.save(tmp_path / "a.npy", array)
        lazy = memmap.dask.from_npy(tmp_path / "a.npy", chunks=2)
        assert lazy.dtype == array.dtype and np.array_equal(lazy.compute(), array)


def test_tokens_name_place_form_and_identity(path):
    def name(*arguments, **names):
        return memmap.dask.from_file(path, *arguments, chunks=500, **names).name

    names = [
        name("<i8", (1000,)),
        name("<i8", (1000,), offset=8000),
        name(">i8", (1000,)),
        name([("a", "<i4"), ("b", "<i4")], (1000,)),
        name([("a", "<i4"), ("c", "<i4")], (1000,)),
        name("<i8", (10, 100)),
        name("<i8", (10, 100), order="F"),
        name("<i8", (1000,), identity="version 1"),
        name("<i8", (1000,), identity="version 2"),
    ]
    assert len(set(names)) == len(names)
    assert name("<i8", (1000,)) == names[0] and name("<i8", (1000,), identity="version 2") == names[-1]
    x = memmap.dask.from_file(path, "<i8", (1000,), chunks=500)
    y = memmap.dask.from_file(path, "<i8", (1000,), chunks=500, offset=8000)
    assert (y - x).compute().tolist() == [1000] * 1000
    os.utime(path, ns=(1, 1))
    assert name("<i8", (1000,)) != names[0]


@pytest.mark.parametrize("writer", [memmap.memmap, np.memmap], ids=["ours", "numpy's"])
def test_a_file_that_is_mapped_for_writing_has_no_name_twice(path, writer):
    if writer is np.memmap and sys.platform != "linux":
        pytest.skip("maps of others are known on Linux alone")

    def name():
        return memmap.dask.from_file(path, "<i8", (1000,)).name

    before = name()
    writable = writer(path, "<i8", "r+")
    names = {before, name(), name()}
    writable[0] = 5
    names.add(name())
    assert len(names) == 4
    part = writable[3:5]
    del writable
    assert name() != name()
    del part
    assert name() == name()


def test_tokens_of_arrays_read_nothing_in_mode_r(path, monkeypatch):
    from dask.base import tokenize

    array = memmap.memmap(path, "<i8", "r")
    tokens = {tokenize(part) for part in (array, array[1:], array[::2], array.view("u8"), array.reshape(40, 50))}
    assert len(tokens) == 5 and tokenize(memmap.memmap(path, "<i8", "r")) in tokens
    writable = memmap.memmap(path, "<i8", "r+")
    first = tokenize(array), tokenize(writable)
    assert first[0] not in tokens
    writable[0] = 9
    assert first[0] != tokenize(array) and first[1] != tokenize(writable)
    edited = memmap.memmap(path, "<i8", "c")
    first = tokenize(edited)
    edited[1] = 9
    assert first != tokenize(edited)


def test_a_cut_is_an_error_at_the_byte(path):
    array = memmap.dask.from_file(path, "<i8", (2000,), chunks=500)
    assert array[:10].compute().tolist() == list(range(10))
    os.truncate(path, 4100)
    with pytest.raises(memmap.TruncatedError):
        array[1000:].compute(scheduler="synchronous")
    with pytest.raises(memmap.ReplacedError):
        array[:10].compute(scheduler="synchronous")
    assert len(memmap.dask._maps) == 0


def test_another_state_is_an_error_also_when_the_map_is_open(path):
    array = memmap.dask.from_file(path, "<i8", (2000,), chunks=500)
    assert array[:10].compute().tolist() == list(range(10)) and len(memmap.dask._maps) == 1
    os.utime(path, ns=(5, 5))
    with pytest.raises(memmap.ReplacedError, match="time of modification"):
        array[:10].compute()
    array = memmap.dask.from_file(path, "<i8", (2000,), chunks=500)
    array[:10].compute()
    np.zeros(2000, "<i8").tofile(path + "2")
    os.replace(path + "2", path)
    with pytest.raises(memmap.ReplacedError):
        array[:10].compute()
    os.unlink(path)
    with pytest.raises(FileNotFoundError):
        array[:10].compute()


def test_ones_own_identity_stands_over_the_files(path, tmp_path):
    array = memmap.dask.from_file(path, "<i8", (2000,), chunks=500, identity="etag")
    os.utime(path, ns=(5, 5))
    assert array[:10].compute().tolist() == list(range(10))
    # While a map is open, a worker still sees that its file changes.
    os.utime(path, ns=(6, 6))
    with pytest.raises(memmap.ReplacedError):
        array[:10].compute()


def test_an_identity_has_no_number_of_a_device(path):
    stat = os.stat(path)
    one = Identity.of(stat)
    other = Identity.of(os.stat_result([value if index != 2 else 77 for index, value in enumerate(stat)]))
    assert one.inode == other.inode == stat.st_ino and one.size == other.size
    assert "st_dev" not in Identity._fields and len(Identity._fields) == 4


def test_what_is_sent_is_small_and_absolute(path, monkeypatch):
    monkeypatch.chdir(os.path.dirname(path))
    handle = memmap.dask.FileArray("data", "<i8")
    data = pickle.dumps(handle)
    assert len(data) < 400
    monkeypatch.chdir("/")
    assert pickle.loads(data)[1999] == 1999


def test_few_maps_stay_open_and_not_for_long(tmp_path):
    import time

    maps = OpenMaps(most=4, idle_seconds=0.2)
    for number in range(10):
        file = tmp_path / str(number)
        file.write_bytes(bytes([number] * 10))
        target = bytearray(3)
        with maps.get(str(file), Identity.of(os.stat(file))) as read_into:
            read_into(2, target)
        assert target == bytes([number] * 3)
    assert len(maps) == 4
    end = time.monotonic() + 60
    while len(maps) and time.monotonic() < end:
        time.sleep(0.05)
    assert len(maps) == 0
    with maps.get(str(tmp_path / "3"), None) as read_into:
        read_into(0, target)
    assert len(maps) == 1
    maps._stop()
    assert len(maps) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="memory is asked of /proc")
def test_memory_stays_small_where_from_array_copies(scene):
    """The program of dask's issue 11850, on a file that is larger than its bound."""
    out = scene(
        """
        import dask, memmap.dask
        path = os.path.join(tempfile.mkdtemp(), "data")
        size = 1 << 30
        with open(path, "wb") as file:
            file.truncate(size)
        dask.config.set(scheduler="threads", num_workers=2)
        def peak():
            with open("/proc/self/status") as status:
                return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) // 1024
        before = peak()
        array = memmap.dask.from_file(path, "u1", (1024, 1 << 20), chunks=(8, 1 << 20))
        assert int(array.sum().compute()) == 0
        print(peak() - before)
        """
    )
    # Two workers hold a chunk of 8 MiB each; the pages that they copied are given back.
    assert int(out) < 100


def test_a_cluster_of_processes(scene):
    pytest.importorskip("distributed", reason="distributed is not installed")
    out = scene(
        """
        import distributed, memmap.dask, process_work, logging
        if __name__ == "__main__":
            path = made(4 << 20)
            cluster = distributed.LocalCluster(
                n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=logging.CRITICAL
            )
            with cluster, distributed.Client(cluster) as client:
                workers = sorted(client.run(os.getpid).values())
                assert len(workers) == 2
                array = memmap.dask.from_file(path, "u1", (4, 1 << 20), chunks=(1, 1 << 20))
                assert int(array.sum().compute()) == 4 << 20

                # By handle: some bytes on the wire, mode r on the other side.
                from distributed.protocol import serialize
                mapped = memmap.memmap(path, mode="r")
                header, frames = serialize(mapped, serializers=["dask"])
                assert header["serializer"] == "dask" and sum(map(len, frames)) < 1000
                result = client.submit(process_work.described, mapped[5:10], pure=False).result(60)
                assert result[:3] == ("memmap.memmap", path, "r"), result
                edited = memmap.memmap(path, mode="c", shape=1000)
                edited[:] = 2
                assert client.submit(process_work.total, edited, pure=False).result(60) == 2000

                # Cut: the client gets the error, the workers live.
                os.truncate(path, 1 << 20)
                assert error_of(array.sum().compute) in (memmap.TruncatedError, memmap.ReplacedError)
                again = memmap.dask.from_file(path, "u1", (1, 1 << 20), chunks=(1, 1 << 18))
                assert int(again.sum().compute()) == 1 << 20

                # Replaced.
                with open(path + "2", "wb") as file:
                    file.write(b"2" * (1 << 20))
                os.replace(path + "2", path)
                assert error_of(again.sum().compute) is memmap.ReplacedError
                assert sorted(client.run(os.getpid).values()) == workers
            print("done")
        """,
        timeout=300,
    )
    assert out.split()[-1] == "done"


def test_what_dask_pickles_goes_by_handle_and_what_others_pickle_does_not(path):
    protocol = pytest.importorskip("distributed.protocol", reason="distributed is not installed")
    array = memmap.memmap(path, "<i8", "r")
    task = {"arguments": (array, array[5:9])}
    data = protocol.pickle.dumps(task)
    assert len(data) < 1000 and len(pickle.dumps(task)) > 16000
    whole, part = protocol.pickle.loads(data)["arguments"]
    assert whole.mode == part.mode == "r" and part.tolist() == [5, 6, 7, 8]
    edited = memmap.memmap(path, "<i8", "c")
    edited[0] = 7
    assert protocol.pickle.loads(protocol.pickle.dumps(edited))[0] == 7
    os.utime(path, ns=(1, 1))
    with pytest.raises(memmap.ReplacedError):
        protocol.pickle.loads(data)
