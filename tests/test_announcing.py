"""Finals are counted where they enter the outbox, and the count outlives the process."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from dataclasses import replace
from pathlib import Path

from streamer.announcing import CaptionAnnouncer
from streamer.archive.archive import Archive
from streamer.archive.journals import open_meeting
from streamer.meeting.database import Database
from streamer.meeting.migrations import migrate
from streamer.meeting.outbox import StoreOutbox
from streamer.meeting.schema import VERSION_1, VERSION_2, VERSION_3
from streamer.meeting.store import MeetingStore
from streamer.settings.mqtt import MqttSettings
from streamer.types import MarkAdded, SegmentFinalized, SegmentRevised
from tests.meeting.kept import SETTINGS
from tests.meeting.material import START, STARTED, final

URL = "mqtt://ann@broker/site"
BROKER, TOPIC, REVISED = "broker:1883", "site/room-1/caption/final", "site/room-1/revised"


def announcer(announced: int = 0, *, revisions: bool = True) -> CaptionAnnouncer:
    return CaptionAnnouncer(MqttSettings(url=URL, revisions=revisions), "room-1", STARTED.meeting_id, announced)


def in_hindsight(event: SegmentFinalized, text: str) -> SegmentRevised:
    return SegmentRevised(replace(event.segment, text=text, revision=event.segment.revision + 1, tokens=()))


def waiting(store: MeetingStore) -> list[tuple[int, str]]:
    """Sequence and text of each final in the outbox."""
    payloads = [json.loads(one.payload) for one in StoreOutbox(store.database, BROKER, (TOPIC,)).waiting(100)]
    return [(payload["sequence"], payload["text"]) for payload in payloads]


def test_only_finals_are_announced_and_each_has_the_next_number() -> None:
    announce = announcer()
    events = (final(2, "一。", 0, 1), MarkAdded(0, START), final(7, "", 1, 2))
    entries = [entry for event in events for entry in announce(event)]

    assert {(entry.broker, entry.topic) for entry in entries} == {(BROKER, TOPIC)}
    assert [json.loads(entry.payload)["sequence"] for entry in entries] == [1, 2]


def test_a_final_in_hindsight_has_a_topic_of_its_own_and_no_number() -> None:
    announce = announcer()
    first, second = final(1, "一。", 0, 1), final(2, "二。", 1, 2)
    entries = [entry for event in (first, in_hindsight(first, "一，"), second) for entry in announce(event)]
    payloads = [json.loads(entry.payload) for entry in entries]

    assert [entry.topic for entry in entries] == [TOPIC, REVISED, TOPIC]
    assert (payloads[1]["segment"], payloads[1]["revision"], payloads[1]["text"]) == (1, 4, "一，")
    assert [payload.get("sequence") for payload in payloads] == [1, None, 2]


def test_hindsight_can_be_left_out() -> None:
    event = final(1, "一。", 0, 1)

    assert announcer(revisions=False)(in_hindsight(event, "一，")) == ()


def test_a_final_in_hindsight_is_stored_with_its_message_and_not_counted(tmp_path: Path) -> None:
    journal = open_meeting(SETTINGS, tmp_path, STARTED, announce=announcer())
    event = final(1, "一。", 0, 1)
    journal.record(event)
    journal.record(in_hindsight(event, "一，"))
    journal.close()
    with contextlib.closing(Archive(tmp_path).open_store(SETTINGS)) as store:
        topics = [one.topic for one in StoreOutbox(store.database, BROKER, (TOPIC, REVISED)).waiting(100)]

        assert topics == [TOPIC, REVISED]
        assert [line.text for line in store.lines(STARTED.meeting_id)] == ["一，"]
        assert store.announced(STARTED.meeting_id) == 1


def test_the_count_goes_on_after_a_crash_even_where_all_was_sent_and_decoded_again(tmp_path: Path) -> None:
    journal = open_meeting(SETTINGS, tmp_path, STARTED, announce=announcer())
    for number, text in ((1, "一。"), (2, "二。"), (5, "三。")):
        journal.record(final(number, text, number, number + 1))
    journal.close()
    with contextlib.closing(Archive(tmp_path).open_store(SETTINGS)) as store:
        sent = StoreOutbox(store.database, BROKER, (TOPIC,))
        for message in sent.waiting(2):
            sent.confirm(message.id)
        store.finals(STARTED.meeting_id).replace([], "zh 2", None)
        announce = announcer(store.announced(STARTED.meeting_id))
        event = final(6, "四。", 6, 7)
        store.add(STARTED.meeting_id, [(event, announce(event))])

        assert waiting(store) == [(3, "三。"), (4, "四。")]
        assert store.announced(STARTED.meeting_id) == 4


def test_a_meeting_that_an_older_streamer_left_open_is_counted_on_after_its_finals(tmp_path: Path) -> None:
    columns = "id, title, room, device, pack, settings, program, started_at, utc_offset_s, folder, audio, ended_at"
    segment = "meeting_id, id, revision, start_sample, end_sample, started_at, text, spoken, pack, tokens"
    connection = sqlite3.connect(tmp_path / "streamer.db", isolation_level=None)
    migrate(connection, (VERSION_1, VERSION_2, VERSION_3))
    for meeting, ended in (("open", None), ("over", "then")):
        row = (meeting, "周会", "room-1", "mic", "zh 1", "{}", "0.1", "2026-11-20", 0, meeting, "kept", ended)
        connection.execute(f"INSERT INTO meetings ({columns}) VALUES ({','.join('?' * 12)})", row)  # noqa: S608
        for number in (1, 2, 4):
            values = (meeting, number, 0, number, number + 1, "2026-11-20", "一", "一", "zh 1", "[]")
            connection.execute(f"INSERT INTO segments ({segment}) VALUES ({','.join('?' * 10)})", values)  # noqa: S608
    connection.close()

    with contextlib.closing(MeetingStore(Database(tmp_path / "streamer.db"))) as store:
        assert (store.announced("open"), store.announced("over")) == (3, 0)
        assert [one.id for one in store.unended("room-1")] == ["open"]
        assert store.unended("another") == ()
