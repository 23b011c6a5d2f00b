"""The loud spectrum of usual speech: what a pack's equaliser compares with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from streamer.asr.equaliser import loud_spectrum
from streamer.asr.fbank import fbank
from streamer.errors import SettingsError
from streamer.training.recordings import load_pcm
from streamer.types import MAX_UTTERANCE_SAMPLES


def usual_spectrum(tables: Sequence[Path], most: int = 400) -> npt.NDArray[np.float32]:
    """The mean ``(80,)`` over tables of recordings, each table counting alike.

    Args:
        tables: files (file, seconds, text), with paths from where they lie.
        most: recordings of each table that are heard, evenly spaced; of those over 10 s the first 10.

    Raises:
        SettingsError: a table cannot be read, or lists nothing.
    """
    mean: npt.NDArray[np.float64] = np.mean([_of_table(table, most) for table in tables], axis=0, dtype=np.float64)
    return mean.astype(np.float32)


def _of_table(table: Path, most: int) -> npt.NDArray[np.float64]:
    try:
        files = [line.split("\t")[0] for line in table.read_text(encoding="utf-8").splitlines()[1:]]
    except OSError as error:
        raise SettingsError(f"cannot read the table {table}: {error.strerror}") from error
    if not files:
        raise SettingsError(f"{table} lists no recordings; expected file, seconds, text in every line after the first")
    chosen = [files[place] for place in np.linspace(0, len(files) - 1, min(most, len(files))).astype(int)]
    spectra = [loud_spectrum(fbank(load_pcm(table.parent / file)[:MAX_UTTERANCE_SAMPLES])) for file in chosen]
    mean: npt.NDArray[np.float64] = np.mean(spectra, axis=0, dtype=np.float64)
    return mean
