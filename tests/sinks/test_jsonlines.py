import json
from pathlib import Path

import jsonschema
import pytest

from streamer.sinks.jsonlines import JsonLinesSink, to_line
from streamer.types import MeetingEvent, TitleChanged
from tests.sinks.events import EVERY_KIND, STARTED, awaited, finalized, gap, revised, status, updated

SCHEMA = json.loads((Path(__file__).parents[2] / "config" / "events.schema.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("event", EVERY_KIND, ids=lambda event: type(event).__name__)
def test_every_event_is_valid_under_the_schema(event: MeetingEvent) -> None:
    jsonschema.validate(json.loads(to_line(event)), SCHEMA, cls=jsonschema.Draft202012Validator)


@pytest.mark.parametrize("event", EVERY_KIND, ids=lambda event: type(event).__name__)
def test_the_schema_names_every_key_of_a_line_also_with_several_rooms(event: MeetingEvent) -> None:
    line = json.loads(to_line(event, room="lab"))
    described = next(one for one in SCHEMA["oneOf"] if one["properties"]["event"]["const"] == line["event"])

    assert list(line.keys() - described["properties"].keys()) == []


def test_the_schema_refuses_what_lacks_a_key() -> None:
    broken = json.loads(to_line(status(1)))
    del broken["lag_s"]

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, SCHEMA, cls=jsonschema.Draft202012Validator)


def test_the_start_names_the_meeting() -> None:
    assert json.loads(to_line(STARTED)) == {
        "version": 1,
        "event": "meeting_started",
        "meeting": "20261120T143000Z-3f9a",
        "title": "周会",
        "room": "room-1",
        "device": "USB 麦克风",
        "pack": "zh 0.1",
        "at": "2026-11-20T14:30:00.000+00:00",
    }


def test_a_partial_tells_its_stable_part_and_its_lag() -> None:
    assert json.loads(to_line(updated(1, 1, "大家", stable=1))) == {
        "version": 1,
        "event": "segment_updated",
        "segment": 1,
        "revision": 0,
        "start_s": 1.0,
        "end_s": 3.0,
        "at": "2026-11-20T14:30:01.000+00:00",
        "text": "大家",
        "spoken": "大家",
        "utterance": 1,
        "stable_length": 1,
        "lag_s": 0.25,
    }


def test_a_final_has_its_tokens_with_times() -> None:
    line = json.loads(to_line(finalized(1, 1, "好")))

    assert line["tokens"] == [{"text": "好", "syllable": "x1", "start_s": 1.0, "end_s": 1.1, "confidence": 0.75}]
    assert (line["end_reason"], line["confidence"]) == ("silence", 0.75)


def test_a_revision_has_the_text_of_hindsight() -> None:
    line = json.loads(to_line(revised(1, 1, "大家好，")))

    assert (line["event"], line["segment"], line["revision"], line["text"]) == ("segment_revised", 1, 1, "大家好，")


def test_a_gap_has_its_place_and_length() -> None:
    line = json.loads(to_line(gap(4, 2.5)))

    assert (line["position_s"], line["missing_s"], line["reason"]) == (4.0, 2.5, "device lost")


def test_what_a_terminal_would_obey_is_escaped_and_comes_back_whole() -> None:
    title = "a\x1b[31m\x9b\x7f\u202e\u2028b"
    line = to_line(TitleChanged(title))

    assert line.isprintable()
    assert json.loads(line)["title"] == title


async def test_the_sink_writes_one_line_for_each_event() -> None:
    written: list[str] = []

    async def write(text: str) -> None:
        written.append(text)

    sink = JsonLinesSink(write)
    for event in EVERY_KIND:
        await sink.handle(event)

    assert [json.loads(line)["event"] for line in written] == [
        "device_awaited",
        "meeting_called_off",
        "meeting_started",
        "segment_updated",
        "segment_finalized",
        "segment_revised",
        "mark_added",
        "gap_found",
        "captions_missed",
        "meeting_paused",
        "meeting_resumed",
        "title_changed",
        "hotwords_changed",
        "notice",
        "status_updated",
        "meeting_ended",
    ]
    assert all(line.endswith("\n") for line in written)


def test_with_several_rooms_every_line_names_its_room() -> None:
    assert [json.loads(to_line(event, room="hall"))["room"] for event in EVERY_KIND] == ["hall"] * len(EVERY_KIND)


def test_a_microphone_that_is_waited_for() -> None:
    assert json.loads(to_line(awaited(9))) == {
        "version": 1,
        "event": "device_awaited",
        "device": "USB",
        "at": "2026-11-20T14:21:00.000+00:00",
        "reason": "no input is named 'USB'",
    }
