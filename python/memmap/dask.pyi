from os import PathLike
from typing import Any, Literal, SupportsIndex

import numpy as np
import numpy.typing as npt
from dask.array import Array

from ._array import _Shape

__all__ = ["FileArray", "from_file", "from_npy"]

_Name = str | bytes | PathLike[str] | PathLike[bytes]

class FileArray:
    path: str
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    offset: int
    order: Literal["C", "F"]
    identity: Any
    def __init__(
        self,
        path: _Name,
        dtype: npt.DTypeLike,
        shape: _Shape | None = None,
        offset: SupportsIndex = 0,
        order: Literal["C", "F"] = "C",
        *,
        identity: object = None,
    ) -> None: ...
    @property
    def ndim(self) -> int: ...
    @property
    def size(self) -> int: ...
    @property
    def nbytes(self) -> int: ...
    def __len__(self) -> int: ...
    def __getitem__(self, index: Any) -> Any: ...
    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]: ...
    def __dask_tokenize__(self) -> object: ...

def from_file(
    path: _Name,
    dtype: npt.DTypeLike,
    shape: _Shape | None = None,
    chunks: Any = "auto",
    *,
    offset: SupportsIndex = 0,
    order: Literal["C", "F"] = "C",
    identity: object = None,
) -> Array: ...
def from_npy(
    path: _Name,
    chunks: Any = "auto",
    *,
    identity: object = None,
    max_header_size: int = 10_000,
) -> Array: ...
