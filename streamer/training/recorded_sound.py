"""The sound of one recording, as training and measuring take it."""

from __future__ import annotations

from pathlib import Path

import soundfile

from streamer.errors import AudioFileError
from streamer.training.shards import Pcm
from streamer.types import SAMPLE_RATE


def load_pcm(path: Path) -> Pcm:
    """Decode one recording (mono, 16 kHz).

    Raises:
        AudioFileError: it is missing, no sound, or of another rate or number of channels.
    """
    try:
        samples, rate = soundfile.read(path, dtype="int16", always_2d=True)
    except soundfile.LibsndfileError as error:
        reason = error.error_string if path.exists() else "no such file"
        raise AudioFileError(f"cannot read {path}: {reason}") from error
    if rate != SAMPLE_RATE or samples.shape[1] != 1:
        raise AudioFileError(
            f"{path}: expected mono at {SAMPLE_RATE} Hz, found {samples.shape[1]} channels at {rate} Hz; "
            f"`ffmpeg -i {path.name} -ar {SAMPLE_RATE} -ac 1 NEW.wav` makes it so"
        )
    pcm: Pcm = samples[:, 0]
    return pcm
