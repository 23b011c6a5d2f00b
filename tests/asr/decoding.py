"""What decoders are given in tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from streamer.asr.heard import AcousticOutput
from streamer.asr.modelpack import ModelPack, load_pack
from streamer.settings.recognizer import RecognizerSettings
from tests.tonepack import write_tone_pack

BEAM = RecognizerSettings(decoding="beam")


def probable(rows: list[list[float]]) -> AcousticOutput:
    """Log-probabilities of the five syllables and the blank; what is left of 1 goes to the blank."""
    with np.errstate(divide="ignore"):
        return AcousticOutput((), np.log(np.array([[*row, 1 - sum(row)] for row in rows], np.float32)))


UNSURE = probable([[0.4, 0.01, 0.01, 0.01, 0.01]] * 2)
"""Greedy hears nothing; over all alignments syllable 0 is more probable."""


def with_table(folder: Path, table: str) -> ModelPack:
    """A tone pack with one more table in its manifest."""
    manifest = write_tone_pack(folder) / "pack.toml"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text.replace("[files]", f"{table}\n\n[files]"), encoding="utf-8")
    return load_pack(folder)
