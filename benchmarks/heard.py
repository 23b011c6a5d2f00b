"""What a pack's acoustic model hears in the recordings of a table, kept so that decodings can be compared quickly."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from benchmarks.corpus import Recording
from streamer.asr.decoded import Decoded
from streamer.asr.decoder import Decoder
from streamer.asr.heard import AcousticOutput
from streamer.asr.models import LoadedModels
from streamer.asr.utterance_features import features_for
from streamer.scoring import Errors, compare, spoken_characters
from streamer.settings.recognizer import RecognizerSettings
from streamer.text.pinyin import spell
from streamer.types import SAMPLE_RATE

_SOONER: Final = SAMPLE_RATE // 25
"""Samples: the models' steps are 40 ms long."""
_SOFT: Final = (32768 * 10 ** (-45 / 20)) ** 2
"""Power of −45 dBFS."""


@dataclass(frozen=True, slots=True)
class HeardRecording:
    """One recording after the acoustic model."""

    recording: Recording
    characters: tuple[str, ...]
    """What was said, a character each."""
    syllables: tuple[str, ...]
    """What was said, spelled."""
    seconds: float
    output: AcousticOutput


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one way of decoding made of a table."""

    decoded: tuple[Decoded, ...]
    characters: tuple[Errors, ...]
    toned: tuple[Errors, ...]
    search_ms: float
    """Processor time after the acoustic model for 10 s of sound, milliseconds; the language stage is included."""


def drawn(pcm: npt.NDArray[np.int16], number: int, rng: np.random.Generator) -> npt.NDArray[np.int16]:
    """A recording as it might have been heard another time: what is read in it changes with where it begins.

    Args:
        pcm: the recording.
        number: of the drawing. 0: as it lies; else it begins up to 40 ms sooner, and of three drawings one is otherwise
            as it was, one comes at −45 dBFS, and one has white noise 10 dB below it.
        rng: draws where it begins, and the noise.
    """
    if number == 0:
        return pcm
    sooner = int(rng.integers(_SOONER))
    sound = np.concatenate([pcm[:sooner][::-1], pcm]).astype(np.float64)
    power = np.mean(sound**2)
    if number % 3 == 2:
        sound *= np.sqrt(_SOFT / power)
    elif number % 3 == 0:
        sound += rng.standard_normal(len(sound)) * np.sqrt(power / 10)
    drawing: npt.NDArray[np.int16] = np.clip(np.rint(sound), -32768, 32767).astype(np.int16)
    return drawing


def hear(
    models: LoadedModels,
    recordings: Sequence[Recording],
    number: int = 0,
    rng: np.random.Generator | None = None,
    second_hearing: int | None = None,
) -> list[HeardRecording]:
    """Run the acoustic model over recordings, as over finals.

    Args:
        models: of a pack.
        recordings: each as it lies, or as :func:`drawn` with ``number`` and ``rng``.
        number: 0: as it lies.
        rng: for what is drawn.
        second_hearing: feature frames by which all is heard later a second time; None: as the pack's search wants it.
    """
    heard, begin = [], features_for(models.pack, RecognizerSettings())
    if second_hearing is None:
        second_hearing = Decoder(models, RecognizerSettings()).second_hearing
    for recording in recordings:
        samples = drawn(recording.samples(), number, rng or np.random.default_rng(0))
        characters = tuple(spoken_characters(recording.text))
        features = begin().features(samples, is_final=True)
        (output,) = models.hear_all([features], second_hearing=second_hearing)
        syllables = tuple(spell("".join(characters)))
        heard.append(HeardRecording(recording, characters, syllables, len(samples) / SAMPLE_RATE, output))
    return heard


def decode_all(models: LoadedModels, decoder: Decoder, heard: Sequence[HeardRecording]) -> Outcome:
    """Decode recordings as finals and compare."""
    before = time.process_time()
    decoded = tuple(decoder.decode(each.output, is_final=True) for each in heard)
    spent = time.process_time() - before
    return Outcome(
        decoded,
        tuple(
            compare(each.characters, spoken_characters("".join(found.texts)))
            for each, found in zip(heard, decoded, strict=True)
        ),
        tuple(
            compare(each.syllables, [models.syllables.text(token) for token in found.ids])
            for each, found in zip(heard, decoded, strict=True)
        ),
        spent * 10_000 / sum(each.seconds for each in heard),
    )
