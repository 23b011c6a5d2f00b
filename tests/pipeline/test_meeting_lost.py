"""A meeting while its device is away."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from streamer.pipeline import Meeting
from streamer.types import MICROPHONE_LOST, SAMPLE_RATE, Gap, MarkAdded, Notice, SegmentFinalized, Severity
from tests.fakes import silence, speech
from tests.pipeline.rig import Rig, text
from tests.virtual_time import EPOCH, run_virtual


def _away_for_a_minute(*, is_microphone: bool = True) -> Rig:
    """After two seconds of speech the device is away; half a minute later somebody marks that moment."""

    async def main() -> Rig:
        gap = Gap(0, EPOCH + timedelta(seconds=2), 60.0, "device was away")
        rig = Rig([speech(2), gap, silence(1)], is_microphone=is_microphone)

        async def act(meeting: Meeting) -> None:
            await asyncio.sleep(3)
            meeting.notify(Notice(MICROPHONE_LOST, Severity.WARNING, "away"))
            await asyncio.sleep(30)
            meeting.mark("决定")

        await rig.run_with(act)
        return rig

    return run_virtual(main())


@pytest.mark.parametrize(("is_microphone", "final_at"), [(True, 3.02), (False, 62.02)], ids=["device", "pipe"])
def test_what_was_said_is_final_when_the_device_is_lost_and_not_only_when_it_is_back(
    is_microphone: bool, final_at: float
) -> None:
    """Sound that a pipe brings late may go on in the middle of a word."""
    rig = _away_for_a_minute(is_microphone=is_microphone)

    assert rig.sink.finals() == [text(0, 2)]
    (at,) = [
        time for time, event in zip(rig.sink.times, rig.sink.events, strict=True) if isinstance(event, SegmentFinalized)
    ]
    assert at == pytest.approx(final_at)


def test_a_mark_while_the_device_is_away_has_the_time_at_which_it_was_set() -> None:
    (mark,) = _away_for_a_minute().sink.of(MarkAdded)

    assert (mark.at_sample, mark.marked_at) == (2 * SAMPLE_RATE, EPOCH + timedelta(seconds=33))
