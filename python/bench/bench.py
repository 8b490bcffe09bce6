"""Times memmap beside mmap, numpy.memmap and numpy.load(mmap_mode): ``cargo xtask python bench``.

Each round runs every engine of a task once, in rotating order. The ratio is the time of an engine divided by the
time of ours in the same round: above 1 ours is faster, below 1 it is slower.
"""

import argparse
import json
import mmap
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import timeit
from dataclasses import dataclass, field

import numpy as np

import memmap

MIB = 1 << 20


@dataclass
class Engine:
    """A way to do the work: a statement, or a function that returns the seconds of one operation."""

    name: str
    run: object
    # Operations in one run of a statement.
    count: int = 1
    # The engine of ours that it is compared with; None for the one itself.
    against: str | None = None
    seconds: list = field(default_factory=list)

    def sample(self, names):
        if callable(self.run):
            self.seconds.append(self.run())
        else:
            self.seconds.append(timeit.Timer(self.run, globals=names).timeit(1) / self.count)


@dataclass
class Goal:
    """The least ratio of some rivals, or the most seconds of an engine of ours."""

    engines: tuple
    ratio: float | None = None
    seconds: float | None = None


@dataclass
class Task:
    name: str
    data: str
    engines: list
    names: dict
    goals: list = field(default_factory=list)


def run(task, rounds):
    """Runs the engines in turns, and prints a table and what became of the goals."""
    for engine in task.engines:
        engine.sample(task.names)
        # What was loaded or mapped for the first time is not what is measured.
        engine.seconds.clear()
    for number in range(rounds):
        turn = number % len(task.engines)
        for engine in task.engines[turn:] + task.engines[:turn]:
            engine.sample(task.names)
    print(f"\n{task.name}: {task.data}; rounds: {rounds}\n")
    rows = [["engine", "median", "min..max", "time ÷ time of", ""]]
    by_name = {engine.name: engine for engine in task.engines}
    ratios = {}
    for engine in task.engines:
        ours = by_name[engine.against or engine.name]
        found = [theirs / own for theirs, own in zip(engine.seconds, ours.seconds, strict=True)]
        ratios[engine.name] = statistics.median(found)
        ends = f"{shown(min(engine.seconds))}..{shown(max(engine.seconds))}"
        spread = f"{ratios[engine.name]:.2f} ({min(found):.2f}..{max(found):.2f})"
        rows.append([engine.name, shown(statistics.median(engine.seconds)), ends, spread, ours.name])
    print(aligned(rows))
    for goal in task.goals:
        for name in goal.engines:
            engine = by_name[name]
            if goal.ratio is not None:
                found, is_met = f"{ratios[name]:.2f}", ratios[name] >= goal.ratio
                wanted = f"at least {goal.ratio:.2f} times the speed of {name}"
            else:
                seconds = statistics.median(engine.seconds)
                found, is_met = shown(seconds), seconds <= goal.seconds
                wanted = f"{name} in at most {shown(goal.seconds)}"
            print(f"goal: {wanted}: {found}, {'met' if is_met else 'NOT MET'}")
    sys.stdout.flush()


def shown(seconds):
    """A time in the unit that leaves at least 1 of it."""
    for unit, size in (("s", 1), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}" if seconds < 1000 * size else f"{seconds / size:.0f} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def aligned(rows):
    """A table in Markdown. The first row is the heading."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = []
    for row in rows:
        first, *others = zip(row, widths, strict=True)
        cells = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
        lines.append(f"| {' | '.join(cells)} |")
    lines.insert(1, "|---" + "|--:" * (len(widths) - 1) + "|")
    return "\n".join(lines)


class Files:
    """Files of the tasks, made when they are asked for, in the page cache from then on."""

    def __init__(self, directory):
        self.directory = directory

    def made(self, name, write):
        path = os.path.join(self.directory, name)
        if not os.path.exists(path):
            write(path)
        return path

    def random(self, size):
        def write(path):
            source = random.Random(size)
            with open(path, "wb") as file:
                for _ in range(0, size, MIB):
                    file.write(source.randbytes(min(size, MIB)))

        return self.made(f"random{size}", write)

    def numbers(self, size):
        """The same elements as a raw file and as a ``.npy`` file."""
        raw = self.made(f"numbers{size}", lambda path: np.arange(size / 8).tofile(path))
        npy = self.made(f"numbers{size}.npy", lambda path: np.save(path, np.fromfile(raw)))
        return raw, npy

    def log(self, size, last):
        """Lines of a log, each 1 MiB in another order; `last` at the end."""

        def write(path):
            source = random.Random(1)
            hosts = [f"host{n}.example.org" for n in range(40)]
            words = "connection request response timeout refused accepted peer reset closed from after to by".split()
            lines = [
                f"2026-03-{n % 28 + 1:02} {source.choice(hosts)} {' '.join(source.choices(words, k=9))} {n}\n".encode()
                for n in range(14_000)
            ]
            with open(path, "wb") as file:
                while file.tell() < size:
                    source.shuffle(lines)
                    file.write(b"".join(lines))
                file.truncate(size - len(last))
                file.seek(0, os.SEEK_END)
                file.write(last)

        return self.made(f"log{size}", write)


def importing(_):
    def child(module):
        code = f"import time; begun = time.perf_counter(); import {module}; print(time.perf_counter() - begun)"

        def measure():
            done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
            return float(done.stdout)

        return measure

    engines = [
        Engine("import memmap", child("memmap")),
        Engine("import mmap", child("mmap"), against="import memmap"),
        Engine("import numpy", child("numpy"), against="import memmap"),
    ]
    return [Task("import", "in a new process", engines, {}, [Goal(("import memmap",), seconds=2e-3)])]


def guard(_):
    engines = [
        Engine("ensure_guard()", "for _ in turns: ensure()", 20_000),
        Engine("guard_status()", "for _ in turns: status()", 20_000, "ensure_guard()"),
    ]
    names = {"turns": range(20_000), "ensure": memmap.ensure_guard, "status": memmap.guard_status}
    goal = Goal(("ensure_guard()",), seconds=0.5e-6)
    return [Task("guard", "whether it is in front, and put there if not", engines, names, [goal])]


def open_close(files):
    def with_open(path):
        with open(path, "rb") as file:
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ).close()

    def with_os_open(path):
        number = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        mmap.mmap(number, 0, access=mmap.ACCESS_READ).close()
        os.close(number)

    def ours(path):
        memmap.MemMap.open(path, "r").close()

    path, npy = files.numbers(MIB)
    names = {
        "turns": range(2000),
        "path": path,
        "npy": npy,
        "np": np,
        "memmap": memmap,
        "ours": ours,
        "with_open": with_open,
        "with_os_open": with_os_open,
    }
    engines = [
        Engine("MemMap.open", "for _ in turns: ours(path)", 2000),
        Engine("open, mmap", "for _ in turns: with_open(path)", 2000, "MemMap.open"),
        Engine("os.open, mmap", "for _ in turns: with_os_open(path)", 2000, "MemMap.open"),
        Engine("memmap.memmap", "for _ in turns: memmap.memmap(path, 'f8', 'r')", 2000),
        Engine("numpy.memmap", "for _ in turns: np.memmap(path, 'f8', 'r')", 2000, "memmap.memmap"),
        Engine("memmap.open_npy", "for _ in turns: memmap.open_npy(npy, 'r')", 2000),
        Engine("numpy.load(mmap_mode)", "for _ in turns: np.load(npy, 'r')", 2000, "memmap.open_npy"),
    ]
    goal = Goal(("open, mmap", "numpy.memmap", "numpy.load(mmap_mode)"), ratio=2)
    return [Task("open-close", "a file of 1 MiB, mapped and let go", engines, names, [goal])]


def read(files):
    path = files.random(16 * MIB)
    live = memmap.MemMap.open(path, "r")
    plain = mapped(path)
    assert live.read_at(0, len(live)) == plain[:]
    source = random.Random(2)
    tasks = []
    for size, count, text in [(4, 200_000, "4 bytes"), (4096, 50_000, "4 KiB"), (65536, 5_000, "64 KiB")]:
        names = {
            "places": [source.randrange(len(live) - size) for _ in range(count)],
            "live": live,
            "plain": plain,
            "n": size,
        }
        engines = [
            Engine("MemMap.read_at", "for at in places: live.read_at(at, n)", count),
            Engine("MemMap slice", "for at in places: live[at : at + n]", count, "MemMap.read_at"),
            Engine("mmap slice", "for at in places: plain[at : at + n]", count, "MemMap.read_at"),
        ]
        goals = [Goal(("mmap slice",), ratio=1.2)] if size == 4 else [Goal(("mmap slice",), ratio=0.95)]
        tasks.append(Task(f"read {text}", "at random in 16 MiB", engines, names, goals))
    return tasks


def mapped(path):
    with open(path, "rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def elements(files):
    tasks = []
    path, npy = files.numbers(16 * MIB)
    source = random.Random(3)
    count = 100_000
    places = [source.randrange(2 * MIB) for _ in range(count)]
    for what, statement, mode in [("get", "for at in places: {a}[at]", "r"), ("set", "for at in places: {a}[at] = 2.0", "r+")]:
        arrays = every_array(path, npy, mode)
        tasks.append(compared(f"element {what}", "f8, at random in 16 MiB", arrays, statement, count, {"places": places}))
    return tasks


def every_array(path, npy, mode):
    """Arrays of the same file, ours first."""
    return {
        "memmap.memmap": memmap.memmap(path, "f8", mode),
        "numpy.memmap": np.memmap(path, "f8", mode),
        "numpy.load(mmap_mode)": np.load(npy, mode),
    }


def compared(name, data, arrays, statement, count, names):
    """A statement over the array of each engine, which it calls ``{a}``."""
    engines = []
    for number, engine in enumerate(arrays):
        own = statement.format(a=f"a{number}")
        engines.append(Engine(engine, own, count, "memmap.memmap" if number else None))
        names[f"a{number}"] = arrays[engine]
    goal = Goal(tuple(arrays)[1:], ratio=0.95)
    return Task(name, data, engines, names, [goal])


def slices(files):
    path, npy = files.numbers(16 * MIB)
    source = random.Random(4)
    tasks = []
    for size, count, text in [(512, 20_000, "4 KiB"), (8192, 5_000, "64 KiB"), (131_072, 300, "1 MiB")]:
        places = [source.randrange(2 * MIB - size) for _ in range(count)]
        statement = "for at in places: {a}[at : at + n].copy()"
        names = {"places": places, "n": size}
        arrays = every_array(path, npy, "r")
        tasks.append(compared(f"slice copy, {text}", "f8, at random in 16 MiB", arrays, statement, count, names))
    return tasks


def sums(files):
    path, npy = files.numbers(256 * MIB)
    arrays = every_array(path, npy, "r")
    assert len({float(array.sum()) for array in arrays.values()}) == 1
    return [compared("sum", "256 MiB of f8 in the page cache", arrays, "{a}.sum()", 1, {})]


def flush(files):
    path, npy = files.numbers(16 * MIB)
    arrays = every_array(path, npy, "r+")
    # np.load has no flush that differs from numpy.memmap's.
    del arrays["numpy.load(mmap_mode)"]
    statement = "for at in places: {a}[at] = at; {a}.flush()"
    places = list(range(0, 2 * MIB, 2 * MIB // 50))
    dirty = compared("flush", "an element of 16 MiB written and made durable", arrays, statement, len(places), {"places": places})
    turns = {"turns": range(2000)}
    clean = compared("flush, nothing to do", "16 MiB", dict(arrays), "for _ in turns: {a}.flush()", 2000, turns)
    return [dirty, clean]


def find(files):
    last = b"the needle at the end"
    path = files.log(1024 * MIB, last)
    live, plain = memmap.MemMap.open(path, "r"), mapped(path)
    at = len(plain) - len(last)
    assert memmap.find(path, last) == [(at, len(last))] and live.find(last) == plain.find(last) == at
    engines = [
        Engine("memmap.find(map)", "memmap.find(live, last)"),
        Engine("memmap.find(path)", "memmap.find(path, last)", against="memmap.find(map)"),
        Engine("MemMap.find", "live.find(last)", against="memmap.find(map)"),
        Engine("mmap.find", "plain.find(last)", against="memmap.find(map)"),
    ]
    names = {"memmap": memmap, "path": path, "live": live, "plain": plain, "last": last}
    return [Task("find", f"{last!r}, at the end of a log of 1 GiB", engines, names, [Goal(("mmap.find",), ratio=5)])]


CUT = """
import sys, time, os, {module}
path, size = sys.argv[1], {size}
with open(path, "wb") as file:
    file.truncate(size)
a = {module}.memmap(path, "f8", "r")
a.sum()
if {is_cut}:
    os.truncate(path, 0)
begun = time.perf_counter()
a.sum()
print(time.perf_counter() - begun)
"""


def cut(files):
    def child(module, is_cut, size=128 * MIB):
        code = CUT.format(module=module, is_cut=is_cut, size=size)
        path = os.path.join(files.directory, "cut")

        def measure():
            done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
            return float(done.stdout)

        return measure

    engines = [
        Engine("memmap.memmap, cut", child("memmap", True)),
        Engine("memmap.memmap, whole", child("memmap", False), against="memmap.memmap, cut"),
        Engine("numpy.memmap, whole", child("numpy", False), against="memmap.memmap, cut"),
    ]
    goal = Goal(("memmap.memmap, cut",), seconds=0.2)
    try:
        child("numpy", True)()
    except subprocess.CalledProcessError as error:
        print(f"\nnumpy.memmap, cut: ends with status {error.returncode}")
    return [Task("cut", "the sum of 128 MiB whose file was made empty", engines, {}, [goal])]


DASK = """
import json, sys

def peak():
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))

def rested():
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    return peak()

if __name__ == "__main__":
    import dask, dask.array as da, memmap.dask, numpy, time
    from distributed import Client, LocalCluster

    kind, path = sys.argv[1:]
    dask.config.set({"distributed.worker.memory.terminate": False, "distributed.worker.memory.pause": False})
    with LocalCluster(1, threads_per_worker=2, memory_limit=0, dashboard_address=None) as cluster, Client(cluster) as client:
        [before] = client.run(rested).values()
        begun = time.perf_counter()
        if kind == "numpy":
            array = da.from_array(numpy.memmap(path, "f8", "r"), chunks="16MiB")
        else:
            array = memmap.dask.from_file(path, "f8", chunks="16MiB")
        total = float(array.sum().compute())
        seconds = time.perf_counter() - begun
        [after] = client.run(peak).values()
        print(json.dumps({"before": before, "peak": after, "seconds": seconds, "total": total}))
"""


def dask_peaks(files, rounds):
    """Prints what memory a worker of Dask takes for a sum."""
    path = os.path.join(files.directory, "sparse")
    script = os.path.join(files.directory, "dask_sum.py")
    with open(script, "w") as file:
        file.write(DASK)
    with open(path, "wb") as file:
        file.truncate(2048 * MIB)
    found = {"memmap": [], "numpy": []}
    for _ in range(rounds):
        for kind, samples in found.items():
            # Dask complains of the large graph, and of connections that end while they are in use.
            done = subprocess.run([sys.executable, script, kind, path], capture_output=True, text=True)
            if done.returncode:
                sys.exit(done.stderr)
            samples.append(json.loads(done.stdout))
    print(f"\ndask: the sum of 2 GiB, sparse, by a worker of two threads; chunks of 16 MiB; rounds: {rounds}\n")
    rows = [["array", "peak MiB", "min..max", "of it at rest", "seconds"]]
    peaks = {}
    for kind, name in [("memmap", "memmap.dask.from_file"), ("numpy", "from_array(numpy.memmap)")]:
        values = [sample["peak"] / MIB for sample in found[kind]]
        rest = statistics.median(sample["before"] / MIB for sample in found[kind])
        seconds = statistics.median(sample["seconds"] for sample in found[kind])
        peaks[kind] = statistics.median(values)
        ends = f"{min(values):.0f}..{max(values):.0f}"
        rows.append([name, f"{peaks[kind]:.0f}", ends, f"{rest:.0f}", f"{seconds:.2f}"])
    print(aligned(rows))
    share = peaks["memmap"] / peaks["numpy"]
    print(f"goal: at most 10 % of the memory of numpy.memmap: {share:.1%}, {'met' if share <= 0.1 else 'NOT MET'}")


TASKS = {
    "import": importing,
    "guard": guard,
    "open": open_close,
    "read": read,
    "element": elements,
    "slice": slices,
    "sum": sums,
    "flush": flush,
    "find": find,
    "cut": cut,
}


def machine():
    """What the numbers belong to."""
    with open("/proc/cpuinfo") as lines:
        name = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown")
    load = ", ".join(f"{number:.1f}" for number in os.getloadavg())
    print(f"{name}, {os.cpu_count()} cores, {platform.system()} {platform.release()}")
    print(f"Python {platform.python_version()}, numpy {np.__version__}, load {load}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tasks", nargs="*", metavar="TASK", help=f"one of {', '.join([*TASKS, 'dask'])}; all by default")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--directory", help="where the files are made; a temporary directory by default")
    options = parser.parse_args()
    names = options.tasks or [*TASKS, "dask"]
    if unknown := set(names) - {*TASKS, "dask"}:
        parser.error(f"no task is called {', '.join(unknown)}")
    machine()
    with tempfile.TemporaryDirectory(dir=options.directory, prefix="memmap-bench-") as directory:
        files = Files(directory)
        for name in names:
            if name == "dask":
                dask_peaks(files, max(1, options.rounds // 4))
                continue
            for task in TASKS[name](files):
                run(task, options.rounds)
    load = ", ".join(f"{number:.1f}" for number in os.getloadavg())
    print(f"\nload at the end: {load}")


if __name__ == "__main__":
    main()
