from os import PathLike
from typing import Literal

import numpy.typing as npt

from ._array import _Mode, _Shape, memmap

_Name = str | bytes | PathLike[str] | PathLike[bytes]

def open_npy(
    filename: _Name,
    mode: _Mode = "r+",
    dtype: npt.DTypeLike | None = None,
    shape: _Shape | None = None,
    fortran_order: bool = False,
    version: tuple[int, int] | None = None,
    *,
    max_header_size: int = 10_000,
    frozen: bool = False,
) -> memmap: ...

open_memmap = open_npy

def load_npz_member(
    filename: _Name,
    name: str,
    mode: Literal["r", "c", "readonly", "copyonwrite"] = "r",
    *,
    max_header_size: int = 10_000,
    frozen: bool = False,
) -> memmap: ...
