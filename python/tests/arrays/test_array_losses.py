"""What becomes of an array when its file is cut, replaced or full, in processes of their own."""

import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a file that is mapped is not cut short there")


def test_cuts_inside_a_page(scene):
    scene(
        """
        path = made(65536)
        array = memmap.memmap(path, mode="r")
        os.truncate(path, 61440 + 100)
        assert array.sum() == 61540
        assert error_of(array.check) is memmap.TruncatedError
        assert error_of(array.tobytes) is memmap.TruncatedError
        assert array[:61540].check() is None and array[:61540].lost() == []
        assert [part[:2] for part in array[61440:].lost()] == [(100, 4096)]
        """
    )


def test_a_file_that_was_cut_and_has_grown_back(scene):
    scene(
        """
        path = made(65536)
        array = memmap.memmap(path, mode="r")
        os.truncate(path, 0)
        os.truncate(path, 65536)
        array.sum()
        array.check()
        assert issubclass(error_of(array.check, unchanged=True), memmap.MapError)
        """
    )


def test_a_replaced_file_is_the_old_one(scene):
    scene(
        """
        path = made(65536)
        array = memmap.memmap(path, mode="r")
        with open(path + "2", "wb") as file:
            file.write(b"\\2" * 65536)
        os.replace(path + "2", path)
        assert array.sum() == 65536
        array.check()
        array.check(unchanged=False)
        """
    )


def test_who_learns_of_a_loss(scene):
    scene(
        """
        path = made(1 << 20)
        array = memmap.memmap(path, mode="r")
        os.truncate(path, 8192)
        copies = array.take(range(500000, 500010)), array.copy(), array.astype("f4"), array[::2].copy()
        assert copies[1].sum() == 8192
        for copy in copies:
            assert error_of(memmap.check, copy) is ValueError
            assert error_of(memmap.lost, copy) is ValueError
        plain = np.asarray(array)
        strided = np.lib.stride_tricks.as_strided(array, (64,), (16384,))
        for lossy in (array, plain, memoryview(array), array[600000:], plain[8190:8194], array[::-1], strided):
            assert error_of(memmap.check, lossy) is memmap.TruncatedError
            assert memmap.lost(lossy)
        for whole in (array[:100], plain[:8192], array[8191::-1], array[:8192].reshape(2, -1).T):
            memmap.check(whole)
            assert memmap.lost(whole) == []
        start, stop, reason = array.lost()[-1]
        assert stop == 1 << 20 and reason
        assert array[600000:].lost()[0][0] == 0
        """
    )


def test_stores_into_lost_pages_are_not_forgotten(scene):
    scene(
        """
        path = made(65536)
        array = memmap.memmap(path, mode="r+")
        os.truncate(path, 0)
        array[5000] = 7
        os.truncate(path, 65536)
        array[5001] = 8
        array[20000] = 9
        assert issubclass(error_of(array.flush), memmap.MapError)
        assert issubclass(error_of(array.flush), memmap.MapError)
        assert issubclass(error_of(array[5000:5001].flush), memmap.MapError)
        assert issubclass(error_of(array._mmap.flush), memmap.MapError)
        assert issubclass(error_of(array.check), memmap.MapError)
        assert issubclass(error_of(array.tobytes), memmap.MapError)
        """
    )


def test_every_second_page_of_a_cut(scene):
    scene(
        """
        path = os.path.join(tempfile.mkdtemp(), "data")
        with open(path, "wb") as file:
            file.truncate(256 << 20)
        array = memmap.memmap(path, mode="r")
        os.truncate(path, 0)
        os.unlink(path)
        assert array[::8192].sum() == 0
        assert sum(1 for line in open("/proc/self/maps")) < 5000 if sys.platform == "linux" else True
        assert error_of(array.check) is memmap.TruncatedError
        """
    )


def test_all_of_a_cut_in_order(scene):
    scene(
        """
        path = os.path.join(tempfile.mkdtemp(), "data")
        with open(path, "wb") as file:
            file.truncate(128 << 20)
        array = memmap.memmap(path, mode="r")
        os.truncate(path, 0)
        assert array.sum() == 0 and array.sum() == 0
        assert error_of(array.check) is memmap.TruncatedError
        """
    )


@pytest.mark.parametrize("threads", [1, 8])
@pytest.mark.parametrize("kind", ["random", "strided"])
def test_a_storm_of_cuts(scene, threads, kind):
    scene(
        """
        import subprocess, threading
        threads, kind = int(sys.argv[1]), sys.argv[2]
        size = 16 << 20
        path = made(size)
        cut = "import os\\nfor _ in range(400):\\n os.truncate({0!r}, 8192)\\n os.truncate({0!r}, {1})"
        cutter = subprocess.Popen([sys.executable, "-c", cut.format(path, size)])
        ends = []
        def work(number):
            random = np.random.default_rng(number)
            try:
                while cutter.poll() is None:
                    try:
                        array = memmap.memmap(path, mode="r", shape=size)
                    except (ValueError, memmap.MapError):
                        continue
                    if kind == "random":
                        array[random.integers(0, size, 2000)].sum()
                    else:
                        array[random.integers(0, 4096) :: 8192].sum()
                ends.append(None)
            except BaseException as error:
                ends.append(error)
        workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert cutter.wait() == 0
        assert ends == [None] * threads, ends
        """,
        threads,
        kind,
        timeout=300,
    )


def test_edits_of_mode_c_stay_when_the_file_is_cut(scene):
    scene(
        """
        path = made(65536, b"A")
        array = memmap.memmap(path, mode="c")
        array[5000] = ord("X")
        os.truncate(path, 0)
        with open(path, "r+b") as file:
            file.write(b"A" * 65536)
        assert array[5000] == ord("X")
        import pickle
        assert pickle.loads(pickle.dumps(array[4999:5002]))[1] == ord("X")
        """
    )


def test_what_writes_elements_raises_and_writes_no_zeros(scene):
    scene(
        """
        import io, pickle, copy
        def cut():
            path = made(1 << 20)
            array = memmap.memmap(path, mode="r")
            os.truncate(path, 8192)
            return array
        target = os.path.join(tempfile.mkdtemp(), "target")
        def written():
            with open(target, "rb") as file:
                return file.read()
        ways = {
            "tofile": lambda array: array.tofile(target),
            "tofile of a file": lambda array: array.tofile(open(target, "wb")),
            "tofile of bytes": lambda array: array.tofile(io.BytesIO()),
            "tofile as text": lambda array: array.tofile(target, ","),
            "slice": lambda array: array[50000:53000].tofile(target),
            "strides": lambda array: array[::-3].tofile(target),
            "np.save": lambda array: np.save(open(target, "wb"), array),
            "np.save of order F": lambda array: np.save(open(target, "wb"), array.reshape(1024, 1024).T),
            "np.savez": lambda array: open(target, "wb").write(array.tobytes()),
            "dump": lambda array: array.dump(target),
            "dumps": lambda array: array.dumps(),
            "pickle": lambda array: pickle.dumps(array),
            "pickle 5": lambda array: pickle.dumps(array, 5, buffer_callback=[].append),
            "copy": copy.copy,
            "deepcopy": copy.deepcopy,
            "tobytes": lambda array: array.tobytes(),
            "tobytes in F": lambda array: array.tobytes("F"),
        }
        for name, way in ways.items():
            open(target, "wb").close()
            assert error_of(way, cut()) is memmap.TruncatedError, name
            if name.startswith("tofile"):
                assert b"\\0" not in written(), name
        whole = cut()[:8192]
        whole.tofile(target)
        assert written() == b"\\1" * 8192 and pickle.loads(pickle.dumps(whole)).sum() == 8192
        # Calls of the system stop at a lost page; check tells.
        array = cut()
        with open(target, "wb", 0) as file:
            file.write(memoryview(array))
        assert error_of(memmap.check, array) is memmap.TruncatedError
        """
    )


def test_a_forked_child_tells_its_parent(scene):
    scene(
        """
        path = made(65536)
        array = memmap.memmap(path, mode="r")
        os.truncate(path, 0)
        os.truncate(path, 65536)
        os.truncate(path, 0)
        child = os.fork()
        if child == 0:
            array.sum()
            os._exit(0 if error_of(array.check) is memmap.TruncatedError else 1)
        assert os.waitpid(child, 0)[1] == 0
        os.truncate(path, 65536)
        assert error_of(array.check) is memmap.TruncatedError
        """
    )
