"""Closing while others use the map."""

import sys
import threading

import pytest

import memmap
from memmap import MemMap, RamMap


def test_nobody_sees_closed_and_open_again(fresh):
    """A refused close leaves the map open for everybody, at every moment."""
    ram = RamMap(64 << 20)
    view = memoryview(ram)
    seen, stop = [], threading.Event()

    def read():
        while not stop.is_set():
            try:
                ram.read_at(0, 4)
            except ValueError as error:
                seen.append(error)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    threads = [threading.Thread(target=read) for _ in range(3)]
    try:
        for thread in threads:
            thread.start()
        for _ in range(2000):
            with pytest.raises(BufferError):
                ram.close()
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        sys.setswitchinterval(interval)
    assert not seen
    view.release()
    ram.close()


def test_close_waits_for_calls_that_run(scene):
    out = scene(
        """
        mm = MemMap.open(sparse(256 << 20))
        results = []
        def read():
            try:
                while True:
                    results.append(len(mm.read_at(0, 64 << 20)))
            except ValueError as error:
                results.append(str(error))
        threads = [threading.Thread(target=read) for _ in range(2)]
        [thread.start() for thread in threads]
        while len(results) < 2: time.sleep(.001)
        mm.close()
        [thread.join() for thread in threads]
        print(mm.closed, set(map(str, results)) == {str(64 << 20), "the map is closed"})
        """
    )
    assert out == "True True"


def test_closing_from_inside_of_a_call_is_an_error_and_no_deadlock(scene):
    out = scene(
        """
        mm = MemMap.open(sparse(64 << 20), "r+")
        told = []
        def progress(done, total):
            for what in (mm.close, lambda: mm.resize(1)):
                try: what()
                except RuntimeError as error: told.append("inside" in str(error))
            told.append(mm.read_at(0, 2) == b"\\0\\0")
        memmap.find(mm, b"x", progress=progress)
        print(all(told), len(told) >= 3, mm.closed)
        mm.close()
        print(mm.closed)
        """
    )
    assert out.split() == ["True", "True", "False", "True"]


def test_a_handler_of_a_signal_that_closes_gets_an_error(scene):
    out = scene(
        """
        mm = MemMap.open(sparse(1 << 30))
        told = []
        def handler(*_):
            try: mm.close()
            except RuntimeError: told.append(True)
        signal.signal(signal.SIGUSR1, handler)
        stop = threading.Event()
        def kick():
            while not stop.wait(.01): os.kill(os.getpid(), signal.SIGUSR1)
        thread = threading.Thread(target=kick); thread.start()
        for _ in range(50):
            try: mm.read_at(0, 256 << 20)
            except ValueError: break
            if told: break
        stop.set(); thread.join()
        print(bool(told) or mm.closed)
        """
    )
    assert out == "True"


def test_other_threads_run_while_a_map_is_closed(scene):
    """Closing brings dirty pages to the device without the GIL."""
    out = scene(
        """
        mm = MemMap.open(sparse(64 << 20), "r+")
        block = b"\\3" * (1 << 20)
        for at in range(64): mm.write_at(at << 20, block)
        closing, ticks, stop = threading.Event(), [0], threading.Event()
        def tick():
            closing.wait()
            while not stop.is_set(): ticks[0] += 1; time.sleep(0)
        thread = threading.Thread(target=tick); thread.start()
        sys.setswitchinterval(1e6)   # without an interval only a release of the GIL lets the thread run
        closing.set()
        before = ticks[0]
        mm.close()
        after = ticks[0]
        stop.set(); thread.join()
        print(after > before)
        """
    )
    assert out == "True"


def test_resizing_waits_for_readers_and_readers_for_resizing(scene):
    out = scene(
        """
        mm = MemMap.open(fresh(bytes(4 << 20)), "r+")
        errors, stop = [], threading.Event()
        def read():
            while not stop.is_set():
                try: mm.read_at(0, 1 << 20)
                except Exception as error: errors.append(error)
        threads = [threading.Thread(target=read) for _ in range(3)]
        [thread.start() for thread in threads]
        for turn in range(100): mm.resize((2 << 20) + 4096 * turn)
        stop.set(); [thread.join() for thread in threads]
        print(len(mm) == (2 << 20) + 4096 * 99, errors)
        """
    )
    assert out == "True []"


def test_a_callback_that_reads_while_another_thread_waits_to_resize(scene):
    out = scene(
        """
        mm = MemMap.open(sparse(256 << 20), "r+")
        thread = threading.Thread(target=lambda: mm.resize(1 << 20))
        read = []
        def progress(done, total):
            if not thread.ident: thread.start(); time.sleep(.05)
            read.append(mm.read_at(5, 1) + mm.read_at(0, 1 << 17)[:1])
        memmap.find(mm, b"x", progress=progress)
        thread.join()
        print(len(mm) == 1 << 20, len(read) > 0)
        """
    )
    assert out == "True True"


def test_a_map_that_is_dropped_open_needs_no_close(fresh):
    path = fresh(bytes(2 << 20))
    mm = MemMap.open(path, "r+")
    mm[0] = 5
    del mm
    assert path.read_bytes()[0] == 5
    assert memmap.guard_status() == "active"
