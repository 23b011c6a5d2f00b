from __future__ import annotations

from collections.abc import Sequence

from streamer.audio.pieces import pieces_of
from streamer.audio.recording import Recording
from streamer.meeting.outbox import OutboxEntry, StoreOutbox
from streamer.offline.rehearing import look_back, told_sound
from streamer.pipeline import Recognition
from streamer.settings.text import TextSettings
from streamer.text.hindsight import Hindsight
from streamer.types import SAMPLE_RATE, MeetingEvent, SegmentRevised
from tests.audio.recorded import options, record
from tests.fakes import AskedPunctuator, ScriptedRecognizer
from tests.meeting.material import STARTED, sound

ID = STARTED.meeting_id


def test_what_hindsight_writes_in_another_way_is_stored_and_announced(store):
    announced: list[str] = []

    def announce(event: MeetingEvent) -> Sequence[OutboxEntry]:
        assert isinstance(event, SegmentRevised)
        announced.append(event.segment.text)
        return (OutboxEntry("broker:1883", "revised", b"1"),)

    recognition = Recognition(ScriptedRecognizer(), new_hindsight=lambda: Hindsight(AskedPunctuator(), TextSettings()))
    look_back(store, store.record(ID), recognition, announce=announce)

    assert announced == ["大家好开始周会"]
    assert [line.text for line in store.lines(ID)] == ["大家好开始周会", "今年预算是20万。", "", "下周见。"]
    assert StoreOutbox(store.database, "broker:1883").count() == 1


def test_whoever_waits_is_told_how_far_the_sound_is(tmp_path):
    recording = Recording(tmp_path, options())
    record(recording, 0, 600)
    recording.close()
    told: list[tuple[float, float]] = []

    runs = told_sound(
        pieces_of(tmp_path),
        lambda done, of: told.append((done, of)),
        12 * SAMPLE_RATE,
        3 * SAMPLE_RATE,
        11 * SAMPLE_RATE,
    )

    assert b"".join(run.pcm for run in runs) == sound(3 * SAMPLE_RATE, 11 * SAMPLE_RATE)
    assert told == [(3.0, 12.0), (8.0, 12.0)]
