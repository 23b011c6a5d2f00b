from __future__ import annotations

import pytest

from streamer.commands.progress import TranscriptionProgress
from tests.virtual_clock import VirtualClock


@pytest.mark.parametrize(
    ("seconds", "reached", "shown"),
    [
        (100.0, [], ["", "-:--:-- left"]),
        (100.0, [10.0], ["5 × real time", "0:00:18 left"]),
        (100.0, [10.0, 11.0, 12.0, 50.0], ["25 × real time", "0:00:02 left"]),
        (None, [50.0], ["25 × real time", "-:--:-- left"]),
    ],
)
def test_the_speed_is_that_since_the_file_began(
    monkeypatch: pytest.MonkeyPatch, seconds: float | None, reached: list[float], shown: list[str]
) -> None:
    """Of what is decoded together, the last part alone would look a thousand times as fast."""
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    clock = VirtualClock()
    progress = TranscriptionProgress(1, clock.monotonic)
    progress.begin("sound.wav", seconds)
    clock.seconds = 2.0
    for position in reached:
        progress.reach(round(position * 16_000))
    (task,) = progress._bar.tasks

    assert [str(column(task)) for column in progress._bar.columns[2:]] == shown


def test_the_sound_of_all_files_is_counted() -> None:
    clock = VirtualClock()
    progress = TranscriptionProgress(2, clock.monotonic)
    for _ in range(2):
        progress.begin("sound.wav", 3.0)
        progress.reach(32_000)
        progress.reach(48_000)
        clock.seconds += 1.5

    assert (progress.seconds, progress.speed) == (6.0, 2.0)
