"""Tables of an ONNX model that stay in its file: the system maps their pages as they are looked up.

ONNX Runtime copies every constant of a model file. Matrices it packs anew, but the tables of ``Gather``, embeddings and
n-grams, are looked up here and there: mapped they cost no memory of the process' own, and are there once for all
processes. Read off the file as Protocol Buffers are written, since the package ``onnx`` is not there at run time.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

LEAST_BYTES: Final = 1_000_000
"""Tables below this stay ONNX Runtime's: the system maps up to 2 MB around what is looked up."""

_GRAPH: Final = 7
"""Fields in onnx.proto, of ModelProto; then of GraphProto, NodeProto and TensorProto."""
_NODE, _INITIALIZER = 1, 5
_INPUT, _OPERATOR = 1, 4
_DIMS, _TYPE, _NAME, _RAW = 1, 2, 8, 9
_VARINT, _EIGHT_BYTES, _LENGTH, _FOUR_BYTES = 0, 1, 2, 5
"""Wire types of Protocol Buffers."""
_DTYPES: Final = {
    1: np.float32, 2: np.uint8, 3: np.int8, 4: np.uint16, 5: np.int16, 6: np.int32, 7: np.int64, 10: np.float16,
}  # fmt: skip
"""TensorProto.DataType, little-endian as numpy's own here."""

Span = tuple[int, int]


def tables_in(path: Path) -> dict[str, npt.NDArray[Any]]:
    """Tables that only ``Gather`` reads, by the name of the constant, read-only views of the file.

    Only such as lie at a multiple of their numbers' size. The file must not be written to while they are used; it may
    be replaced by another one of its name.

    Raises:
        ValueError: the file is no ONNX model.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        # Reading maps pages: all that go with it would stay.
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as read:
            try:
                found = _gathered(read)
            except (IndexError, UnicodeDecodeError) as error:
                raise ValueError(f"{path} is no ONNX model: {error}") from error
        if not found:
            return {}
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return {
        name: np.frombuffer(mapped, dtype, (end - begin) // dtype.itemsize, begin).reshape(shape)
        for name, (dtype, shape, (begin, end)) in found.items()
    }


def _gathered(mapped: mmap.mmap) -> dict[str, tuple[np.dtype[Any], list[int], Span]]:
    """Type, shape and place of every large table that is only looked up."""
    tables: dict[str, tuple[np.dtype[Any], list[int], Span]] = {}
    gathered: set[str] = set()
    otherwise: set[str] = set()
    for span in _spans(mapped, (0, len(mapped)), _GRAPH):
        for node in _spans(mapped, span, _NODE):
            inputs = [_text(mapped, each) for each in _spans(mapped, node, _INPUT)]
            operators = [_text(mapped, each) for each in _spans(mapped, node, _OPERATOR)]
            if operators == ["Gather"]:
                gathered.update(inputs[:1])
                otherwise.update(inputs[1:])
            else:
                otherwise.update(inputs)
        for tensor in _spans(mapped, span, _INITIALIZER):
            tables.update(_table(mapped, tensor))
    return {name: table for name, table in tables.items() if name in gathered - otherwise}


def _table(mapped: mmap.mmap, tensor: Span) -> dict[str, tuple[np.dtype[Any], list[int], Span]]:
    """The one entry for a constant, none where it is small, of another form, or badly placed."""
    shape = [value for field, value in _fields(mapped, tensor) if field == _DIMS and isinstance(value, int)]
    kind = [value for field, value in _fields(mapped, tensor) if field == _TYPE and isinstance(value, int)]
    raw, names = list(_spans(mapped, tensor, _RAW)), list(_spans(mapped, tensor, _NAME))
    if len(raw) != 1 or len(names) != 1 or len(kind) != 1 or kind[0] not in _DTYPES:
        return {}
    (begin, end), dtype = raw[0], np.dtype(_DTYPES[kind[0]])
    fits = end - begin == int(np.prod(shape)) * dtype.itemsize and begin % dtype.itemsize == 0
    return {_text(mapped, names[0]): (dtype, shape, (begin, end))} if fits and end - begin >= LEAST_BYTES else {}


def _spans(mapped: mmap.mmap, span: Span, wanted: int) -> Iterator[Span]:
    """Where the messages and strings of one field lie."""
    for field, value in _fields(mapped, span):
        if field == wanted and isinstance(value, tuple):
            yield value


def _fields(mapped: mmap.mmap, span: Span) -> Iterator[tuple[int, int | Span]]:
    """Number and value of every field of a message: a number, or where its bytes lie."""
    place, end = span
    while place < end:
        key, place = _varint(mapped, place)
        kind = key & 7
        if kind == _VARINT:
            value, place = _varint(mapped, place)
            yield key >> 3, value
        elif kind == _LENGTH:
            length, place = _varint(mapped, place)
            yield key >> 3, (place, place + length)
            place += length
        elif kind in (_EIGHT_BYTES, _FOUR_BYTES):
            place += 8 if kind == _EIGHT_BYTES else 4
        else:
            raise ValueError(f"wire type {kind} at byte {place} is none that ONNX models have")


def _varint(mapped: mmap.mmap, place: int) -> tuple[int, int]:
    """A number of seven bits a byte, and the place behind it."""
    value = shift = 0
    while True:
        byte = mapped[place]
        place += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, place
        shift += 7


def _text(mapped: mmap.mmap, span: Span) -> str:
    return mapped[span[0] : span[1]].decode()
