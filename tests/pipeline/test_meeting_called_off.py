"""A meeting that never begins: it was ended, or given up, while its source was opened or waited for."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from streamer.errors import PackError, RecognizerError, SourceClosedError
from streamer.pipeline import Meeting, MeetingReport
from streamer.types import MeetingCalledOff
from tests.fakes import silence, speech
from tests.pipeline.late_source import ABSENT, LateSource, kinds, rig_of
from tests.pipeline.rig import Rig
from tests.virtual_time import EPOCH, run_virtual


@pytest.mark.parametrize("seconds", [0, 5])
def test_it_is_not_waited_for_where_the_models_cannot_be_loaded(seconds: float) -> None:
    """Whether that is found out before or after it is known that it has to be."""
    failure = PackError("transformer.onnx does not match its manifest")

    async def main() -> Rig:
        rig = rig_of(LateSource(60.0))
        if seconds:
            asyncio.get_running_loop().call_later(seconds, rig.meeting.give_up, failure)
        else:
            rig.meeting.give_up(failure)
        with pytest.raises(PackError) as raised:
            await rig.run()
        assert raised.value is failure
        return rig

    assert run_virtual(main()).sink.events == [ABSENT, MeetingCalledOff(EPOCH + timedelta(seconds=seconds))]


def test_stopped_before_anybody_knows_that_it_is_waited_for_it_never_begins_either() -> None:
    async def main() -> Rig:
        rig = rig_of(LateSource(60.0))
        rig.meeting.stop()
        with pytest.raises(SourceClosedError):
            await rig.run()
        return rig

    assert run_virtual(main()).sink.events == [ABSENT, MeetingCalledOff(EPOCH)]


@pytest.mark.parametrize("seconds", [None, 0.5])
def test_a_meeting_that_has_begun_finds_out_itself_whether_the_models_can_be_loaded(seconds: float | None) -> None:
    """Loading them once more may succeed: memory was short, or a device busy."""

    async def main() -> MeetingReport:
        rig = Rig([speech(1.0), silence(1.0)])
        failure = RecognizerError("no memory")
        if seconds is None:
            rig.meeting.give_up(failure)
        else:
            asyncio.get_running_loop().call_later(seconds, rig.meeting.give_up, failure)
        return await rig.run()

    assert run_virtual(main()).failure is None


def test_stopped_while_its_source_is_opened_it_ends_at_once_and_nobody_was_told_of_it() -> None:
    async def main() -> tuple[Rig, float]:
        rig = Rig(source=LateSource(10.0))

        async def stop(meeting: Meeting) -> None:
            await asyncio.sleep(1)
            meeting.stop()

        with pytest.raises(ExceptionGroup) as raised:
            await rig.run_with(stop)
        assert raised.group_contains(SourceClosedError)
        return rig, asyncio.get_running_loop().time()

    rig, passed = run_virtual(main())

    assert passed == 1.0
    assert (rig.sink.events, rig.meeting.is_announced) == ([], False)


def test_what_is_asked_of_a_meeting_that_was_called_off_gives_no_sink_up(caplog: pytest.LogCaptureFixture) -> None:
    """A key means all rooms, also those whose wait was ended before."""

    async def main() -> Rig:
        rig = rig_of(LateSource(60.0))
        rig.meeting.stop()
        with pytest.raises(SourceClosedError):
            await rig.run()
        rig.meeting.pause()
        return rig

    rig = run_virtual(main())

    assert kinds(rig.sink.events) == ["DeviceAwaited", "MeetingCalledOff"]
    assert caplog.messages == []
