"""Forks, workers, and the end of the process."""

import os
import subprocess
import sys

import pytest


def test_a_scan_in_a_child_runs_on_a_pool_of_its_own(scene):
    out = scene(
        """
        path = fresh(os.urandom(1 << 20) * 32)
        mm = MemMap.open(path)
        expected = memmap.find(mm, b"\\0\\0")
        children = []
        for _ in range(3):
            pid = os.fork()
            if pid == 0:
                same = memmap.find(mm, b"\\0\\0") == expected and memmap.find(path, b"\\0\\0") == expected
                os._exit(0 if same else 1)
            children.append(os.waitpid(pid, 0)[1])
        print(children, memmap.find(mm, b"\\0\\0") == expected)
        """
    )
    assert out == "[0, 0, 0] True"


def test_a_reader_of_the_parent_does_not_keep_a_child_from_closing(scene):
    out = scene(
        """
        mm = MemMap.open(sparse(1 << 30))
        stop = threading.Event()
        def read():
            while not stop.is_set(): mm.read_at(0, 64 << 20)
        threads = [threading.Thread(target=read) for _ in range(2)]
        [thread.start() for thread in threads]
        states = []
        for _ in range(20):
            time.sleep(.005)
            pid = os.fork()
            if pid == 0:
                mm.close()
                os._exit(0 if mm.closed else 1)
            states.append(os.waitpid(pid, 0)[1])
        stop.set(); [thread.join() for thread in threads]
        print(set(states), mm.closed)
        """
    )
    assert out == "{0} False"


def test_a_child_that_is_made_in_a_callback_is_told(scene):
    out = scene(
        """
        mm = MemMap.open(fresh(os.urandom(1 << 20) * 64))
        pids = []
        def progress(done, total):
            if not pids and done < total: pids.append(os.fork())
        told = False
        try:
            while not pids: memmap.find(mm, "[a-z]+@[0-9]+x", kind="regex", progress=progress)
        except RuntimeError as error: told = "parent" in str(error)
        if pids[0] == 0:
            mm.close()
            os._exit(0 if told and mm.closed else 1)
        print(told, os.waitpid(pids[0], 0)[1])
        """
    )
    assert out == "False 0"


def test_a_child_leaves_the_lock_of_its_parent(scene):
    out = scene(
        """
        path = fresh()
        mm, other = MemMap.open(path, "r+"), MemMap.open(path, "r+")
        mm.lock()
        pid = os.fork()
        if pid == 0:
            try: mm.unlock()
            except RuntimeError: os._exit(0)
            os._exit(1)
        print(os.waitpid(pid, 0)[1], other.lock(timeout=0))
        """
    )
    assert out == "0 False"


def test_a_frozen_map_that_is_not_whole_is_read_in_a_child(scene):
    """What a pool of forked workers over a global map does: a worker that dies would hang it."""
    out = scene(
        """
        import multiprocessing
        small, large = FrozenMap.open(fresh()), FrozenMap.open(fresh(b"\\1" * (64 << 20)))
        shown = memoryview(large)
        first = shown[5]
        def total(at):
            return sum(shown[at : at + 1000]) + large.read_at(at, 1)[0] + sum(memoryview(small)[:10])
        expected = [total(at) for at in range(0, 1 << 20, 100_000)]
        with multiprocessing.get_context("fork").Pool(2) as pool:
            told = pool.map(total, range(0, 1 << 20, 100_000))
            further = pool.map(total, [(1 << 20) + (n << 20) for n in range(40)])
        print(told == expected, further == [total((1 << 20) + (n << 20)) for n in range(40)])
        """
    )
    assert out == "True True"


def test_a_worker_that_dies_is_an_error_of_an_executor(scene):
    """What a Pool makes of it is not ours: this is why a map must not end a child."""
    out = scene(
        """
        import concurrent.futures as futures, multiprocessing
        mm = MemMap.open(fresh())
        def read(at):
            if at == 3: os.truncate(mm.path, 0)
            try: return mm.read_at(at, 1)
            except TruncatedError as error: return error.kind
        with futures.ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")) as executor:
            found = list(executor.map(read, range(8), chunksize=8))
        with multiprocessing.get_context("fork").Pool(2) as pool:
            again = pool.map_async(read, range(8)).get(timeout=30)
        print(found.count(b"\\1"), found.count("truncated"), again.count("truncated"))
        """
    )
    assert out == "3 5 8"


@pytest.mark.parametrize("turn", range(5))
def test_daemon_threads_end_with_the_process(scene, turn):
    scene(
        """
        mm = MemMap.open(fresh(b"1" * (4 << 20)))
        frozen, target = mm.freeze(), bytearray(1 << 20)
        def work():
            while True:
                mm.read_at(0, 1 << 20); memmap.find(mm, b"zz"); mm.read_into(0, target); mm.find(b"z")
                MemMap.open(mm.path).close()
        for _ in range(8): threading.Thread(target=work, daemon=True).start()
        class Slow:
            def __del__(self): time.sleep(.2)
        sys.modules["x_keep"] = [Slow() for _ in range(3)]
        time.sleep(.1)
        """
    )


def test_maps_that_are_open_at_the_end_are_no_trouble(scene):
    scene(
        """
        mm, ram = MemMap.open(sparse(64 << 20), "r+"), RamMap(64 << 20)
        frozen = mm.freeze()
        views = [memoryview(ram), memoryview(frozen)]
        sys.modules["x_keep"] = [mm, ram, frozen, views]
        mm[0] = 1
        """
    )


def test_a_sub_interpreter_is_refused(scene):
    out = scene(
        """
        try: import _xxsubinterpreters as interpreters
        except ImportError: import _interpreters as interpreters
        other = interpreters.create()
        code = "try:\\n    import memmap\\nexcept ImportError: print('ImportError', flush=True)"
        result = None
        try: result = interpreters.run_string(other, code)
        except Exception as error: print("ImportError" if "ImportError" in str(error) else error)
        """
    )
    assert out == "ImportError"


def test_two_copies_of_the_library_in_one_process(scene):
    out = scene(
        """
        import importlib.machinery, importlib.util, shutil
        path = os.path.join(tempfile.mkdtemp(), "_native.abi3.so")
        shutil.copy(memmap._native.__file__, path)
        loader = importlib.machinery.ExtensionFileLoader("_native", path)
        other = importlib.util.module_from_spec(importlib.util.spec_from_loader("_native", loader))
        loader.exec_module(other)
        def lost(module):
            mm = module.MemMap.open(fresh())
            os.truncate(mm.path, 0)
            try: mm.read_at(0, 1)
            except module.TruncatedError: return True
        told = []
        for _ in range(5):
            told += [lost(memmap), lost(other)]
            memmap.ensure_guard(), other.ensure_guard()
        print(all(told), len(told), memmap.guard_status(), other.guard_status())
        """
    )
    assert out == "True 10 active active"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_a_child_can_be_forked_while_others_open_and_close(scene):
    out = scene(
        """
        path, stop = fresh(), threading.Event()
        def work():
            while not stop.is_set():
                with MemMap.open(path) as mm: mm.read_at(0, 100)
                with FrozenMap.open(path) as frozen: bytes(frozen)
        threads = [threading.Thread(target=work) for _ in range(3)]
        [thread.start() for thread in threads]
        states = []
        for _ in range(30):
            pid = os.fork()
            if pid == 0:
                signal.alarm(20)
                with MemMap.open(path) as mm: ok = mm.read_at(0, 4) == b"\\1" * 4
                os._exit(0 if ok else 1)
            states.append(os.waitpid(pid, 0)[1])
        stop.set(); [thread.join() for thread in threads]
        print(set(states))
        """
    )
    assert out == "{0}"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_what_a_child_lost_its_parent_knows(scene):
    """Pages of a view that only a forked child touched; the file is whole again when the parent asks."""
    out = scene(
        """
        path = fresh()
        view = MemMap.open(path, "r+").view()
        shown = memoryview(view)
        os.truncate(path, 0)
        pid = os.fork()
        if pid == 0:
            shown[5000] = 7
            try: view.check()
            except TruncatedError: os._exit(0)
            os._exit(1)
        print(os.waitpid(pid, 0)[1])
        os.truncate(path, 65536)
        for fails in (view.check, view.flush, lambda: memmap.check(shown[5000:5001])):
            try: fails(); print("silent")
            except TruncatedError: print("told")
        """
    )
    assert out.split() == ["0", "told", "told", "told"]


@pytest.mark.parametrize("how", ["view", "frozen", "array"])
@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_a_pool_over_bytes_that_are_cut_ends(scene, how):
    """A worker that died of a signal would hang `Pool.map`."""
    out = scene(
        f"""
        import multiprocessing
        import numpy as np
        path = fresh(b"\\1" * (32 << 20))
        if {how!r} == "array": array = memmap.memmap(path, "u1", "r")
        else: array = np.frombuffer(MemMap.open(path).view() if {how!r} == "view" else FrozenMap.open(path), "u1")
        def work(at):
            if at == 3: os.truncate(path, 4096)
            total = int(array[at << 20 : (at + 1) << 20].sum())
            try: memmap.check(array[at << 20 : (at + 1) << 20])
            except TruncatedError: return "told"
            return total
        with multiprocessing.get_context("fork").Pool(2) as pool:
            found = pool.map_async(work, range(32), chunksize=1).get(timeout=40)
        print(len(found), "told" in found, set(found) - {{"told"}} <= {{1 << 20}})
        """
    )
    assert out == "32 True True"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_a_child_closes_what_its_parent_was_flushing(scene):
    """A thread that brings bytes to the device holds a lock, and does not exist in the child."""
    out = scene(
        """
        mm, stop = MemMap.open(fresh(bytes(1 << 20)), "r+"), threading.Event()
        view = mm.view()
        shown = memoryview(view)
        def flush():
            while not stop.is_set():
                shown[:] = bytes(1 << 20)
                mm.flush(); view.flush()
        threads = [threading.Thread(target=flush) for _ in range(3)]
        [thread.start() for thread in threads]
        sys.setswitchinterval(1e-6)
        states = set()
        for _ in range(40):
            pid = os.fork()
            if pid == 0:
                signal.alarm(10)
                view.flush(); mm.flush(); mm.close()
                os._exit(0 if mm.closed else 1)
            states.add(os.waitpid(pid, 0)[1])
        stop.set(); [thread.join() for thread in threads]
        print(states)
        """
    )
    assert out == "{0}"


BEFORE_FORK = """
import os, sys, tempfile, threading
lock, mm = threading.Lock(), None
def before():
    mm.flush()
    lock.acquire()
def after():
    lock.release()
    mm.flush()
# What is registered before the package is imported is called after what the package registers.
os.register_at_fork(before=before, after_in_parent=after, after_in_child=after)
import memmap
path = os.path.join(tempfile.mkdtemp(), "data")
mm, stop = memmap.MemMap.open(path, "w+", size=65536), threading.Event()
def log():
    while not stop.is_set():
        with lock: mm.flush()
thread = threading.Thread(target=log)
thread.start()
states = set()
for _ in range(2):
    pid = os.fork()
    if pid == 0: os._exit(0)
    states.add(os.waitpid(pid, 0)[1])
stop.set()
thread.join()
print(states)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_what_is_called_before_a_fork_may_wait_for_a_thread_that_flushes():
    """As what takes the lock of the module logging; and it may flush by itself."""
    done = subprocess.run(
        [sys.executable, "-c", BEFORE_FORK], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "{0}"), done.stderr
