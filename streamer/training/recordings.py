"""The recorded training sets: tables of (file, seconds, text), decoded and spelled, clear of the evaluation texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from streamer.text.pinyin import canonical, spell
from streamer.training.provenance import HELD_OUT_SPEAKER, DevTexts
from streamer.training.recordings_table import read_table
from streamer.training.shards import Pcm

_ONE_SYLLABLE = re.compile(r"[a-z:]+[0-5]")
_UNSPELLABLE = re.compile(r"[a-z]|[0-9]")
_RATE = 16_000


@dataclass(frozen=True, slots=True)
class Recording:
    """One line of a recordings table."""

    id: str
    """Its path below the folder of the set, without the suffix."""
    path: Path
    """The sound file."""
    text: str
    """What is said: hanzi, or one spelled syllable."""
    tokens: tuple[str, ...]
    """The spelling."""


def recording_sets(folder: Path) -> list[str]:
    """Names of the recorded sets of a folder: each has a table, ``NAME.tsv``."""
    return sorted(path.stem for path in folder.glob("*.tsv"))


def recordings(folder: Path, name: str, dev: DevTexts) -> Iterator[Recording]:
    """Recordings of one set whose text can be spelled and is clear of the evaluation texts."""
    for row in read_table(folder / f"{name}.tsv"):
        if HELD_OUT_SPEAKER in row.file or dev.overlaps(row.text):
            continue
        tokens = _spelling(row.text)
        if tokens:
            yield Recording(row.file.rsplit(".", 1)[0], folder / row.file, row.text, tokens)


def voiced_span(pcm: Pcm, below_peak_db: float = 35.0) -> tuple[int, int]:
    """First and last-plus-one sample of what is louder than the loudest 20 ms less ``below_peak_db``."""
    block = _RATE // 50
    blocks = len(pcm) // block
    if not blocks:
        return 0, len(pcm)
    energy = (pcm[: blocks * block].astype(np.float64).reshape(blocks, block) ** 2).mean(axis=1)
    loud = np.flatnonzero(energy > energy.max() * 10 ** (-below_peak_db / 10))
    return int(loud[0]) * block, min(len(pcm), (int(loud[-1]) + 1) * block)


def spread(first: int, last: int, count: int) -> list[tuple[int, int]]:
    """``count`` spans of equal length from sample ``first`` to ``last``."""
    edges = np.linspace(first, last, count + 1).round().astype(int).tolist()
    return list(pairwise(edges))


def _spelling(text: str) -> tuple[str, ...]:
    if _ONE_SYLLABLE.fullmatch(text):
        return (canonical(text),)
    if _UNSPELLABLE.search(text):
        return ()
    try:
        return tuple(spell(text))
    except ValueError:
        return ()
