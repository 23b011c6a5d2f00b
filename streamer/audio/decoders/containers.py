"""How much a file lacks of what its container counts, whoever decodes the sound in it: decoders often say nothing.

WAV, RF64, AIFF and AU are not among them: what their sizes mean is known best from libsndfile's notes.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from typing import Final

from streamer.audio.decoders.ogg import PAGE, length_by_pages

_LARGEST: Final = 2**48
"""Sizes beyond are what a program writes that does not know them."""
_SLACK: Final = 16
"""Bytes by which programs count too much: padding, or the header itself."""
_MOST_PARTS: Final = 100_000
"""Of a file with more, nothing is said: it may be full of empty ones."""
_UNKNOWN_AVI: Final = 0x7F00_0000
_ASF: Final = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_ASF_PROPERTIES: Final = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_MATROSKA: Final = bytes.fromhex("1a45dfa3")
_SEGMENT: Final = bytes.fromhex("18538067")


def missing_bytes(descriptor: int) -> int:
    """How many bytes are not there; 0 where the file is whole, or does not say how long it is."""
    head = os.pread(descriptor, 20, 0)
    for magic, (length, slack) in _LENGTHS.items():
        if head.startswith(magic):
            missing = length(descriptor) - os.fstat(descriptor).st_size
            return missing if slack < missing < _LARGEST else 0
    return 0


def _caf_length(descriptor: int) -> int:
    """Chunks of a type and a size; the sound's size is -1 where it goes on to the end."""
    position = 8
    for _ in range(_MOST_PARTS):
        header = os.pread(descriptor, 12, position)
        if len(header) < 12:
            return position
        (size,) = struct.unpack(">q", header[4:])
        if not 0 <= size < _LARGEST:
            return 0
        position += 12 + size
    return 0


def _voc_length(descriptor: int) -> int:
    """Blocks of a kind and a size; the last one, of kind 0, has no size."""
    (position,) = struct.unpack("<H", os.pread(descriptor, 2, 20).ljust(2, b"\0"))
    for _ in range(_MOST_PARTS):
        header = os.pread(descriptor, 4, position)
        if len(header) < 4 or not header[0]:
            return int(position)
        position += 4 + int.from_bytes(header[1:], "little")
    return 0


def _w64_length(descriptor: int) -> int:
    return int.from_bytes(os.pread(descriptor, 8, 16), "little")


def _avi_length(descriptor: int) -> int:
    """One part of at most 2 GiB after the other; a WAV's is none of ours."""
    position = 0
    for _ in range(_MOST_PARTS):
        header = os.pread(descriptor, 12, position)
        if header[:4] != b"RIFF" or header[8:11] != b"AVI":
            return position
        size = int.from_bytes(header[4:8], "little")
        if not size or size >= _UNKNOWN_AVI:
            return 0
        position += 8 + size
    return 0


def _svx_length(descriptor: int) -> int:
    header = os.pread(descriptor, 12, 0)
    return 8 + int.from_bytes(header[4:8], "big") if header[8:] in {b"8SVX", b"16SV"} else 0


def _asf_length(descriptor: int) -> int:
    """WMA: the object that tells properties has the file's size, unless a flag says that it was broadcast."""
    end, position = struct.unpack("<Q", os.pread(descriptor, 8, 16).ljust(8, b"\0"))[0], 30
    while position < min(end, 1 << 20) and len(header := os.pread(descriptor, 92, position)) == 92:
        if header.startswith(_ASF_PROPERTIES):
            size, flags = struct.unpack("<Q", header[40:48])[0], header[88]
            return 0 if flags & 1 else int(size)
        position += max(24, struct.unpack("<Q", header[16:24])[0])
    return 0


def _matroska_length(descriptor: int) -> int:
    """Matroska and WebM: a head, then a segment that holds all; its size is all ones where it was never known."""
    position = 4
    size, width = _number(os.pread(descriptor, 8, position))
    position += width + size
    if os.pread(descriptor, 4, position) != _SEGMENT:
        return 0
    size, width = _number(os.pread(descriptor, 8, position + 4))
    return 0 if size == (1 << 7 * width) - 1 else position + 4 + width + size


def _number(content: bytes) -> tuple[int, int]:
    """A number of one to eight bytes, and how many: zeros before the first one bit say it."""
    if not content or not content[0]:
        return 0, 1
    width = 9 - content[0].bit_length()
    return int.from_bytes(content[:width], "big") & ((1 << 7 * width) - 1), width


_LENGTHS: Final[dict[bytes, tuple[Callable[[int], int], int]]] = {
    b"caff": (_caf_length, _SLACK),
    b"Creative Voice File": (_voc_length, _SLACK),
    b"riff": (_w64_length, _SLACK),
    b"RIFF": (_avi_length, _SLACK),
    b"FORM": (_svx_length, _SLACK),
    _ASF: (_asf_length, _SLACK),
    _MATROSKA: (_matroska_length, _SLACK),
    PAGE: (length_by_pages, 0),  # without its last byte, a page of a second is none
}
"""By what a file begins with: its length in bytes, 0 where it is not said, and how far that may be wrong."""
