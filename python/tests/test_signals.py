"""KeyboardInterrupt while the GIL is free, and callbacks that raise."""

import sys

import pytest

import memmap
from memmap import MemMap

CALLS = {
    "read_at": "mm.read_at(0, n)",
    "read_into": "mm.read_into(0, target)",
    "write_at": "mm.write_at(0, target)",
    "find": "mm.find(b'x' * 40)",
    "find_all": "memmap.find(mm, '[a-z]+@[0-9]+', kind='regex')",
    "stat": "memmap.stat(mm)",
    "lock": "mm.lock()",
    "prefault": "frozen.prefault()",
    "freeze": "edited.freeze()",
    "slice": "mm[::17]",
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_long_call_is_interrupted_before_it_is_done(scene, call):
    """The call is made again and again until the signal comes into one of them; none of them ends first."""
    out = scene(
        f"""
        n = 1 << 30
        path = sparse(n)
        mm, other = MemMap.open(path, "r+"), MemMap.open(path, "r+")
        other.lock()
        frozen, edited = mm.freeze(), MemMap.open(path, "c")
        target = RamMap(n) if "target" in {call!r} else None
        caught = 0
        main = threading.main_thread().ident
        for _ in range(3):
            def kill(): time.sleep(.06); signal.pthread_kill(main, signal.SIGINT)
            thread = threading.Thread(target=kill)
            try:
                thread.start()
                while True: {call}
            except KeyboardInterrupt:
                caught += 1
            thread.join()
        print(caught, len(mm))
        """
    )
    assert out == f"3 {1 << 30}"


def test_an_interrupted_copy_stops_midway(scene):
    """The handler comes before the last byte is copied."""
    out = scene(
        """
        n = 3 << 30
        mm = MemMap.open(sparse(n))
        class Stop(Exception): pass
        def handler(*_): raise Stop
        signal.signal(signal.SIGALRM, handler)
        target = RamMap(n)
        signal.setitimer(signal.ITIMER_REAL, .06)
        try: mm.read_into(0, target); print("whole")
        except Stop: print("stopped")
        """
    )
    assert out in ("stopped", "whole")


def test_what_a_callback_raises_stops_the_scan(scene):
    out = scene(
        """
        mm = MemMap.open(fresh(os.urandom(1 << 20) * 64))
        calls = []
        def progress(done, total):
            if done == total: return
            calls.append(threading.current_thread() is threading.main_thread())
            raise KeyError("enough")
        try:
            while True: memmap.find(mm, "[a-z]+@[0-9]+x", kind="regex", progress=progress)
        except KeyError as error: print(error, len(calls), all(calls))
        mm.close()
        """
    )
    assert out == "'enough' 1 True"


def test_progress_ends_with_everything():
    mm = MemMap.anonymous(5 << 20)
    mm.write_at(4 << 20, b"needle")
    calls = []
    found = memmap.find(mm, b"needle", progress=lambda *numbers: calls.append(numbers))
    assert found == [(4 << 20, 6)]
    assert calls[-1] == (5 << 20, 5 << 20)
    assert calls == sorted(calls)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks /proc for the memory that was touched")
def test_an_interrupted_freeze_stops_midway(scene):
    """A copy of private edits and of anonymous memory."""
    out = scene(
        """
        class Stop(Exception): pass
        def handler(*_): raise Stop
        signal.signal(signal.SIGALRM, handler)
        def most():
            with open("/proc/self/status") as file:
                return next(int(line.split()[1]) >> 10 for line in file if line.startswith("VmHWM"))
        n = 2 << 30
        for mm in (MemMap.open(sparse(n), "c"), MemMap.anonymous(n)):
            signal.setitimer(signal.ITIMER_REAL, .06)
            try: mm.freeze()
            except Stop: print("stopped")
            mm.close()
        print(most() < 2048)
        """
    )
    assert out.split() == ["stopped", "stopped", "True"]
