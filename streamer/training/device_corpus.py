"""The training sound on a device: the clips of all sources as one tensor, with a table of them on the host."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from streamer.training.device_table import MOST_TOKENS, ClipTable, Spans, Whole
from streamer.training.examples import has_exact_spans, lateness
from streamer.training.phrases import PhraseBook
from streamer.training.pieces import cut_out
from streamer.training.settings import AugmentSettings, TrainSettings
from streamer.training.shards import Pcm, Shard, no_sound, open_shards

MARGIN = 2_400
"""Samples of quiet that are kept around what is heard (150 ms)."""
PHRASES = "phrases"
"""The source of what a :class:`PhraseBook` puts together."""
PIECES = "pieces"
"""The source of what :func:`streamer.training.pieces.cut_out` cuts out of the synthesisers' sentences."""
_SHORTEST, _LONGEST = 1_600, 224_000
_QUIET = 0.01
_FAINT = 150

Spoken = tuple[Pcm, tuple[str, ...], tuple[tuple[int, int], ...] | None]
"""Sound, its tokens, and first and last-plus-one sample of each where known."""


@dataclass(frozen=True, slots=True)
class DeviceSource:
    """Clips drawn from together; they lie behind one another in the table."""

    name: str
    share: float
    """Of the speech, all sources together 1."""
    first: int
    """Number of its first clip."""
    clips: int
    exact: bool
    """Whether the spans are good enough to cut at and to learn single frames from."""
    lowered: bool
    """Whether its clips may be played far lower."""


@dataclass(frozen=True, slots=True)
class DeviceCorpus:
    """All clips."""

    pcm: Tensor
    """``(samples,) int16`` at 16 kHz, on the device."""
    table: ClipTable
    sources: tuple[DeviceSource, ...]


def load_corpus(
    folder: Path, tokens: list[str], train: TrainSettings, augment: AugmentSettings, device: torch.device
) -> DeviceCorpus:
    """Bring the shards of ``train.sources`` to a device, and phrases put together from recorded words.

    Pieces of clips are further rows for the sound that is there.
    Clips are left out that have a token outside the table, more than 64 of them, or that last more than 14 s.

    Raises:
        SettingsError: no clip is left.
    """
    ids = {token: number for number, token in enumerate(tokens)}
    shards = open_shards(folder)
    named: dict[str, Iterable[Spoken]] = {name: _spoken(shards[name]) for name in train.sources if name in shards}
    shares = {name: train.sources[name] for name in named}
    total = sum(shares.values()) or 1.0
    shares = {name: (1 - train.phrases - train.pieces) * share / total for name, share in shares.items()}
    if train.phrases:
        named[PHRASES] = _phrases(shards, list(named), train)
        shares[PHRASES] = train.phrases
    gathered = _Gathered(ids, device)
    sources = []
    for name, clips in named.items():
        first, count = gathered.add(clips)
        exact = name == PHRASES or has_exact_spans(name)
        if count and shares[name]:
            sources.append(DeviceSource(name, shares[name], first, count, exact, name in augment.lowered_sources))
    if not sources:
        raise no_sound(folder, train.sources)
    table = gathered.table()
    if train.pieces:
        pieces = _pieces(table, sources, np.random.default_rng((train.seed, 2)))
        lowered = PIECES in augment.lowered_sources
        if len(pieces):
            sources.append(DeviceSource(PIECES, train.pieces, len(table), len(pieces), exact=False, lowered=lowered))
            table = table.with_more(pieces)
    return DeviceCorpus(gathered.pcm(), table, tuple(sources))


def _pieces(table: ClipTable, sources: Iterable[DeviceSource], rng: np.random.Generator) -> ClipTable:
    """What is cut out of the sources whose spans are known well enough to cut sentences at."""
    found = table.taken(np.arange(0))
    for source in sources:
        if (late := lateness(source.name)) is not None:
            clips = table.taken(np.arange(source.first, source.first + source.clips))
            found = found.with_more(cut_out(clips, late, rng))
    return found


def _spoken(shard: Shard) -> Iterable[Spoken]:
    return ((shard.pcm(clip), clip.tokens, clip.spans) for clip in shard.clips)


def _phrases(shards: dict[str, Shard], spoken: list[str], train: TrainSettings) -> Iterable[Spoken]:
    """Phrases of recorded words and syllables after the sentences that the sources speak."""
    sentences = [
        (clip.text, clip.tokens)
        for name in spoken
        for clip in shards[name].clips
        if len(clip.text) == len(clip.tokens) > 1
    ]
    book = PhraseBook.of_corpus(shards, sentences)
    rng = np.random.default_rng((train.seed, 1))
    for _ in range(train.device_phrases if book else 0):
        joined = book.draw(rng)
        yield joined.pcm, joined.tokens, joined.spans


def trimmed(pcm: Pcm, spans: tuple[tuple[int, int], ...] | None) -> tuple[int, int, int, int]:
    """What to keep of a clip: 150 ms around what is heard, and all spans.

    Returns:
        First and last-plus-one sample to keep; of what is kept, the quiet samples before and after what is heard.
    """
    size = np.abs(pcm.astype(np.int32))
    loud = np.flatnonzero(size > max(_FAINT, _QUIET * float(size.max(initial=0))))
    heard, over = (int(loud[0]), int(loud[-1]) + 1) if len(loud) else (0, len(pcm))
    if spans:
        heard, over = min(heard, max(0, spans[0][0])), max(over, min(len(pcm), spans[-1][1]))
    first, last = max(0, heard - MARGIN), min(len(pcm), over + MARGIN)
    return first, last, heard - first, last - over


class _Gathered:
    """Clips on their way into the tensor and the table."""

    def __init__(self, ids: dict[str, int], device: torch.device) -> None:
        self._ids, self._device = ids, device
        self._sound: list[Tensor] = []
        self._end = 0
        self._rows: list[tuple[int, int, int, int]] = []
        self._tokens: list[Whole] = []
        self._spans: list[Spans] = []

    def add(self, clips: Iterable[Spoken]) -> tuple[int, int]:
        """Take the clips of one source; the number of its first clip, and how many were kept."""
        before = len(self._rows)
        parts: list[Pcm] = []
        for pcm, tokens, spans in clips:
            if not 0 < len(tokens) <= MOST_TOKENS or not all(token in self._ids for token in tokens):
                continue
            first, last, before_speech, after_speech = trimmed(pcm, spans)
            if not _SHORTEST <= last - first <= _LONGEST:
                continue
            row = np.full(MOST_TOKENS, -1, np.int64)
            row[: len(tokens)] = [self._ids[token] for token in tokens]
            marks = np.full((MOST_TOKENS, 2), -1, np.float32)
            if spans:
                marks[: len(spans)] = np.clip(np.array(spans) - first, 0, last - first)
            self._rows.append((self._end, last - first, before_speech, after_speech))
            self._tokens.append(row)
            self._spans.append(marks)
            parts.append(pcm[first:last])
            self._end += last - first
        if parts:
            # Source by source: the host holds one of them at a time.
            self._sound.append(torch.from_numpy(np.concatenate(parts)).to(self._device))
        return before, len(self._rows) - before

    def pcm(self) -> Tensor:
        """The sound of all sources, which is held once more while it is put together."""
        return torch.cat(self._sound)

    def table(self) -> ClipTable:
        """The table of all clips."""
        rows = np.array(self._rows, np.int64)
        return ClipTable(rows[:, 0], rows[:, 1], np.stack(self._tokens), np.stack(self._spans), rows[:, 2:])
