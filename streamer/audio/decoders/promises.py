"""How much sound a header promises and the file lacks: libsndfile corrects that silently, and tells it in its notes."""

from __future__ import annotations

import os
import re
from typing import Final

_UNFINISHED_BYTES: Final = 0x7F00_0000
"""From here up, and zero, a size of 32 bits is what a program writes that cannot go back to it, as into a pipe."""
_PADDING_BYTES: Final = 4096
"""Most that some programs write behind all that a header counts."""
_ALIGNED_BYTES: Final = 8
"""Chunks of W64 begin at multiples of it, and libsndfile tells how far they would reach; SoX leaves the rest out."""
_LARGEST_BYTES: Final = 2**48
"""The same for a size of 64 bits."""
_CORRECTED_WAV: Final = re.compile(r"^\s*data\s*:\s*(\d+) \(should be (\d+)\)", re.MULTILINE)
_CORRECTED: Final = {
    "WAV": _CORRECTED_WAV,
    "WAVEX": _CORRECTED_WAV,
    "AIFF": re.compile(r"^\s*SSND\s*:\s*(\d+) \(should be (\d+)\)", re.MULTILINE),
    "AU": re.compile(r"^\s*Data Size\s*:\s*(\d+) \(should be (\d+)\)", re.MULTILINE),
}
"""Bytes by the header, and bytes that are there."""
_TOLD: Final = {
    "RF64": (re.compile(r"^\s*Data size\s*:\s*(\d+)", re.MULTILINE), 0),
    "W64": (re.compile(r"^\s*data\s*:\s*(\d+)", re.MULTILINE), 24),
    "VOC": (re.compile(r"^\s*Extended II\s*:\s*(\d+)\n.*truncated", re.MULTILINE | re.DOTALL), 12),
}
"""Bytes by the header, of which so many are the chunk's own; what is there is not told."""
_WIDTHS: Final = {
    "PCM_S8": 1,
    "PCM_U8": 1,
    "PCM_16": 2,
    "PCM_24": 3,
    "PCM_32": 4,
    "FLOAT": 4,
    "DOUBLE": 8,
    "ULAW": 1,
    "ALAW": 1,
}
"""Bytes of a sample, where all have as many."""


def is_never_finished(descriptor: int) -> bool:
    """Whether a WAV that seems to hold no sound is longer than its header says: what wrote it died before the end."""
    head = os.pread(descriptor, 8, 0)
    if head[:4] != b"RIFF":
        return False
    size = int.from_bytes(head[4:], "little")
    return size >= _UNFINISHED_BYTES or size + len(head) < os.fstat(descriptor).st_size


def has_overflown(descriptor: int) -> bool:
    """Whether a WAV is longer than its header can count: 4 GiB or a multiple more than it says, padding aside."""
    beyond = bytes_beyond(descriptor)
    return beyond >= 2**32 and beyond % 2**32 <= _PADDING_BYTES


def is_followed(descriptor: int) -> bool:
    """Whether another WAV lies behind a WAV, as where somebody has joined two like texts; decoders pass over it."""
    head = os.pread(descriptor, 12, 0)
    end = 8 + int.from_bytes(head[4:8], "little")
    return head[:4] == b"RIFF" and head[8:] == b"WAVE" and os.pread(descriptor, 4, end) == b"RIFF"


def bytes_beyond(descriptor: int) -> int:
    """Bytes of a WAV that lie behind all that its header counts; 0 of any other file."""
    head = os.pread(descriptor, 8, 0)
    if head[:4] != b"RIFF":
        return 0
    return max(0, os.fstat(descriptor).st_size - len(head) - int.from_bytes(head[4:], "little"))


def promised_samples(form: str, subtype: str, channels: int, notes: str, taken: int) -> int:
    """Samples of each channel by the header, where the file has fewer; else as many as were read.

    Args:
        form: libsndfile's name of the format.
        subtype: libsndfile's name of the encoding.
        channels: channels.
        notes: what libsndfile noted while it read the header.
        taken: samples of each channel that were read, to the end.
    """
    width = _WIDTHS.get(subtype, 0) * channels
    if form in _CORRECTED and (found := _CORRECTED[form].search(notes)):
        promised, present = int(found[1]), int(found[2])
        if not present < promised < _UNFINISHED_BYTES:
            return taken
        if not width:  # ADPCM and the like: in proportion
            return taken * promised // present if taken and present else taken + 1
        return taken + (promised - present) // width
    if form in _TOLD and width:
        pattern, own = _TOLD[form]
        if found := pattern.search(notes):
            promised = int(found[1]) - own
            is_short = taken * width + _ALIGNED_BYTES <= promised < _LARGEST_BYTES
            return promised // width if is_short else taken
    return taken
