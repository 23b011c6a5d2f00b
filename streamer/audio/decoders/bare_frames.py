"""Sound in frames without a container, MPEG's or GSM's: whether it ends within one, which decoders leave out unsaid."""

from __future__ import annotations

import os
from typing import Final

_TAIL_BYTES: Final = 16_384
"""More than :data:`_CHAIN` of the longest frames."""
_CHAIN: Final = 5
"""Frames in a row after which what looks like a frame is one."""
_SAME: Final = 0xFFFE_0C00
"""What the headers of all frames of a file have in common: the sync word, version, layer and sampling rate."""
_KBPS: Final = {
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""Bitrates by version and layer, in a header's order from 1; layer III of version 2 and 2.5 has those of layer II."""
_RATES: Final = (44_100, 48_000, 32_000)
"""Sampling rates of MPEG-1, in hertz; MPEG-2 has half of them, MPEG-2.5 a quarter."""
_GSM_BYTES: Final = 33
_GSM_MARK: Final = 0xD
"""The first four bits of each frame of GSM."""


def ends_within_a_frame(descriptor: int) -> bool:
    """Whether a file of bare frames (MP2, MP3, GSM 06.10) lacks a part of its last one; False of all others."""
    size, head = os.fstat(descriptor).st_size, os.pread(descriptor, _CHAIN * _GSM_BYTES, 0)
    if head.startswith(b"ID3") or _frame_bytes(head[:4]):
        start = max(0, size - _TAIL_BYTES)
        return _is_broken_off(os.pread(descriptor, _TAIL_BYTES, start))
    marks = [byte >> 4 for byte in head[::_GSM_BYTES]]
    return marks == [_GSM_MARK] * _CHAIN and size % _GSM_BYTES != 0


def _is_broken_off(tail: bytes) -> bool:
    """Whether a file's last bytes are MPEG frames, of which the last one is not whole."""
    for start in range(len(tail) - 3):
        first, position, frames = _same(tail[start : start + 4]), start, 0
        while length := _frame_bytes(tail[position : position + 4]):
            if _same(tail[position : position + 4]) != first:
                break
            position, frames = position + length, frames + 1
        if frames >= _CHAIN:
            return position > len(tail)  # else a tag, damage, or nothing follows
    return False


def _same(header: bytes) -> int:
    return int.from_bytes(header, "big") & _SAME


def _frame_bytes(header: bytes) -> int:
    """Length of the MPEG frame with this header of four bytes; 0 where it is none, or does not say its length."""
    bits = int.from_bytes(header, "big")
    version, layer = {3: 1, 2: 2, 0: 4}.get(bits >> 19 & 3, 0), 4 - (bits >> 17 & 3)
    kbps, rate = bits >> 12 & 15, bits >> 10 & 3
    if len(header) < 4 or bits >> 21 != 0x7FF or not version or layer not in {2, 3} or kbps in {0, 15} or rate == 3:
        return 0
    bits_per_second = 1000 * _KBPS[(1, layer) if version == 1 else (2, 2)][kbps - 1]
    samples = 576 if layer == 3 and version > 1 else 1152
    return samples // 8 * bits_per_second // (_RATES[rate] // version) + (bits >> 9 & 1)
