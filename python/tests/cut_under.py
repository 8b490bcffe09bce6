"""Cuts files under calculations, with `memmap` and with what else maps files, and prints what happened to each.

    python cut_under.py [NAME ...]

Each line is a process of its own. Another process cuts its file when it says that it has mapped it, and it
computes afterwards. Exit status 135 is SIGBUS: 128 and 7.
"""

import os
import signal
import subprocess
import sys
import tempfile
import textwrap

# More than a FrozenMap brings in at open.
SIZE = 20 << 20
# So much is left of a file: no page's end.
LEFT = 5000

BEGIN = f"""
import os, sys
path, SIZE = sys.argv[1], {SIZE}
def cut():
    "Has the file cut by the other process, and returns when it is."
    print("mapped", flush=True)
    sys.stdin.readline()
def told(check):
    import memmap
    try: check()
    except memmap.TruncatedError as error: return "TruncatedError at " + str(error.offset)
    return "silent"
"""

# What is computed of a map, by what maps it. Each program prints its result.
OURS = {
    "sum, memmap.memmap": """
        import memmap
        array = memmap.memmap(path, "u1", "r")
        cut()
        print("sum", int(array.sum()), told(array.check))
    """,
    "sum, MemMap.view": """
        import memmap, numpy as np
        view = memmap.MemMap.open(path).view()
        array = np.frombuffer(view, "u1")
        cut()
        print("sum", int(array.sum()), told(view.check))
    """,
    "sum, FrozenMap": """
        import memmap, numpy as np
        frozen = memmap.FrozenMap.open(path)
        array = np.frombuffer(frozen, "u1")
        cut()
        print("sum", int(array.sum()), told(frozen.check))
    """,
    "read, MemMap": """
        import memmap
        mm = memmap.MemMap.open(path)
        cut()
        print("read", told(lambda: mm.read_at(0, len(mm))))
    """,
    "store, memmap.memmap": """
        import memmap
        array = memmap.memmap(path, "u1", "r+")
        cut()
        array[:] = 2
        print("sum", int(array.sum()), told(array.flush))
    """,
    "store, MemMap.view": """
        import memmap
        view = memmap.MemMap.open(path, "r+").view()
        shown = memoryview(view)
        cut()
        shown[:] = bytes([2]) * SIZE
        print("stored", bytes(shown).count(2), told(view.flush))
    """,
    "store, MemMap": """
        import memmap
        mm = memmap.MemMap.open(path, "r+")
        cut()
        print("write", told(lambda: mm.write_at(0, bytes([2]) * SIZE)))
    """,
    "pyarrow, MemMap.view": """
        import memmap, pyarrow as pa, pyarrow.compute as pc
        view = memmap.MemMap.open(path).view()
        before = pa.total_allocated_bytes()
        buffer = pa.py_buffer(view)
        array = pa.Array.from_buffers(pa.uint8(), SIZE, [None, buffer])
        copied = pa.total_allocated_bytes() - before
        cut()
        print("sum", pc.sum(array).as_py(), f"copied {copied}", told(lambda: memmap.check(buffer)))
    """,
    "pyarrow, FrozenMap": """
        import memmap, pyarrow as pa, pyarrow.compute as pc
        frozen = memmap.FrozenMap.open(path)
        before = pa.total_allocated_bytes()
        buffer = pa.py_buffer(frozen)
        array = pa.Array.from_buffers(pa.uint8(), SIZE, [None, buffer])
        copied = pa.total_allocated_bytes() - before
        cut()
        print("sum", pc.sum(array).as_py(), f"copied {copied}", told(lambda: memmap.check(buffer)))
    """,
    "safetensors, MemMap.view": """
        import memmap, numpy as np, safetensors.numpy
        view = memmap.MemMap.open(path).view()
        shown = memoryview(view)
        start = 8 + int.from_bytes(shown[:8], "little")
        array = np.frombuffer(shown, "u1", offset=start)
        cut()
        print("saved", len(safetensors.numpy.save({"a": array})), told(view.check))
    """,
    "safetensors, deserialize": """
        import memmap, safetensors
        mm = memmap.MemMap.open(path)
        cut()
        print("deserialize", told(lambda: safetensors.deserialize(mm.read_at(0, len(mm)))))
    """,
}
OTHERS = {
    "sum, numpy.memmap": """
        import numpy as np
        array = np.memmap(path, "u1", "r")
        cut()
        print("sum", int(array.sum()))
    """,
    "sum, mmap": """
        import mmap
        with open(path, "rb") as file: mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        cut()
        print("sum", mapped[:].count(1))
    """,
    "store, numpy.memmap": """
        import numpy as np
        array = np.memmap(path, "u1", "r+")
        cut()
        array[:] = 2
        print("sum", int(array.sum()))
    """,
    "store, mmap": """
        import mmap
        with open(path, "r+b") as file: mapped = mmap.mmap(file.fileno(), 0)
        cut()
        mapped[:] = bytes([2]) * SIZE
        print("sum", mapped[:].count(1))
    """,
    "pyarrow, memory_map": """
        import pyarrow as pa, pyarrow.compute as pc
        mapped = pa.memory_map(path)
        buffer = mapped.read_buffer()
        array = pa.Array.from_buffers(pa.uint8(), SIZE, [None, buffer])
        cut()
        print("sum", pc.sum(array).as_py())
    """,
    "safetensors, safe_open": """
        import numpy as np, safetensors
        with safetensors.safe_open(path, "np") as tensors:
            cut()
            print("sum", int(tensors.get_tensor("a").sum()))
    """,
}


def contents(name):
    """Ones; for safetensors with a header in front."""
    if "safetensors" not in name:
        return b"\1" * SIZE
    room = SIZE - 8 - 128
    header = f'{{"a":{{"dtype":"U8","shape":[{room}],"data_offsets":[0,{room}]}}}}'.encode().ljust(128)
    return len(header).to_bytes(8, "little") + header + b"\1" * room


def run(name):
    """Runs one program; returns its exit status as shells have it, and the last line that it printed."""
    program = BEGIN + textwrap.dedent({**OURS, **OTHERS}[name])
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "data")
        with open(path, "wb") as file:
            file.write(contents(name))
        with subprocess.Popen(
            [sys.executable, "-c", program, path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            mapped = process.stdout.readline()
            if mapped == "mapped\n":
                os.truncate(path, LEFT)
            output, errors = process.communicate("cut\n", timeout=60)
        lines = (output.strip() or errors.strip()).splitlines()
        status = process.returncode
        return 128 - status if status < 0 else status, lines[-1] if lines else ""


def describe(status):
    if status > 128:
        return f"{status} {signal.Signals(status - 128).name}"
    return str(status)


def main(names):
    print(f"{'program':26} {'exit':12} what it printed after its file of {SIZE} bytes was cut to {LEFT}")
    is_as_expected = True
    for name in names or [*OURS, *OTHERS]:
        status, line = run(name)
        print(f"{name:26} {describe(status):12} {line}", flush=True)
        is_as_expected &= status == (0 if name in OURS else 128 + signal.SIGBUS)
    return 0 if is_as_expected else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
