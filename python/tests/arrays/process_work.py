"""What the processes of tests are asked to do; they import it by this name."""

import os


def described(array):
    """What a worker got, and its elements."""
    return (
        f"{type(array).__module__}.{type(array).__name__}",
        getattr(array, "filename", None) and os.fspath(array.filename),
        getattr(array, "mode", None),
        array.shape,
        array.strides,
        array.dtype,
        bool(array.flags.writeable),
        array.tolist() if array.size < 100 else None,
    )


def total(array):
    return int(array.sum())


def file_array_total(handle):
    return int(handle[...].sum())


def octets(array):
    return array.tobytes()


class Sent:
    """What was pickled for another process at some time, on its way later."""

    def __init__(self, array):
        from multiprocessing.reduction import ForkingPickler

        self.data = bytes(ForkingPickler.dumps(array))


def total_of_sent(sent):
    import pickle

    return total(pickle.loads(sent.data))
