"""Copies of strided arrays, against numpy's own."""

import numpy as np
import pytest

from memmap._copy import _SPAN, extent, read_array
from memmap._native import MapError

hypothesis = pytest.importorskip("hypothesis", reason="hypothesis makes the cases")
st = hypothesis.strategies

SOURCE = np.random.default_rng(1).integers(0, 256, 6 << 20, "u1")


class Reader:
    """Bytes of which a range cannot be read."""

    def __init__(self, lost=(0, 0)):
        self.lost = lost
        self.calls = 0

    def __call__(self, offset, target):
        self.calls += 1
        target = memoryview(target).cast("B")
        assert not target.readonly and offset >= 0
        stop = offset + len(target)
        if offset < self.lost[1] and self.lost[0] < stop:
            raise MapError(5, "lost", "file")
        target[:] = SOURCE[offset:stop]


@st.composite
def views(draw):
    dtype = np.dtype(draw(st.sampled_from(["u1", ">u2", "<f4", "c16", "V5", "S3", [("a", "u1"), ("b", ">i4")]])))
    shape = draw(st.lists(st.integers(1, 7), max_size=4).map(tuple))
    start = draw(st.integers(0, 40))
    array = np.ndarray(shape, dtype, SOURCE, start, order=draw(st.sampled_from("CF")))
    array = array.transpose(draw(st.permutations(range(len(shape)))))
    index = []
    for length in array.shape:
        step = draw(st.sampled_from([1, 1, 1, 2, 3, -1, -2]))
        bounds = sorted(draw(st.tuples(st.integers(0, length), st.integers(0, length))))
        part = slice(*bounds, step) if step > 0 else slice(bounds[1] - 1 if bounds[1] else 0, None, step)
        index.append(draw(st.sampled_from([part, slice(None), slice(0, 1)])))
    array = array[tuple(index) + (Ellipsis,)]
    if draw(st.booleans()):
        array = np.broadcast_to(array, (3, *array.shape))
    return array


def copied(array, reader):
    start = array.__array_interface__["data"][0] - SOURCE.__array_interface__["data"][0]
    return read_array(reader, start, array.dtype, array.shape, array.strides)


@hypothesis.given(views())
@hypothesis.settings(deadline=None, max_examples=400)
def test_a_copy_has_what_the_view_has(array):
    copy = copied(array, Reader())
    assert type(copy) is np.ndarray and copy.dtype == array.dtype and copy.shape == array.shape
    assert copy.tobytes() == array.tobytes()
    assert not np.may_share_memory(copy, SOURCE)


@hypothesis.given(views(), st.integers(0, 600), st.integers(1, 50))
@hypothesis.settings(deadline=None, max_examples=400)
def test_a_loss_is_an_error_if_and_only_if_it_is_of_these_bytes(array, first, length):
    mask = np.zeros(SOURCE.size, "?")
    mask[first : first + length] = True
    start = array.__array_interface__["data"][0] - SOURCE.__array_interface__["data"][0]
    width = np.dtype((np.void, array.itemsize))
    is_lost = np.ndarray(array.shape, width, mask.view("u1"), start, array.strides).tobytes().count(1) > 0
    if is_lost:
        with pytest.raises(MapError):
            copied(array, Reader((first, first + length)))
    else:
        assert copied(array, Reader((first, first + length))).tobytes() == array.tobytes()


@pytest.mark.parametrize(
    ("make", "most"),
    [
        (lambda: SOURCE.reshape(1024, -1), 1),
        (lambda: SOURCE.reshape(1024, -1).T, 1),
        (lambda: SOURCE[::2], 16),
        (lambda: SOURCE.reshape(-1, 64)[:, 3:40], 16),
        (lambda: SOURCE[::4096], 1536),
        (lambda: np.broadcast_to(SOURCE[:8], (1 << 20, 8)), 1),
    ],
)
def test_the_number_of_reads_is_small(make, most):
    reader = Reader()
    array = make()
    assert np.array_equal(copied(array, reader), array)
    assert reader.calls <= most


def test_what_lies_far_apart_is_not_read_as_one():
    reader = Reader((_SPAN, _SPAN + 1))
    assert np.array_equal(copied(SOURCE[:: 1 << 19][1:2], reader), SOURCE[1 << 19 : (1 << 19) + 1])


def test_an_order_stays():
    array = np.asfortranarray(SOURCE[:600].reshape(20, 30))
    copy = read_array(Reader(), 0, array.dtype, (20, 30), (1, 20))
    assert copy.flags.f_contiguous
    assert extent((20, 30), (1, 20), 1) == (0, 600)
