"""`memmap.stat` against `lazyhex stat --json`."""

import json
import os
import pathlib
import random
import subprocess
import sys
import sysconfig

import pytest

import memmap
from memmap import FrozenMap, MemMap, RamMap

PROGRAM = pathlib.Path(sysconfig.get_path("scripts")) / "lazyhex"


@pytest.fixture(scope="module")
def lazyhex():
    """Runs the `lazyhex` that is installed beside Python, and returns the object that it prints."""
    if not PROGRAM.exists():
        pytest.skip("`cargo xtask python build` installs it")

    def run(path, *options):
        done = subprocess.run([PROGRAM, "stat", "--json", *options, path], capture_output=True, check=True)
        return json.loads(done.stdout)

    return run


def random_bytes(count, seed=7):
    return random.Random(seed).randbytes(count)


@pytest.fixture
def files(fresh):
    text = b"A line of text,\tand another.\n" * 5000
    holes = fresh(b"start")
    with open(holes, "r+b") as file:
        for at in (1 << 20, 5 << 20):
            file.seek(at)
            file.write(b"island " * 1000)
        file.truncate(9 << 20)
    return {
        "text": fresh(text),
        "holes": holes,
        "empty": fresh(b""),
        "one byte": fresh(b"\n"),
        "random": fresh(random_bytes(3_000_000)),
        "runs": fresh(b"".join(bytes([n]) * (n * 37 % 501) for n in range(256)) * 40 + text),
    }


def test_it_is_what_lazyhex_prints(files, lazyhex):
    for name, path in files.items():
        assert memmap.stat(path) == lazyhex(path), name
        assert memmap.stat(path, min_string=9) == lazyhex(path, "--min-string", "9"), name


@pytest.mark.parametrize(
    ("start", "stop", "spelled"),
    [
        (1000, 140_000, "1000..140000"),
        (None, 99, "..99"),
        (5, None, "5.."),
        (-1001, None, "-1001.."),
        (-1001, -1, "-1001..-1"),
        (700, 1 << 40, "700..1T"),
        (8, 8, "8..8"),
    ],
)
def test_a_range_is_that_of_lazyhex(files, lazyhex, start, stop, spelled):
    for name in ("text", "holes", "random", "runs"):
        path = files[name]
        assert memmap.stat(path, start=start, stop=stop) == lazyhex(path, f"--range={spelled}"), name


def test_a_path_that_is_not_utf_8_is_that_of_lazyhex(tmp_path, lazyhex):
    if sys.platform != "linux":
        pytest.skip("names are text on other systems")
    path = os.fsencode(tmp_path) + b"/caf\xe9 \xff"
    with open(path, "wb") as file:
        file.write(b"some text")
    found = memmap.stat(path)
    assert found["path_is_lossy"] is True
    assert found == lazyhex(path)
    assert memmap.stat(os.fsdecode(path)) == found


def test_every_source_has_the_same_summary(files):
    path = files["runs"]
    data = path.read_bytes()
    ram = RamMap(len(data))
    memoryview(ram)[:] = data
    from_path = memmap.stat(path)
    assert from_path["path"] == str(path)
    edited = MemMap.open(path, "c")
    with open(path, "rb") as file, MemMap.open(path) as live, FrozenMap.open(path) as frozen:
        for source, name in [
            (str(path), str(path)),
            (live, str(path)),
            (frozen, str(path)),
            (edited, str(path)),
            (file, None),
            (ram, None),
        ]:
            found = memmap.stat(source)
            assert found == from_path | {"path": name}, source
    edited[:4] = b"\1\1\1\1"
    assert memmap.stat(edited, stop=4)["histogram"][1] == 4


def test_the_numbers_are_those_of_the_bytes(fresh):
    data = bytes(10) + b"tab\tis text" + b"\x80\x80\x80\x80\x80" + b"abc" + b"\x01" + b"last"
    found = memmap.stat(fresh(data))
    assert found["histogram"] == [data.count(n) for n in range(256)]
    assert found["counted"] == found["length"] == found["end"] == len(data)
    assert found["classes"] == {"null": 10, "printable": 16, "white_space": 2, "other_ascii": 1, "high": 5}
    assert found["strings"] == {"min_length": 4, "count": 2, "bytes": 15}
    assert found["longest_runs"] == [
        {"offset": 0, "length": 10, "byte": 0},
        {"offset": 21, "length": 5, "byte": 128},
    ]
    assert memmap.stat(fresh(bytes(range(256)) * 64))["entropy"] == 8.0


def test_what_is_lost_is_listed_and_the_rest_counted(fresh):
    path = fresh(b"x" * (3 << 20))
    with MemMap.open(path) as mm:
        os.truncate(path, 1 << 20)
        found = memmap.stat(mm)
    assert found["counted"] == found["histogram"][ord("x")] == 1 << 20
    [lost] = found["unreadable"]
    assert (lost["start"], lost["end"]) == (1 << 20, 3 << 20)
    assert str(path) in lost["reason"]
    assert found["entropy_of_pieces"]["values"][-1] is None


def test_wrong_arguments_are_errors(fresh, tmp_path):
    path = fresh(b"0123456789")
    for options in [
        {"start": 11},
        {"start": -11},
        {"stop": -11},
        {"start": 5, "stop": 4},
        {"start": -1, "stop": -2},
        {"min_string": 0},
        {"min_string": -1},
    ]:
        with pytest.raises(ValueError):
            memmap.stat(path, **options)
    with pytest.raises(TypeError):
        memmap.stat(5)
    with pytest.raises(FileNotFoundError):
        memmap.stat(tmp_path / "none")
    closed = MemMap.anonymous(8)
    closed.close()
    with pytest.raises(ValueError, match="closed"):
        memmap.stat(closed)


def test_progress_ends_with_everything():
    ram = RamMap(5 << 20)
    calls = []
    memmap.stat(ram, start=1 << 20, progress=lambda *numbers: calls.append(numbers))
    assert calls[-1] == (4 << 20, 4 << 20)
    assert calls == sorted(calls)


def test_what_a_callback_raises_stops_it(fresh):
    path = fresh(random_bytes(1 << 20) * 64)
    calls = []

    def progress(done, total):
        calls.append(done)
        raise KeyError("enough")

    with pytest.raises(KeyError):
        memmap.stat(path, progress=progress)
    assert len(calls) == 1
