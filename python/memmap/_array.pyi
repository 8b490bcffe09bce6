from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from types import EllipsisType
from typing import IO, Any, Literal, SupportsIndex, overload

import numpy as np
import numpy.typing as npt
from typing_extensions import TypeVar

_File = str | bytes | PathLike[str] | PathLike[bytes] | IO[Any]
_Mode = Literal["r", "c", "r+", "w+", "readonly", "copyonwrite", "readwrite", "write"]
_Shape = SupportsIndex | Sequence[SupportsIndex]
_Slices = slice | EllipsisType | tuple[slice | EllipsisType, ...]

_ScalarT = TypeVar("_ScalarT", bound=np.generic)
_ShapeT_co = TypeVar("_ShapeT_co", bound=tuple[int, ...], default=tuple[int, ...], covariant=True)
_DTypeT_co = TypeVar("_DTypeT_co", bound=np.dtype[Any], default=np.dtype[Any], covariant=True)

class memmap(np.ndarray[_ShapeT_co, _DTypeT_co]):
    _mmap: Any
    @overload
    def __new__(
        cls,
        filename: _File,
        dtype: type[np.uint8] = ...,
        mode: _Mode = "r+",
        offset: SupportsIndex = 0,
        shape: _Shape | None = None,
        order: Literal["C", "F"] = "C",
        *,
        frozen: bool = False,
    ) -> memmap[tuple[int, ...], np.dtype[np.uint8]]: ...
    @overload
    def __new__(
        cls,
        filename: _File,
        dtype: type[_ScalarT] | np.dtype[_ScalarT],
        mode: _Mode = "r+",
        offset: SupportsIndex = 0,
        shape: _Shape | None = None,
        order: Literal["C", "F"] = "C",
        *,
        frozen: bool = False,
    ) -> memmap[tuple[int, ...], np.dtype[_ScalarT]]: ...
    @overload
    def __new__(
        cls,
        filename: _File,
        dtype: npt.DTypeLike,
        mode: _Mode = "r+",
        offset: SupportsIndex = 0,
        shape: _Shape | None = None,
        order: Literal["C", "F"] = "C",
        *,
        frozen: bool = False,
    ) -> memmap[tuple[int, ...], np.dtype[Any]]: ...
    @property
    def filename(self) -> str | Path | None: ...
    @property
    def offset(self) -> int | None: ...
    @property
    def mode(self) -> Literal["r", "c", "r+", "w+"] | None: ...
    @overload  # type: ignore[override]
    def __getitem__(self, index: _Slices) -> memmap[tuple[int, ...], _DTypeT_co]: ...
    @overload
    def __getitem__(self, index: Any) -> Any: ...
    def flush(self) -> None: ...
    def check(self, unchanged: bool = False) -> None: ...
    def lost(self) -> list[tuple[int, int, str]]: ...
