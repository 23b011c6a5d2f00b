"""Phrases put together from recorded words and syllables of one voice: real speech with known alignment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from streamer.training.recordings import spread, voiced_span
from streamer.training.shards import Clip, Pcm, Shard

_LONGEST_WORD = 4
_VOICE_MARK = "@"


@dataclass(frozen=True, slots=True)
class Joined:
    """A phrase."""

    pcm: Pcm
    """Samples at 16 kHz."""
    tokens: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    """First and last-plus-one sample of each token."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A recorded word or syllable."""

    shard: Shard
    clip: Clip


class PhraseBook:
    """Words and syllables by voice, and the sentences they are put together after."""

    def __init__(
        self, words: list[Shard], syllables: list[Shard], sentences: list[tuple[str, tuple[str, ...]]]
    ) -> None:
        self._voices: list[dict[str, Piece]] = []
        by_name: dict[str, dict[str, Piece]] = {}
        for shard, kind in [(shard, "word") for shard in words] + [(shard, "syllable") for shard in syllables]:
            for clip in shard.clips:
                voice = shard.name + clip.id.partition(_VOICE_MARK)[2]
                key = clip.text if kind == "word" else clip.tokens[0]
                by_name.setdefault(voice, {}).setdefault(key, Piece(shard, clip))
        self._voices = list(by_name.values())
        self._weights = np.array([len(voice) for voice in self._voices], np.float64) ** 0.5
        self._weights /= max(self._weights.sum(), 1.0)
        self._sentences = sentences

    @classmethod
    def of_corpus(cls, shards: Mapping[str, Shard], sentences: list[tuple[str, tuple[str, ...]]]) -> PhraseBook:
        """The words and syllables among a corpus's shards, which are known by their names."""
        words = [shard for name, shard in shards.items() if name.startswith("words")]
        syllables = [shard for name, shard in shards.items() if name.startswith("syllables")]
        return cls(words, syllables, sentences)

    def __bool__(self) -> bool:
        return bool(self._voices)

    def draw(self, rng: np.random.Generator) -> Joined:
        """A phrase of up to nine seconds in one voice, after a sentence or of random words."""
        voice = self._voices[rng.choice(len(self._voices), p=self._weights)]
        if self._sentences and rng.random() < 0.6:
            pieces = self._after(self._sentences[rng.integers(len(self._sentences))], voice, rng)
        else:
            pieces = []
        if len(pieces) < 2:
            keys = list(voice)
            pieces = [voice[keys[rng.integers(len(keys))]] for _ in range(rng.integers(1, 7))]
        return _joined(pieces, rng)

    @staticmethod
    def _after(sentence: tuple[str, tuple[str, ...]], voice: dict[str, Piece], rng: np.random.Generator) -> list[Piece]:
        """The longest recorded words from left to right; what is not recorded is left out."""
        text, tokens = sentence
        pieces: list[Piece] = []
        place = 0
        while place < len(text):
            for size in range(min(_LONGEST_WORD, len(text) - place), 0, -1):
                piece = voice.get(text[place : place + size])
                if piece is None and size == 1:
                    piece = voice.get(tokens[place])
                if piece is not None and piece.clip.tokens == tokens[place : place + size]:
                    pieces.append(piece)
                    break
            place += size
        first = rng.integers(max(1, len(pieces) - 10)) if len(pieces) > 10 else 0
        return pieces[first : first + 10]


def _joined(pieces: list[Piece], rng: np.random.Generator) -> Joined:
    parts: list[Pcm] = []
    tokens: list[str] = []
    spans: list[tuple[int, int]] = []
    end = 0
    for piece in pieces:
        pcm = piece.shard.pcm(piece.clip)
        first, last = voiced_span(pcm, 30.0)
        first, last = max(0, first - 320), min(len(pcm), last + 320)
        word = pcm[first:last].astype(np.float32)
        # Words of a list are recorded at different levels; a sentence's are nearer to each other.
        word *= np.float32(3000 * 10 ** (rng.uniform(-3, 3) / 20) / (np.sqrt(np.mean(word**2)) + 1))
        fade = np.minimum(1, np.arange(len(word)) / 160).astype(np.float32)
        word *= fade * fade[::-1]
        if end + len(word) > 144_000:
            break
        gap = int(rng.choice([0, 0, 160, 800, 3200], p=[0.3, 0.3, 0.2, 0.15, 0.05]) * rng.random())
        parts += [np.clip(word, -32768, 32767).astype(np.int16), np.zeros(gap, np.int16)]
        spans += spread(
            end + min(320, len(word) // 8), end + len(word) - min(320, len(word) // 8), len(piece.clip.tokens)
        )
        tokens += piece.clip.tokens
        end += len(word) + gap
    return Joined(np.concatenate(parts) if parts else np.zeros(1600, np.int16), tuple(tokens), tuple(spans))
