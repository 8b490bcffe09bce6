"""numpy's side of its rules: what it answers when it is asked about each, a line for each.

The first line says whose answers they are. `oracle.txt` is what this printed when the rules were
written; `cargo xtask numpy` asks again, and says where an answer has changed.

usage: python3 oracle.py
"""

import io
import os
import pickle
import resource
import struct
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap

RULES = {}


def rule(function):
    RULES[int(function.__name__[1:])] = function
    return function


def of(length):
    with open("data", "wb") as file:
        file.write(bytes(at % 251 + 1 for at in range(length)))
    return "data"


def size():
    return os.path.getsize("data") if os.path.exists("data") else "missing"


def said(call, *arguments, **options):
    """What a call answers, in a few words."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            answer = call(*arguments, **options)
            answer = shown(answer)
        except Exception as error:
            lines = str(error).splitlines() or [""]
            answer = f"{type(error).__name__}: {lines[0]}".replace(os.getcwd(), "…")
    names = sorted({warning.category.__name__ for warning in warned})
    return " ".join([answer, *names])


def shown(answer):
    if isinstance(answer, np.memmap):
        return f"shape {answer.shape}"
    if isinstance(answer, np.ndarray):
        return f"array {answer.tolist()}"
    return str(answer)


def child(work):
    """Whether a process of its own survives this, and what it answers."""
    sys.stdout.flush()
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.write(writing, said(work).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        answer = pipe.read()
    _, status = os.waitpid(process, 0)
    return f"ends by signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else answer


MODES = ["r", "c", "r+", "w+", "readonly", "copyonwrite", "readwrite", "write"]


@rule
def r1():
    return [np.memmap(of(160), "u1", mode, shape=(4,)).mode for mode in MODES]


@rule
def r2():
    return said(np.memmap, of(160), "u1", "rw")


@rule
def r3():
    return np.memmap(of(160)).mode


@rule
def r4():
    return np.memmap(of(160), mode="write", shape=(4,)).mode


@rule
def r5():
    return said(np.memmap, "data", "u1", "w+"), size()


@rule
def r6():
    os.chmod(of(160), 0o444)
    array = np.memmap("data", "u1", "c")
    array[0] = 77
    with open("data", "rb") as file:
        by_file = np.memmap(file, "u1", "c")
        by_file[0] = 78
    return int(array[0]), int(by_file[0]), open("data", "rb").read(1)


@rule
def r7():
    return [said(np.memmap, "data", "u1", mode, shape=(3,)) for mode in ("r", "r+", "c", "w+")], size()


@rule
def r8():
    of(160)
    np.memmap("data", "u1", "w+", shape=(24,))
    return size()


@rule
def r9():
    with open(of(160), "r+b") as file:
        array = np.memmap(file, "u1", "w+", shape=(24,))
    return size(), int(array[0])


@rule
def r10():
    np.memmap(of(160), "u1", "r+", shape=(24,))
    return size()


@rule
def r11():
    of(8192)
    array = np.memmap("data", "u1", "c")
    array[5000] = 77
    array.flush()
    kept = open("data", "rb").read()[5000] != 77
    os.truncate("data", 4096)
    return kept, child(lambda: int(array[5000]))


@rule
def r12():
    of(160)
    with open("data", "rb") as file:
        given = [said(np.memmap, it, "u1", "r") for it in ("data", Path("data"), file, b"data")]
    return given, said(np.memmap, io.BytesIO(b"1234"), "u1", "r"), said(np.memmap, 5, "u1", "r")


@rule
def r13():
    with open(of(160), "rb") as file:
        file.seek(7)
        array = np.memmap(file, "u1", "r", offset=2)
        return int(array[0]), file.tell()


@rule
def r14():
    with open(of(160), "rb") as file:
        return [said(np.memmap, file, "u1", "r+", shape=(length,)) for length in (24, 200)]


@rule
def r15():
    with open(of(160), "rb") as file:
        np.memmap(file, "u1", "r")
        return file.closed


@rule
def r16():
    os.mkdir("data")
    return said(np.memmap, "data", "u1", "r")


@rule
def r17():
    of(160)
    here = os.getcwd()
    with open("data", "rb") as file, tempfile.TemporaryFile() as unnamed:
        unnamed.write(b"1234")
        names = [np.memmap(it, "u1", "r").filename for it in ("data", file, Path("data"), unnamed)]
    return [(type(name).__name__, str(name).replace(here, "…")) for name in names]


@rule
def r18():
    return np.memmap(of(160)).dtype.str


@rule
def r19():
    of(160)
    names = "? i1 <i2 >i4 =i8 |u1 f2 f4 f8 f16 c8 c16 S5 U3 V7 M8[ns] m8[25s]".split()
    sizes = [np.memmap("data", name, "r", shape=(2,)).nbytes for name in names]
    objects = np.memmap("data", "O", "r")
    return sizes, objects.shape, child(lambda: str(objects))


@rule
def r20():
    return said(np.memmap, of(16), "(2,2)u1", "r")


@rule
def r21():
    of(160)
    return said(np.memmap, "data", "S0", "r"), said(np.memmap, "data", "S0", "r", shape=(3,))


@rule
def r22():
    Path("data").write_bytes(bytes(range(8)))
    return np.memmap("data", ">u4", "r").tolist()


@rule
def r23():
    Path("data").write_bytes(bytes([1, 2, 0, 0, 0, 0, 3, 4, 5, 0, 0, 0, 0, 6]))
    array = np.memmap("data", "u1, <u2, >u4", "r")
    return array.itemsize, array.tolist()


@rule
def r24():
    of(160)
    arrays = [np.memmap("data", "<u4", "r", offset=at, shape=(5,)) for at in range(9)]
    return [(bool(array.flags.aligned), int(array[0])) for array in arrays]


@rule
def r25():
    of(9000)
    offsets = (0, 1, 3, 4095, 4096, 4097, 8191)
    return [int(np.memmap("data", "<u2", "r", offset=at, shape=(4,))[0]) for at in offsets]


@rule
def r26():
    of(160)
    return [np.memmap("data", "u1", "r", offset=at).offset for at in (0, 1, 100)]


@rule
def r27():
    return said(np.memmap, of(160), "u1", "r", offset=-1, shape=(2,))


@rule
def r28():
    return said(np.memmap, of(160), "u1", "r", offset=1.5)


@rule
def r29():
    of(160)
    return [said(np.memmap, "data", "u1", mode, offset=161) for mode in ("r", "r+", "c")]


@rule
def r30():
    of(160)
    return [said(np.memmap, "data", "f8", mode, offset=160) for mode in ("r", "r+", "c")], size()


@rule
def r31():
    lengths = []
    for mode in ("c", "r+", "w+"):
        of(160)
        lengths.append((said(np.memmap, "data", "u1", mode, offset=200, shape=(8,)), size()))
    return lengths


@rule
def r32():
    of(160)
    return [said(np.memmap, "data", "u8", "r", offset=at) for at in (8, 3)]


@rule
def r33():
    of(160)
    shapes = (5, np.int64(5), (3, 4), [3, 4], np.array([3, 4]))
    return [np.memmap("data", "u1", "r", shape=shape).shape for shape in shapes]


@rule
def r34():
    return said(np.memmap, of(160), "u1", "r", shape=3.0)


@rule
def r35():
    array = np.memmap(of(160), "u1", "r", shape=(), offset=4)
    return array.ndim, array.size, int(array[()])


@rule
def r36():
    of(160)
    shapes = ((0, 3, 4), (3, 0, 4), (3, 4, 0), (0, 0, 1_000_000))
    return [said(np.memmap, "data", "f8", "r", shape=shape) for shape in shapes]


@rule
def r37():
    of(160)
    return [said(np.memmap, "data", "u1", "r", shape=shape) for shape in ((-1,), (-2, -2), (-200,))]


@rule
def r38():
    of(160)
    answers = [said(np.memmap, "data", "<u2", mode, shape=(2**32, 2**32)) for mode in ("r", "w+")]
    return answers, size()


@rule
def r39():
    of(160)
    return [said(np.memmap, "data", "<u4", mode, offset=8, shape=(3, 13)) for mode in ("r", "c")]


@rule
def r40():
    return said(np.memmap, of(160), "u1", "r+", shape=(20, 10)), size()


@rule
def r41():
    np.memmap("data", "<u4", "w+", offset=6, shape=(2, 3))
    made = size(), any(Path("data").read_bytes())
    of(9)
    np.memmap("data", "<u4", "r+", offset=6, shape=(2, 3))
    return made, size(), any(Path("data").read_bytes()[9:])


@rule
def r42():
    lengths = []
    for mode, offset in (("w+", 0), ("r+", 0), ("w+", 4096)):
        of(0)
        np.memmap("data", "u1", mode, offset=offset, shape=(0, 4))
        lengths.append(size())
    return lengths


@rule
def r43():
    of(0)
    return [said(np.memmap, "data", "u1", mode, shape=it) for mode in "rc" for it in (None, (0, 4))]


@rule
def r44():
    return said(np.memmap, of(0), "f4", "r+"), size(), said(np.memmap, "data", "f4", "r+")


@rule
def r45():
    of(4096)
    offsets = (0, 1, 4095, 4096)
    return [said(np.memmap, "data", "u8", "r", offset=at, shape=(0, 4)) for at in offsets]


@rule
def r46():
    of(160)
    orders = ("C", "F", "f", "A", "K", "X")
    call = lambda order: np.memmap("data", "u1", "r", shape=(2, 3), order=order).tolist()
    return [said(call, order) for order in orders]


@rule
def r47():
    of(160)
    return [np.memmap("data", "<u2", "r", shape=(2, 3, 4), order=order).strides for order in "CF"]


@rule
def r48():
    array = np.memmap(of(160), "u1", "r")
    return said(array.__setitem__, 0, 9), said(array.setflags, write=True)


@rule
def r49():
    array = np.memmap(of(160), "u1", "r+", offset=40, shape=(5, 6))
    parts = array[1:, ::-2], array.T, array.reshape(30), array[2], array.copy(), array + 1, array[[0, 2]]
    names = ("filename", "offset", "mode")
    known = [[getattr(part, name, None) for name in names] for part in parts]
    known = [(filename is not None, offset, mode) for filename, offset, mode in known]
    return known, type(array.sum()).__name__


@rule
def r50():
    array = np.memmap(of(160), "u1", "r+")
    part = array[2::3]
    del array
    part[0] = 9
    return int(part[0])


@rule
def r51():
    array = np.memmap(of(160), "u1", "r+")
    reader = np.memmap("data", "u1", "r")
    return array.flush(), array[3:7].flush(), reader.flush()


@rule
def r52():
    array = np.memmap(of(160), "u1", "r+")
    array[:] = 9
    there = set(Path("data").read_bytes())
    del array
    return there, set(Path("data").read_bytes())


@rule
def r53():
    return hasattr(np.memmap(of(160), "u1", "r+"), "close")


@rule
def r54():
    array = np.memmap(of(160), "u1", "r")
    again = pickle.loads(pickle.dumps(array))
    return type(again).__name__, getattr(again, "filename", None)


SOUND = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }"


def npy(text=SOUND, version=1, data=8):
    text = text.encode("utf-8" if version == 3 else "latin-1")
    length = struct.pack("<H" if version == 1 else "<I", len(text))
    Path("data").write_bytes(b"\x93NUMPY" + bytes([version, 0]) + length + text + bytes(data))
    return "data"


def load(*arguments, **options):
    return said(np.load, npy(*arguments, **options), mmap_mode="r")


def with_descr(descr):
    return load(f"{{'descr': {descr}, 'fortran_order': False, 'shape': (2,), }}", data=200)


def with_shape(shape):
    return load(f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}", data=200)


@rule
def r55():
    Path("data").write_bytes(b"\x93NUMPX\x01\0\0\0" + bytes(100))
    return said(open_memmap, "data", "r")


@rule
def r57():
    Path("data").write_bytes(b"\x93NUMPY\x04\0" + bytes(100))
    return said(np.load, "data", mmap_mode="r")


@rule
def r58():
    whole = Path(npy()).read_bytes()
    answers = []
    for length in (5, 8, 9, 66):
        Path("data").write_bytes(whole[:length])
        answers.append(said(open_memmap, "data", "r"))
    return answers


@rule
def r59():
    texts = (
        "{'shape': (2,), 'fortran_order': False, 'descr': '<f4'}",
        "{'shape': (2,), 'fortran_order': False}",
        "{'shape': (2,), 'fortran_order': False, 'descr': '<f4', 'more': 0}",
    )
    return [load(text) for text in texts]


@rule
def r60():
    return [with_shape(shape) for shape in ("(3, 4)", "[3, 4]", "3", "(3.0,)", "(-1,)", "(True,)")]


@rule
def r61():
    text = "{'descr': '<f4', 'fortran_order': %s, 'shape': (2, 1)}"
    return [load(text % order) for order in ("True", "False", "0", "None")]


@rule
def r62():
    fields = "[('a', '<i4'), ('', '|V3'), (('title', 'b'), '>f8', (2,)), ('c', [('d', '|u1')])]"
    npy(f"{{'descr': {fields}, 'fortran_order': False, 'shape': (2,), }}", data=200)
    dtype = np.load("data", mmap_mode="r").dtype
    offsets = [dtype.fields[name][1] for name in dtype.names]
    return dtype.names, offsets, with_descr("('<i4', (2, 3))"), with_descr("[]")


@rule
def r63():
    texts = ("[]", "{", "", "{'descr'", "((((", "'", "{0: 0}", "{{}: 0}")
    descrs = ("'<f9'", "5", "[5]", "[('a',)]", "None", "('<f4', -1)")
    kinds = [load(text).split(":")[0] for text in texts]
    return kinds, [with_descr(descr).split(":")[0] for descr in descrs]


@rule
def r64():
    text = "{'descr': '<f4', 'fortran_order': False, 'shape': (3L, 4L)}"
    return [load(text, version, 48).split(":")[0] for version in (1, 2, 3)]


@rule
def r65():
    short, long = (SOUND.ljust(length) for length in (10_000, 10_001))
    allowed = said(open_memmap, npy(long), "r", max_header_size=10_001)
    return load(short), load(long).split(":")[0], allowed


@rule
def r66():
    starts = []
    for count in range(40):
        np.save("data.npy", np.zeros(5, [(f"f{at}", "<f4") for at in range(count)]))
        starts.append(np.load("data.npy", mmap_mode="r").offset % 64)
    return set(starts), load(SOUND.ljust(70)), load(SOUND.ljust(71))


@rule
def r68():
    versions = []
    for name, count in (("f", 10), ("f", 4000), ("\u9577", 10)):
        dtype = [(f"{name}{at:05}", "<f4") for at in range(count)]
        made = said(open_memmap, "data", "w+", dtype, shape=(), version=None)
        versions.append((made, Path("data").read_bytes()[6]))
    forced = said(open_memmap, "data", "w+", [("\u9577", "<f4")], shape=(), version=(1, 0))
    return versions, forced.split(":")[0]


@rule
def r70():
    dtype = np.dtype("<f4", metadata={"a": 1})
    return said(np.save, "data", np.zeros(2, dtype))


def twelve():
    with open("data", "wb") as file:
        np.save(file, np.arange(12, dtype="<f4").reshape(3, 4))
    return "data"


@rule
def r71():
    with open(twelve(), "rb") as file:
        return said(open_memmap, file), said(open_memmap, "data")


@rule
def r72():
    array = open_memmap(twelve(), "r", "<f8", (4, 3), True)
    return array.dtype.str, array.shape, bool(array.flags.c_contiguous)


@rule
def r73():
    made = open_memmap("data", "w+", shape=(3,)).dtype.str
    answers = []
    for shape in (None, 3):
        twelve()
        answers.append((said(open_memmap, "data", "w+", shape=shape).split(":")[0], size()))
    return made, answers


@rule
def r74():
    twelve()
    return [open_memmap("data", mode).offset for mode in ("r", "r+", "c")], size()


@rule
def r75():
    return open_memmap("data", "w+", "u1", (3,)).mode


@rule
def r76():
    found = []
    for version in ((1, 0), (2, 0), (3, 0)):
        made = open_memmap("data", "w+", "u1", (2, 3), True, version)
        found.append((Path("data").read_bytes()[6], made.strides))
    return found


@rule
def r77():
    open_memmap("data", "w+", "f8", (0, 3))
    empty = size(), said(open_memmap, "data", "r"), said(open_memmap, "data", "r+"), size()
    open_memmap("data", "w+", "f8", ())
    return empty, size()


@rule
def r78():
    answers = []
    for mode in ("r", "c", "r+"):
        os.truncate(twelve(), 128)
        answers.append((said(open_memmap, "data", mode), size()))
    return answers


@rule
def r79():
    with open(twelve(), "ab") as file:
        file.write(b"more")
    return said(np.load, "data", mmap_mode="r")


@rule
def r80():
    np.savez("data.npz", a=np.arange(3))
    return type(np.load("data.npz", mmap_mode="r")["a"]).__name__


def main():
    print(f"numpy {np.__version__}")
    for number, function in sorted(RULES.items()):
        with tempfile.TemporaryDirectory() as directory:
            os.chdir(directory)
            answer = repr(function())
            os.chdir("/")
        print(f"{number:02} {answer.replace(chr(9), ' ')}")


if __name__ == "__main__":
    main()
