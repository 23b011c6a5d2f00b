"""Recordings with references: ``*.tsv`` tables (file, seconds, text) beside 16 kHz mono sound files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from streamer.errors import AudioFileError
from streamer.training.recorded_sound import load_pcm
from streamer.training.recordings_table import read_table as training_table


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
            AudioFileError: the file is missing, empty, or of another rate or number of channels.
        """
        samples = load_pcm(self.path)
        if not len(samples):
            raise AudioFileError(f"{self.path} holds no sound")
        return samples


def read_table(table: Path) -> list[Recording]:
    """The recordings that a table lists.

    Raises:
        AudioFileError: the table is missing, or lists nothing.
        SettingsError: it is not one.
    """
    try:
        rows = training_table(table)
    except OSError as error:
        raise AudioFileError(
            f"cannot read {table}: {error.strerror}; expected a table of file, seconds and text: name the folder with "
            "its recordings by --data"
        ) from error
    if not rows:
        raise AudioFileError(f"{table} lists no recordings, below its heading")
    return [Recording(Path(row.file).stem, table.parent / row.file, row.text) for row in rows]
