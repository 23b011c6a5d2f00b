from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from streamer.errors import AudioFileError
from streamer.training.recorded_sound import load_pcm


def refusal(path: Path) -> str:
    with pytest.raises(AudioFileError) as caught:
        load_pcm(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("shape", "rate", "found"), [((800,), 8_000, "1 channels at 8000 Hz"), ((800, 2), 16_000, "2 channels at 16000 Hz")]
)
def test_another_rate_and_more_channels_are_refused(
    tmp_path: Path, shape: tuple[int, ...], rate: int, found: str
) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.zeros(shape, np.int16), rate)

    assert refusal(path) == (
        f"{path}: expected mono at 16000 Hz, found {found}; `ffmpeg -i a.wav -ar 16000 -ac 1 NEW.wav` makes it so"
    )


def test_a_recording_that_is_not_there_or_no_sound_is_named(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("hello", encoding="utf-8")

    assert refusal(tmp_path / "gone.wav") == f"cannot read {tmp_path / 'gone.wav'}: no such file"
    assert refusal(tmp_path / "text.wav") == f"cannot read {tmp_path / 'text.wav'}: Format not recognised."
