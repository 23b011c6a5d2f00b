import numpy as np

from benchmarks.day import HOUR, DaySource
from benchmarks.skipping import run_skipping
from streamer.types import Frame, Gap
from tests.fakes import singly


def played(hours: float) -> list[Frame | Gap]:
    async def main() -> list[Frame | Gap]:
        source = DaySource([np.full(16_000, 900, np.int16)], hours)
        return [item async for item in singly(source.frames())]

    return run_skipping(main, [])


def test_stretches_fill_an_hour() -> None:
    assert sum(stretch.minutes for stretch in HOUR) == 60


def test_a_short_day_has_everything_of_a_long_one() -> None:
    items = played(0.01)
    frames = [item for item in items if isinstance(item, Frame)]

    assert sum(isinstance(item, Gap) for item in items) >= 1
    assert [frame.start_sample for frame in frames] == [320 * number for number in range(len(frames))]
    assert len({frame.pcm for frame in frames}) > 100
