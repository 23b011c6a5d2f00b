from __future__ import annotations

from pathlib import Path

import pytest

from streamer.audio.file_source import FileSource
from streamer.errors import AudioFileError
from streamer.types import Frame
from tests.sounds import noise, pcm, tone, write
from tests.virtual_clock import VirtualClock


async def test_frames_hold_the_whole_file(tmp_path: Path) -> None:
    async with FileSource(write(tmp_path / "a.wav", noise(1.01)), clock=None) as source:
        frames = [frame async for frame in source.frames()]

    sound = b"".join(frame.pcm for frame in frames if isinstance(frame, Frame))
    assert sound == pcm(noise(1.01)).ljust(51 * 640, b"\0")


async def test_at_real_speed_a_frame_comes_when_its_last_sample_has_sounded(tmp_path: Path) -> None:
    clock = VirtualClock()
    async with FileSource(write(tmp_path / "a.wav", tone(0.1)), clock=clock) as source:
        times = [clock.monotonic() async for _ in source.frames()]

    assert times == pytest.approx([0.02, 0.04, 0.06, 0.08, 0.10])


async def test_at_real_speed_a_late_pipeline_is_given_what_it_missed_at_once(tmp_path: Path) -> None:
    clock = VirtualClock()
    times = []
    async with FileSource(write(tmp_path / "a.wav", tone(0.1)), clock=clock) as source:
        async for _ in source.frames():
            times.append(clock.monotonic())
            if len(times) == 1:
                clock.seconds += 0.05

    assert times == pytest.approx([0.02, 0.07, 0.07, 0.08, 0.10])


async def test_close_ends_the_sound(tmp_path: Path) -> None:
    taken = []
    async with FileSource(write(tmp_path / "a.wav", tone(1.0)), clock=VirtualClock()) as source:
        async for frame in source.frames():
            taken.append(frame)
            source.close()
            source.close()

    assert len(taken) == 1


async def told_after(path: Path, frames: int, *, clock: VirtualClock | None = None) -> list[str]:
    """What is said of a file that is ended with so many frames."""
    told: list[str] = []
    taken = 0
    async with FileSource(path, clock=clock, notify=lambda notice: told.append(notice.text)) as source:
        async for _ in source.frames():
            taken += 1
            if taken == frames:
                source.close()
    return told


@pytest.mark.parametrize("clock", [None, VirtualClock()])
async def test_that_a_file_was_not_read_to_its_end_is_told_with_how_much_of_it_was(
    tmp_path: Path, clock: VirtualClock | None
) -> None:
    path = write(tmp_path / "a.wav", tone(3.01))

    assert await told_after(path, 60, clock=clock) == ["a.wav: it was not read to its end: 00:00:01 of 00:00:03"]
    assert await told_after(path, 151, clock=clock) == []


async def test_a_file_that_was_read_to_its_end_is_not_told_of(tmp_path: Path) -> None:
    assert await told_after(write(tmp_path / "a.wav", tone(1.0)), 0) == []


async def test_a_file_that_cannot_be_read_is_refused_when_it_is_opened(tmp_path: Path) -> None:
    with pytest.raises(AudioFileError, match="there is no such file"):
        async with FileSource(tmp_path / "a.wav", clock=None):
            pytest.fail("opened")


async def test_a_file_without_sound_is_refused_when_it_is_opened(tmp_path: Path) -> None:
    with pytest.raises(AudioFileError, match=r"a\.wav: there is no sound in it"):
        async with FileSource(write(tmp_path / "a.wav", noise(0.0)), clock=None):
            pytest.fail("opened")


async def test_a_damaged_file_gives_its_good_part_first(tmp_path: Path) -> None:
    path = write(tmp_path / "a.flac", noise(4.0))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    taken = 0

    async def take(source: FileSource) -> None:
        nonlocal taken
        async for _ in source.frames():
            taken += 1

    async with FileSource(path, clock=None) as source:
        with pytest.raises(AudioFileError, match="damaged after"):
            await take(source)

    assert taken * 0.02 == pytest.approx(2.0, abs=0.4)


async def test_its_name_is_the_files_name(tmp_path: Path) -> None:
    assert FileSource(tmp_path / "weekly meeting.wav", clock=None).name == "weekly meeting.wav"
    assert FileSource(tmp_path / "week\udcff.wav", clock=None).name == "week\ufffd.wav"


async def test_at_real_speed_frames_that_may_come_together_come_with_the_last_of_them(tmp_path: Path) -> None:
    clock = VirtualClock()
    wanted = iter([1, 3, 2])
    async with FileSource(write(tmp_path / "a.wav", tone(0.1)), clock=clock) as source:
        times = [clock.monotonic() async for _ in source.frames(lambda: next(wanted))]

    assert times == pytest.approx([0.02, 0.08, 0.08, 0.08, 0.12])
