"""Threads load and store, strided and at random, while another process cuts their file and makes it grow.

    python storm.py [--seconds 60] [--threads 1 8] [--mib 64] [--kinds strided random ...]

Prints a line for each storm: how often it was cut, what was touched, and how its process ended. A storm that
ends by a signal, or by an exception that is not one of a loss, is a failure.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time

PAGE = 4096
KINDS = ("strided", "random", "stores", "frozen", "copies")


def cut_and_grow(path, size, until):
    """Cuts the file to some length, also within a page, and makes it as long as it was; returns how often."""
    lengths = random.Random(1)
    count = 0
    while time.monotonic() < until:
        os.truncate(path, lengths.choice((0, 1, PAGE, 2 * PAGE, size // 2 + 100, lengths.randrange(size))))
        os.truncate(path, size)
        count += 1
        # Long enough, now and then, for a map to be made.
        time.sleep(lengths.choice((0, 0, 0.001, 0.004)))
    return count


class Worker(threading.Thread):
    """Maps the file again and again, and touches it."""

    def __init__(self, path, size, kind, seed, until):
        super().__init__()
        import numpy

        self.path, self.size, self.kind, self.until = path, size, kind, until
        self.numpy = numpy
        self.random = numpy.random.default_rng(seed)
        self.maps = self.told = 0
        self.error = None

    def run(self):
        import memmap

        try:
            # Once at least, however busy the machine is.
            while time.monotonic() < self.until or self.maps + self.told == 0:
                try:
                    self.turn(memmap)
                    self.maps += 1
                except memmap.MapError:
                    self.told += 1
                except ValueError as error:
                    # The file was too short when it was mapped, as numpy says.
                    if not ("bytes" in str(error) or "empty" in str(error)):
                        raise
        except BaseException as error:
            self.error = f"{type(error).__name__}: {error}"

    def turn(self, memmap):
        if self.kind == "copies":
            with memmap.MemMap.open(self.path) as mm:
                for offset in self.random.integers(0, self.size - 100, 200):
                    mm.read_at(int(offset), 100)
                mm.read_at(0, len(mm))
            return
        if self.kind == "frozen":
            frozen = memmap.FrozenMap.open(self.path, size=self.size)
            array = self.numpy.frombuffer(frozen, "u1")
        else:
            # With a shape, as in these modes numpy's makes a file longer.
            mode = "r+" if self.kind == "stores" else "r"
            owner = memmap.MemMap.open(self.path, mode, size=self.size).view()
            array = self.numpy.frombuffer(owner, "u1")
        for _ in range(4):
            self.touch(array)
        memmap.check(array)

    def touch(self, array):
        places = self.random.integers(0, self.size, 2000)
        if self.kind == "stores":
            array[places] = 1
            array[int(places[0]) % PAGE :: 2 * PAGE] = 1
        elif self.kind == "random":
            array[places].sum()
        else:
            array[int(places[0]) % PAGE :: 2 * PAGE].sum()


def storm(path, size, kind, threads, seconds):
    """The process of a storm: prints what was done, as JSON."""
    import memmap
    import numpy

    print("ready", numpy.__version__, memmap.guard_status(), flush=True)
    until = time.monotonic() + seconds
    workers = [Worker(path, size, kind, seed, until) for seed in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    errors = [worker.error for worker in workers if worker.error]
    told = sum(worker.told for worker in workers)
    print(json.dumps({"maps": sum(worker.maps for worker in workers), "told": told, "errors": errors}))


def run(kind, threads, seconds, size):
    """Runs a storm in a process of its own, and cuts its file; returns its report."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "data")
        with open(path, "wb") as file:
            file.truncate(size)
        arguments = [path, str(size), kind, str(threads), str(seconds)]
        with subprocess.Popen(
            [sys.executable, "-W", "ignore", __file__, "--storm", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            process.stdout.readline()
            cuts = cut_and_grow(path, size, time.monotonic() + seconds + 0.5)
            try:
                output, errors = process.communicate(timeout=60 + seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                output, errors = "", "it hangs"
        report = json.loads(output) if process.returncode == 0 else {"errors": [errors[-2000:]]}
        return {"kind": kind, "threads": threads, "status": process.returncode, "cuts": cuts, **report}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--mib", type=int, default=64)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    chosen = parser.parse_args()
    failures = 0
    for threads in chosen.threads:
        for kind in chosen.kinds:
            report = run(kind, threads, chosen.seconds, chosen.mib << 20)
            failures += report["status"] != 0 or bool(report["errors"])
            print(report, flush=True)
    print(f"{failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--storm"]:
        path, size, kind, threads, seconds = sys.argv[2:]
        storm(path, int(size), kind, int(threads), float(seconds))
    else:
        sys.exit(main())
