"""File systems of their own: a disk that is full, and one file by two mounts."""

import os
import shutil
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="mounts of Linux")

BEGIN = """
import errno, os, subprocess, sys
import memmap
from memmap import MemMap
def mount(kind, where, options=""):
    os.makedirs(where, exist_ok=True)
    subprocess.run(["mount", "-t", kind, *(["-o", options] if options else []), "none", where], check=True)
os.chdir(sys.argv[1])
"""


@pytest.fixture
def mounted(tmp_path):
    """Runs a program in a mount namespace of its own, and returns what it printed."""
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed")
    probe = "mount -t tmpfs -o size=1m none " + str(tmp_path)
    if subprocess.run(["unshare", "-m", "sh", "-c", probe], capture_output=True, check=False).returncode:
        pytest.skip("nothing can be mounted here")

    def run(program, *, may_skip=""):
        path = os.pathsep.join(entry for entry in sys.path if entry)
        done = subprocess.run(
            ["unshare", "-m", sys.executable, "-c", BEGIN + program, str(tmp_path)],
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "PYTHONPATH": path},
            check=False,
        )
        if may_skip and "CalledProcessError" in done.stderr and "mount" in done.stderr:
            pytest.skip(may_skip)
        assert done.returncode == 0, f"status {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout.strip()

    return run


FULL = """
mount("tmpfs", "disk", "size=1m")
os.chdir("disk")
with open("x", "wb") as file: file.truncate(4 << 20)
def failing(*calls):
    kinds = []
    for call in calls:
        try: call(); kinds.append(None)
        except memmap.StorageFullError as error: kinds.append(error.kind)
    return kinds
"""


def test_stores_into_a_full_disk_are_told(mounted):
    """The file is as long as before, so nothing but the device knows."""
    out = mounted(
        FULL
        + """
mm = MemMap.open("x", "r+")
view = mm.view()
shown = memoryview(view)
shown[:] = b"\\1" * len(shown)
assert sum(shown) == 4 << 20
with open("x", "rb") as file: stored = sum(file.read())
assert stored < 4 << 20
lost = view.lost()
assert lost and {reason for _, _, reason in lost} == {"storage_full"}, lost
assert sum(end - start for start, end, _ in lost) >= (4 << 20) - stored
start = lost[0][0]
mm.flush(0, start)
print(failing(view.flush, view.check, mm.flush, mm.sync, lambda: mm.flush(start, 1), lambda: memmap.check(shown)))
print(failing(mm.close), mm.closed)
"""
    )
    kinds = ["storage_full"] * 6
    assert out.splitlines() == [str(kinds), "['storage_full'] True"]


def test_arrays_over_a_full_disk_are_told(mounted):
    pytest.importorskip("numpy")
    out = mounted(
        FULL
        + """
array = memmap.memmap("x", "u1", "r+")
array[:] = 1
assert int(array.sum()) == 4 << 20
print(failing(array.flush, array._mmap.flush, array.check, array.tobytes))
assert {reason for _, _, reason in array.lost()} == {"storage_full"}
"""
    )
    assert out == str(["storage_full"] * 4)


def test_guarded_writes_to_a_full_disk_are_errors(mounted):
    out = mounted(
        FULL
        + """
mm = MemMap.open("x", "r+")
print(failing(lambda: mm.write_at(0, b"\\1" * (4 << 20))))
print(failing(lambda: MemMap.open("y", "w+", size=2 << 20)), os.listdir("."))
print(mm[0], len(mm))
"""
    )
    assert out.splitlines() == ["['storage_full']", "['storage_full'] ['x']", f"1 {4 << 20}"]


def test_one_file_by_two_mounts_is_one_file(mounted):
    """The device numbers differ, and are compared nowhere."""
    pytest.importorskip("numpy")
    out = mounted(
        """
mount("tmpfs", "base")
for name in ("lower", "upper1", "upper2", "work1", "work2"): os.mkdir("base/" + name)
with open("base/lower/x", "wb") as file: file.write(b"\\1" * 65536)
for turn in "12":
    mount("overlay", "mount" + turn, f"lowerdir=base/lower,upperdir=base/upper{turn},workdir=base/work{turn}")
one, two = os.stat("mount1/x"), os.stat("mount2/x")
from memmap._processes import describe, open_handle
array = memmap.memmap("mount1/x", "u1", "r")
path, *rest = describe(array)
again = open_handle(os.path.abspath("mount2/x"), *rest)
print(one.st_dev != two.st_dev, int(again.sum()))
""",
        may_skip="no overlay here",
    )
    assert out.split() == ["True", "65536"]
