"""Live bytes while others install handlers of signals, block signals, and bring the library a second time."""

import pathlib
import subprocess
import sys

import pytest

# Tests that cut files under live bytes, without the plugin of pytest that enables faulthandler as well.
ARGUMENTS = ["-q", "-p", "no:faulthandler", "-p", "no:cacheprovider", "test_view.py"]

# Views over files that are cut, and a plain load of each lost page.
CUTS = """
import faulthandler, numpy as np
def live(mode="r"):
    mm = MemMap.open(fresh(), mode)
    array = np.frombuffer(mm.view(), "u1")
    os.truncate(mm.path, 0)
    return array
def told(array):
    try: memmap.check(array)
    except TruncatedError: return True
"""


def test_faulthandler_on_and_off_around_many_maps(scene):
    out = scene(
        CUTS
        + """
kept, sums, states = [], [], set()
for turn in range(20):
    before = live()
    faulthandler.enable()
    states.add(memmap.ensure_guard())
    on = live()
    sums += [int(before.sum()), int(on.sum())]
    faulthandler.disable()
    states.add(memmap.ensure_guard())
    off = live()
    sums.append(int(off.sum()))
    kept += [before, on, off]
print(set(sums), len(sums), states, all(map(told, kept)))
"""
    )
    assert out == "{0} 60 {'active'} True"


def test_faulthandler_stays_on_after_many_turns(scene):
    """The guard is in front in the last turn too."""
    out = scene(
        CUTS
        + """
for turn in range(30):
    faulthandler.enable()
    state = memmap.ensure_guard()
    if turn < 29: faulthandler.disable(); memmap.ensure_guard()
array = live()
print(state, int(array.sum()), told(array), faulthandler.is_enabled())
"""
    )
    assert out == "active 0 True True"


# What each leaves in front of the guard.
PUSHES = {
    "disable": "faulthandler.enable(); array = live('r+'); faulthandler.disable()",
    "python": "array = live('r+'); signal.signal(signal.SIGBUS, lambda *_: None)",
    "default": "array = live('r+'); signal.signal(signal.SIGBUS, signal.SIG_DFL)",
    "both": "array = live('r+'); [signal.signal(s, signal.SIG_DFL) for s in (signal.SIGBUS, signal.SIGSEGV)]",
}


@pytest.mark.parametrize("push", PUSHES.values(), ids=PUSHES)
def test_the_guard_is_put_back_by_all_that_asks_for_it(scene, push):
    out = scene(
        CUTS
        + f"""
for ask in (memmap.ensure_guard, lambda: MemMap.open(fresh()), lambda: memoryview(view), live):
    {push}
    mm = MemMap.open(fresh())
    view = mm.view()
    {push}
    ask()
    print(int(array.sum()), told(array), memmap.guard_status())
"""
    )
    assert out.splitlines() == ["0 True active"] * 4


@pytest.mark.parametrize("push", ["python", "default", "both"])
def test_check_warns_of_a_handler_that_was_in_front(scene, push):
    out = scene(
        CUTS
        + f"""
{PUSHES[push]}
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    try: memmap.check(array)
    except TruncatedError: print("told")
    first = len(seen)
    try: memmap.check(array)
    except TruncatedError: print("told")
print(first, len(seen), seen[0].category.__name__, "SIGBUS" in str(seen[0].message), int(array.sum()))
"""
    )
    assert out.split() == ["told", "told", "1", "1", "RuntimeWarning", "True", "0"]


def test_stores_are_as_safe_as_loads(scene):
    out = scene(
        CUTS
        + """
faulthandler.enable()
mm = MemMap.open(fresh(), "r+")
array = np.frombuffer(mm.view(), "u1")
faulthandler.disable()
memmap.ensure_guard()
os.truncate(mm.path, 0)
array[:] = 3
try: mm.close()
except TruncatedError: print("told", int(array[0]))
"""
    )
    assert out == "told 3"


def test_calls_let_the_signal_through_in_a_thread_that_blocks_all(scene):
    out = scene(
        CUTS
        + """
path, out = fresh(), []
mm, array = MemMap.open(path), live()
os.truncate(path, 0)
def block(): signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
def read():
    block()
    try: mm.read_at(0, 4)
    except TruncatedError: out.append("told")
def load():
    block()
    memmap.ensure_guard()
    out.append(int(array.sum()))
for work in (read, load):
    thread = threading.Thread(target=work); thread.start(); thread.join()
print(out)
"""
    )
    assert out == "['told', 0]"


def test_a_thread_that_blocks_all_and_only_computes_ends_the_process(scene):
    """The guide says so. If this fails, the guide can be changed."""
    scene(
        CUTS
        + """
array = live()
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
array.sum()
""",
        status=-7,
    )


@pytest.mark.parametrize("steps", ["egdg", "gege"])
def test_a_foreign_fault_after_faulthandler_still_ends_the_process(scene, steps):
    scene(
        CUTS
        + f"""
import mmap
array = live(); array.sum()
steps = {{"e": lambda: faulthandler.enable(open(os.devnull, "w")), "d": faulthandler.disable, "g": memmap.ensure_guard}}
for step in {steps!r}: steps[step]()
path = fresh()
with open(path, "rb") as file: foreign = np.frombuffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), "u1")
os.truncate(path, 0)
foreign.sum()
""",
        status=-7,
    )


COPIES = (
    CUTS
    + """
import importlib.machinery, importlib.util, mmap, shutil
path = os.path.join(tempfile.mkdtemp(), "_native.abi3.so")
shutil.copy(memmap._native.__file__, path)
loader = importlib.machinery.ExtensionFileLoader("_native", path)
other = importlib.util.module_from_spec(importlib.util.spec_from_loader("_native", loader))
loader.exec_module(other)
def live_of(module):
    mm = module.MemMap.open(fresh())
    array = np.frombuffer(mm.view(), "u1")
    os.truncate(mm.path, 0)
    return array
def told_by(module, array):
    try: module.check(array)
    except module.TruncatedError: return True
"""
)


def test_two_copies_of_the_library_each_mend_their_own_pages(scene):
    out = scene(
        COPIES
        + """
seen = []
for turn in range(10):
    for module in (memmap._native, other) if turn % 2 else (other, memmap._native):
        array = live_of(module)
        seen.append((int(array.sum()), told_by(module, array)))
        memmap.ensure_guard(), other.ensure_guard()
# Each knows its own bytes only.
array = live_of(other)
try: memmap.check(array)
except ValueError: print("not ours")
print(set(seen), int(array.sum()), told_by(other, array), memmap.guard_status(), other.guard_status())
"""
    )
    assert out.splitlines() == ["not ours", "{(0, True)} 0 True active active"]


def test_a_foreign_fault_ends_a_process_with_two_copies(scene):
    scene(
        COPIES
        + """
for _ in range(5):
    live_of(memmap._native).sum(), live_of(other).sum()
    memmap.ensure_guard(), other.ensure_guard()
path = fresh()
with open(path, "rb") as file: foreign = np.frombuffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), "u1")
os.truncate(path, 0)
foreign.sum()
""",
        status=-7,
    )


@pytest.mark.parametrize("order", ["before", "after"])
def test_pytest_with_faulthandler(order):
    """`-X faulthandler`, and faulthandler that is enabled after the guard was installed."""
    here = pathlib.Path(__file__).parent
    flags = ["-X", "faulthandler"] if order == "before" else []
    program = "import faulthandler, sys, memmap, pytest\nmemmap.MemMap.anonymous(5).view()\n"
    if order == "after":
        program += "faulthandler.enable()\n"
    program += f"print(faulthandler.is_enabled())\nsys.exit(pytest.main({ARGUMENTS!r}))\n"
    done = subprocess.run(
        [sys.executable, *flags, "-c", program],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=here,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.split()[0] == "True"
