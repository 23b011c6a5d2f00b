"""Golden inputs: sounds with what a pack's fp32 models make of them, for judging the same models elsewhere."""

from __future__ import annotations

import unicodedata
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from streamer.arrays import save_arrays
from streamer.asr.ctc import greedy
from streamer.asr.fbank import fbank
from streamer.asr.models import LoadedModels
from streamer.errors import PackError
from streamer.scoring import compare
from streamer.types import MAX_UTTERANCE_SAMPLES

GOLDEN_NAME = "golden.npz"
"""File name inside a pack folder."""
MIN_STEP_AGREEMENT = 0.98
"""Share of steps at which the best token must be the golden one."""
MAX_SCORE_DIFFERENCE = 0.1
"""By how much the best tokens' log-probabilities may differ on average."""
MAX_ERRORS = 0.2
"""Share of a clip's syllables, and of its characters, that may differ: one step on the edge changes a syllable and the
characters around it, a wrong conversion changes most."""
MAX_FOREIGN_ERRORS = 0.6
"""Share of toneless syllables that a pack of other weights may get wrong; a wrong first id gives more than 0.9."""


@dataclass(frozen=True)
class GoldenClip:
    """A sound, and what the fp32 models made of it."""

    name: str
    pcm: npt.NDArray[np.int16]
    """At most 10 s at 16 kHz."""
    syllables: tuple[str, ...]
    """As the acoustic table spells them."""
    characters: str
    best: npt.NDArray[np.int32]
    """Best token of every step; empty for packs without log-probabilities."""
    scores: npt.NDArray[np.float32]
    """Their log-probabilities."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """How far other models are from the golden ones on one clip."""

    name: str
    step_agreement: float | None
    """Share of steps with the same best token; None where there are no log-probabilities to compare."""
    score_difference: float | None
    """Mean difference of their log-probabilities; None as above."""
    syllable_errors: float
    """Errors for each golden syllable."""
    character_errors: float
    """Errors for each golden character."""

    @property
    def is_within_tolerance(self) -> bool:
        """Whether the models may count as the same."""
        return (
            (self.step_agreement is None or self.step_agreement >= MIN_STEP_AGREEMENT)
            and (self.score_difference is None or self.score_difference <= MAX_SCORE_DIFFERENCE)
            and self.syllable_errors <= MAX_ERRORS
            and self.character_errors <= MAX_ERRORS
        )

    def __str__(self) -> str:
        parts = [f"{self.name}: syllables {self.syllable_errors:.1%} and characters {self.character_errors:.1%} off"]
        if self.step_agreement is not None and self.score_difference is not None:
            parts.append(f"{self.step_agreement:.1%} of steps agree, scores differ by {self.score_difference:.3f}")
        return ", ".join(parts)


def listen(models: LoadedModels, name: str, pcm: npt.NDArray[np.int16]) -> GoldenClip:
    """What models make of a sound, decoded greedily.

    Raises:
        FeatureError: the sound is empty or longer than 10 s.
        RecognizerError: a model failed.
    """
    heard = models.hear(fbank(pcm, models.pack.manifest.features))
    ids = heard.ids
    best, scores = np.zeros(0, np.int32), np.zeros(0, np.float32)
    if heard.log_probs is not None:
        best = heard.log_probs.argmax(axis=1).astype(np.int32)
        scores = heard.log_probs.max(axis=1).astype(np.float32)
        ids = greedy(heard.log_probs, models.pack.manifest.acoustic.blank_id).ids
    syllables = tuple(models.syllables.text(each) for each in ids)
    special = (models.pack.manifest.language.start_id, models.pack.manifest.language.end_id)
    written = [each for each in models.write(ids).ids if each not in special and models.characters.holds(each)]
    return GoldenClip(name, pcm, syllables, "".join(map(models.characters.text, written)), best, scores)


def judge(golden: GoldenClip, models: LoadedModels) -> Judgement:
    """Compare models with the golden ones on a clip.

    Raises:
        RecognizerError: a model failed.
    """
    found = listen(models, golden.name, golden.pcm)
    agreement = difference = None
    if len(golden.best) and len(golden.best) == len(found.best):
        agreement = float((golden.best == found.best).mean())
        difference = float(np.abs(golden.scores - found.scores).mean())
    return Judgement(
        golden.name,
        agreement,
        difference,
        _errors(golden.syllables, found.syllables),
        _errors(tuple(golden.characters), tuple(found.characters)),
    )


def foreign_errors(golden: GoldenClip, models: LoadedModels, shift: int) -> float:
    """Toneless syllable errors of a pack of other weights, its ids moved by ``shift``: 0 unless its first id is wrong.

    Raises:
        RecognizerError: a model failed.
    """
    heard = models.hear(fbank(golden.pcm, models.pack.manifest.features))
    ids = heard.ids
    if heard.log_probs is not None:
        ids = greedy(heard.log_probs, models.pack.manifest.acoustic.blank_id).ids
    table = models.syllables
    moved = [table.text(each + shift) if table.holds(each + shift) else "?" for each in ids]
    return _errors(tuple(map(toneless, golden.syllables)), tuple(map(toneless, moved)))


def toneless(syllable: str) -> str:
    """A syllable without its tone, whether written ``zhong1`` or ``zhōng``; ü is v."""
    decomposed = unicodedata.normalize("NFD", syllable.lower()).replace("u\u0308", "v").replace("u:", "v")
    return "".join(each for each in decomposed if each.isascii() and each.isalpha())


def write_golden(path: Path, clips: Iterable[GoldenClip]) -> None:
    """Write a file of golden inputs.

    Raises:
        PackError: the disk refuses, or this user may not.
    """
    arrays: dict[str, npt.NDArray[Any]] = {}
    for number, clip in enumerate(clips):
        words = (clip.name, " ".join(clip.syllables), clip.characters)
        arrays[f"{number:03}_words"] = np.array(words, np.str_)
        arrays |= {f"{number:03}_pcm": clip.pcm, f"{number:03}_best": clip.best, f"{number:03}_scores": clip.scores}
    try:
        save_arrays(path, arrays, compressed=True)
    except OSError as error:
        raise PackError(f"cannot write {path}: {error.strerror or error}; --into names another pack") from error


def read_golden(path: Path) -> tuple[GoldenClip, ...]:
    """Read a file of golden inputs.

    Raises:
        PackError: it is malformed.
    """
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            numbers = sorted({name.split("_")[0] for name in arrays.files})
            return tuple(_clip(arrays, number) for number in numbers)
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise PackError(f"{path} holds no golden inputs: {error} (`streamer models golden` writes them)") from error


def read_clip(pcm: bytes, name: str) -> npt.NDArray[np.int16]:
    """Samples of a clip.

    Raises:
        PackError: it is longer than an utterance may be.
    """
    samples = np.frombuffer(pcm, np.dtype("<i2")).astype(np.int16)
    if not 0 < len(samples) <= MAX_UTTERANCE_SAMPLES:
        raise PackError(f"{name}: {len(samples) / 16_000:.1f} s of sound, expected more than 0 and at most 10 s")
    return samples


def _clip(arrays: Any, number: str) -> GoldenClip:
    name, syllables, characters = (str(each) for each in arrays[f"{number}_words"])
    best, scores = arrays[f"{number}_best"], arrays[f"{number}_scores"]
    return GoldenClip(name, arrays[f"{number}_pcm"], tuple(syllables.split()), characters, best, scores)


def _errors(expected: tuple[str, ...], found: tuple[str, ...]) -> float:
    return compare(expected, found).rate if expected else float(len(found))
