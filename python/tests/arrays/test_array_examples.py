"""Examples from the pages of others, as they are printed, with the import changed."""

import doctest
import types

import numpy as np
import pytest

import memmap


class Numpy(types.ModuleType):
    """numpy, with our class in place of its memmap."""

    memmap = memmap.memmap

    def __getattr__(self, name):
        return getattr(np, name)


def test_numpys_example_of_memmap(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    example = doctest.DocTestParser().get_doctest(np.memmap.__doc__, {"np": Numpy("np")}, "numpy.memmap", None, 0)
    assert len(example.examples) > 15
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    result = runner.run(example)
    assert result.failed == 0 and result.attempted == len(example.examples)


def test_numpys_example_of_flush_and_open_memmap(tmp_path):
    path = tmp_path / "data.npy"
    array = memmap.open_memmap(path, mode="w+", dtype=np.float64, shape=(3, 4))
    array[:] = 7
    array.flush()
    assert np.load(path).sum() == 84
    assert np.load(path, mmap_mode="r").offset == array.offset


def test_the_example_with_open_read_at_and_close(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.bin").write_bytes(bytes(range(256)))
    program = """
from memmap import MemMap
mm = MemMap.open("data.bin", mode="r")
value = mm.read_at(offset=128, size=4)
mm.close()
"""
    names = {}
    exec(program, names)
    assert names["value"] == bytes([128, 129, 130, 131])


def test_interleaved_vertices_of_two_dtypes_with_padding(tmp_path):
    """Positions of three floats, colours of four bytes, and four bytes of padding."""
    path = tmp_path / "vertices.bin"
    count, header, stride = 1000, 24, 20
    vertex = np.dtype(
        {
            "names": ["position", "colour"],
            "formats": [("<f4", (3,)), ("u1", (4,))],
            "offsets": [0, 12],
            "itemsize": stride,
        }
    )
    expected = np.zeros(count, vertex)
    expected["position"] = np.arange(3 * count, dtype="<f4").reshape(count, 3)
    expected["colour"] = np.arange(4 * count).reshape(count, 4) % 256
    path.write_bytes(b"H" * header + expected.tobytes())

    vertices = memmap.memmap(path, vertex, "r+", header, count)
    assert vertices.dtype == vertex and vertices.itemsize == stride
    positions, colours = vertices["position"], vertices["colour"]
    assert positions.strides == (stride, 4) and colours.strides == (stride, 1)
    assert np.array_equal(positions, expected["position"])
    assert np.array_equal(colours, expected["colour"])

    # The same by two views of other types over the same pages.
    whole = memmap.memmap(path, "u1", "r+")
    also = np.ndarray((count, 3), "<f4", whole, header, (stride, 4))
    assert np.array_equal(also, positions)
    memmap.check(also)
    positions[7] = (1.5, 2.5, 3.5)
    colours[7, 3] = 255
    assert tuple(also[7]) == (1.5, 2.5, 3.5) and whole[header + 7 * stride + 15] == 255
    vertices.flush()
    again = np.fromfile(path, vertex, offset=header)
    assert tuple(again["position"][7]) == (1.5, 2.5, 3.5) and again["colour"][7, 3] == 255
    # By value, the fields keep their names and places.
    assert vertices.tobytes() == again.tobytes()


def test_the_examples_of_our_own_docs():
    from memmap import _copy, _identity

    for module in (_copy, _identity):
        result = doctest.testmod(module)
        assert result.failed == 0 and result.attempted > 0, module.__name__
    runner = doctest.DocTestRunner()
    for thing in (memmap.memmap, memmap.open_npy, memmap.load_npz_member):
        for example in doctest.DocTestFinder().find(thing, thing.__name__, module=False):
            runner.run(example)
    result = runner.summarize(verbose=False)
    assert result.failed == 0 and result.attempted > 10


def test_the_examples_of_dask():
    dask = pytest.importorskip("dask", reason="dask is not installed")
    assert dask
    import memmap.dask

    result = doctest.testmod(memmap.dask)
    assert result.failed == 0 and result.attempted > 10
