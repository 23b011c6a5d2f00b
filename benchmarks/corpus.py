"""Recordings with references: ``*.tsv`` tables (file, seconds, text) beside 16 kHz mono sound files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from streamer.errors import AudioFileError
from streamer.types import SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Recording:
    """One utterance that a person read."""

    name: str
    """File name without its extension."""
    path: Path
    text: str
    """What was said, as the table writes it."""

    def samples(self) -> npt.NDArray[np.int16]:
        """Its sound, 16 kHz mono.

        Raises:
            AudioFileError: the file is missing, or of another rate or number of channels.
        """
        try:
            samples, rate = soundfile.read(self.path, dtype="int16")
        except soundfile.LibsndfileError as error:
            raise AudioFileError(f"cannot read {self.path}: {error}") from error
        if rate != SAMPLE_RATE or samples.ndim != 1:
            raise AudioFileError(f"{self.path}: expected 16,000 Hz mono, got {rate} Hz in shape {samples.shape}")
        found: npt.NDArray[np.int16] = samples
        return found


def read_table(table: Path) -> list[Recording]:
    """The recordings that a table lists.

    Raises:
        AudioFileError: the table is missing or a line has not three columns.
    """
    try:
        lines = table.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise AudioFileError(
            f"cannot read {table}: {error.strerror}; expected a table of file, seconds and text: name the folder with "
            "its recordings by --data"
        ) from error
    recordings = []
    for number, line in enumerate(lines[1:], start=2):
        columns = line.split("\t")
        if len(columns) != 3:
            raise AudioFileError(f"{table}, line {number}: expected file, seconds, text; got {len(columns)} columns")
        file, _, text = columns
        recordings.append(Recording(Path(file).stem, table.parent / file, text))
    return recordings
