"""Copies of array elements out of a map, under the guard.

An array over mapped pages is read here by calls of the map, never by plain
loads: a byte that cannot be read is an exception, not a zero.
"""

import numpy as np

from memmap._native import MapError

# Elements that lie apart are fetched together with the bytes between them,
# where that is at most this much and the elements are a quarter of it.
_SPAN = 1 << 20
_DENSE = 4


def extent(shape, strides, itemsize):
    """First and last byte of an array, relative to its first element.

    Parameters
    ----------
    shape, strides : tuple of int
        As of an array; strides in bytes.
    itemsize : int
        Bytes of an element.

    Returns
    -------
    low, high : int
        The elements lie in ``[low, high)``. Both are 0 for an empty array.

    Examples
    --------
    >>> extent((3, 4), (4, 1), 1)
    (0, 12)
    >>> extent((3,), (-8,), 8)
    (-16, 8)
    """
    low = high = 0
    for length, stride in zip(shape, strides):
        if length == 0:
            return 0, 0
        if stride < 0:
            low += (length - 1) * stride
        else:
            high += (length - 1) * stride
    return low, high + itemsize


def contiguous_strides(shape, itemsize, order):
    """Strides of a contiguous array.

    Examples
    --------
    >>> contiguous_strides((2, 3), 8, "C")
    (24, 8)
    >>> contiguous_strides((2, 3), 8, "F")
    (8, 16)
    """
    strides = []
    step = itemsize
    for length in shape if order == "F" else reversed(shape):
        strides.append(step)
        step *= max(length, 1)
    return tuple(strides if order == "F" else reversed(strides))


def read_array(read_into, start, dtype, shape, strides):
    """Copy the elements of a strided array out of a map.

    Parameters
    ----------
    read_into : callable
        ``read_into(offset, target)`` fills a writable, contiguous buffer, or
        raises.
    start : int
        Where the first element lies, as an offset that `read_into` takes.
    dtype : numpy.dtype
    shape, strides : tuple of int

    Returns
    -------
    numpy.ndarray
        A plain array over memory of its own, with its axes in the order that
        they had in the map: what was of Fortran's order still is.

    Examples
    --------
    >>> source = bytes(range(12))
    >>> def read_into(offset, target):
    ...     target = memoryview(target).cast("B")
    ...     target[:] = source[offset : offset + len(target)]
    >>> read_array(read_into, 10, np.dtype("u1"), (2, 3), (-4, -1))
    array([[10,  9,  8],
           [ 6,  5,  4]], dtype=uint8)
    """
    # What is read has its axes in descending order of positive strides.
    # Repeated elements (stride 0) are read once.
    flip = []
    lengths = []
    steps = []
    for length, stride in zip(shape, strides):
        if length == 0:
            return np.empty(shape, dtype)
        flip.append(slice(None, None, -1 if stride < 0 else 1))
        if stride < 0:
            start += (length - 1) * stride
        lengths.append(1 if stride == 0 else length)
        steps.append(abs(stride))
    axes = sorted(range(len(shape)), key=lambda axis: -steps[axis])
    target = np.empty([lengths[axis] for axis in axes], dtype)
    _fill(read_into, target, start, tuple(steps[axis] for axis in axes))

    result = target.transpose(np.argsort(axes)) if axes else target
    result = result[tuple(flip) + (Ellipsis,)]
    if result.shape != tuple(shape):
        result = np.broadcast_to(result, shape).copy()
    elif any(part.step == -1 for part in flip):
        result = result.copy("K")
    return result


def octets(array):
    """The bytes of a C-contiguous array, as a one-dimensional array of them."""
    return array.reshape(-1).view(np.uint8)


def _fill(read_into, target, start, steps):
    if target.nbytes == 0:
        return
    shape = target.shape
    while shape and shape[0] == 1:
        target, shape, steps = target[0, ...], shape[1:], steps[1:]
    if _is_contiguous(shape, steps, target.itemsize):
        read_into(start, octets(target))
        return
    has_parts = _is_contiguous(shape[1:], steps[1:], target.itemsize)
    span = extent(shape, steps, target.itemsize)[1]
    if span <= _SPAN and span <= _DENSE * target.nbytes:
        block = np.empty(span, np.uint8)
        try:
            read_into(start, block)
        except MapError:
            # What was lost may lie between the elements: read them one by one.
            if has_parts:
                _fill_parts(read_into, target, start, steps[0])
                return
        else:
            target[...] = np.ndarray(shape, target.dtype, block, 0, steps)
            return
    elif has_parts and steps[0] * shape[0] > _DENSE * target.nbytes:
        _fill_parts(read_into, target, start, steps[0])
        return
    half = shape[0] // 2
    _fill(read_into, target[:half], start, steps)
    _fill(read_into, target[half:], start + half * steps[0], steps)


def _fill_parts(read_into, target, start, step):
    """Read contiguous parts, which lie `step` bytes apart."""
    size = target.nbytes // target.shape[0]
    parts = memoryview(octets(target))
    for index in range(target.shape[0]):
        read_into(start + index * step, parts[index * size : (index + 1) * size])


def _is_contiguous(shape, steps, itemsize):
    for length, step in zip(reversed(shape), reversed(steps)):
        if length != 1 and step != itemsize:
            return False
        itemsize *= length
    return True
