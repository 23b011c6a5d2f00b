"""What a pack's acoustic model hears in the recordings of a table, kept so that decodings can be compared quickly."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.corpus import Recording
from streamer.asr.decoder import Decoded, Decoder
from streamer.asr.fbank import fbank
from streamer.asr.models import AcousticOutput, LoadedModels
from streamer.scoring import Errors, compare, spoken_characters
from streamer.text.pinyin import spell
from streamer.types import SAMPLE_RATE


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


def hear(models: LoadedModels, recordings: Sequence[Recording]) -> list[HeardRecording]:
    """Run the acoustic model over recordings, each as it lies."""
    heard = []
    for recording in recordings:
        samples = recording.samples()
        characters = tuple(spoken_characters(recording.text))
        output = models.hear(fbank(samples, models.pack.manifest.features))
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
