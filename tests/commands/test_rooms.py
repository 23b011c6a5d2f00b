"""Which rooms a run serves."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from streamer.app import MeetingOptions
from streamer.commands.rooms import RoomArguments, plan_rooms
from streamer.errors import SettingsError
from streamer.outputs import Output
from streamer.settings import Settings, load_settings

TWO = [{"name": "Board Room", "device": "USB", "channel": 2}, {"name": "lab", "source": "demo", "title": "周会"}]


def plan(
    rooms: list[dict[str, Any]] | None = None, mqtt: dict[str, Any] | None = None, **arguments: str
) -> dict[MeetingOptions, Settings]:
    settings = load_settings(overrides={"room": rooms or [], "mqtt": mqtt or {}, "ui": {"language": "en"}})
    return plan_rooms(RoomArguments(**arguments), settings, Output.PLAIN, is_fast=False, data_dir=None)


def test_without_configured_rooms_the_command_line_names_the_one() -> None:
    ((options, settings),) = plan(source="mic", room="Room 7", device="3").items()

    assert (options.room, options.source, options.title) == ("room-7", "mic", "Meeting")
    assert settings.audio.device == "3"


@pytest.mark.parametrize("source", ["", " "])
def test_an_empty_source_is_an_error_that_says_what_is_expected(source: str) -> None:
    with pytest.raises(SettingsError) as raised:
        plan(source=source, room="lab")

    assert str(raised.value) == (
        "the source of room 'lab' is empty (--source, or source in [[room]]); expected mic, demo, - for raw PCM on "
        "standard input, or a sound file"
    )


@pytest.mark.parametrize("source", ["mic", "demo"])
def test_only_a_file_or_standard_input_was_recorded_earlier(source: str) -> None:
    arguments = RoomArguments(source=source, began=datetime(2026, 11, 20, 14, 30, tzinfo=UTC))
    with pytest.raises(SettingsError) as raised:
        plan_rooms(arguments, load_settings(), Output.PLAIN, is_fast=False, data_dir=None)

    assert str(raised.value) == (
        f"--began says when a recording was made, but the source is {source!r}: name one sound file with --source, or "
        "- where the recording comes on standard input, or leave it out"
    )


def test_a_file_gives_its_name_as_title() -> None:
    (options,) = plan(source=str(Path("talks") / "周会.wav"))

    assert options.title == "周会"


@pytest.mark.parametrize(
    ("given", "title"),
    [
        ("  第一行\n第二行 ", "第一行 第二行"),
        ("\x1b[31m红", "[31m红"),
        ("   ", "meeting"),
        ("周\udcff会", "周\ufffd会"),  # bytes of the command line that are no UTF-8
    ],
)
def test_a_title_is_a_line_of_text(given: str, title: str) -> None:
    (options,) = plan(source="meeting.wav", title=given)

    assert options.title == title


def test_a_file_whose_name_is_no_utf_8_gives_what_can_be_read_of_it() -> None:
    (options,) = plan(source=os.fsdecode("周会".encode("gbk") + b".wav"))

    assert options.title == "\ufffd\u073b\ufffd"


@pytest.mark.parametrize("title", ["", " ", "\x1b", "\u200b\u200d", "\u200b\ufffe"])
def test_a_title_of_which_nothing_can_be_shown_is_none(title: str) -> None:
    (options,) = plan(source="demo", title=title)

    assert options.title == "Meeting"


def test_recovery_of_a_room_without_mqtt_publishes_nothing_either() -> None:
    rooms = [{"name": "open"}, {"name": "closed", "source": "demo", "sinks": ["minutes"]}]
    first, second = plan(rooms, {"url": "mqtt://broker"}).values()

    assert (first.mqtt.url, second.mqtt.url) == ("mqtt://broker", "")


def test_every_configured_room_is_served_with_what_it_has_of_its_own() -> None:
    (board, its), (lab, others) = plan(TWO).items()

    assert (board.room, board.source, board.title) == ("board-room", "mic", "Board Room")
    assert (its.audio.device, its.audio.channel) == ("USB", 2)
    assert (lab.room, lab.source, lab.title) == ("lab", "demo", "周会")
    assert (others.audio.device, others.audio.channel) == ("", 0)


def test_room_chooses_a_configured_one_and_options_then_are_about_it() -> None:
    ((options, settings),) = plan(TWO, room="BOARD ROOM", title="周会", device="5").items()

    assert (options.room, options.title) == ("board-room", "周会")
    assert settings.audio.device == "5"


@pytest.mark.parametrize(("option", "value"), [("source", "demo"), ("device", "2"), ("title", "x")])
def test_what_is_about_one_room_needs_a_choice_among_several(option: str, value: str) -> None:
    with pytest.raises(SettingsError, match=rf"--{option} '{value}' is about one room, but .* \(Board Room, lab\)"):
        plan(TWO, **{option: value})


@pytest.mark.parametrize("source", ["demo", "-", "talk.wav"])
def test_a_device_is_of_no_use_to_what_is_no_microphone(source: str) -> None:
    with pytest.raises(SettingsError, match=rf"--device '2' names a microphone, but the source is '{source}': leave"):
        plan(source=source, device="2")


def test_a_device_makes_no_microphone_of_a_configured_room() -> None:
    with pytest.raises(SettingsError, match="--device '2' names a microphone, but the source is 'demo'"):
        plan(TWO, room="lab", device="2")


def test_an_unknown_room_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SettingsError, match="--room 'attic' is none of the configured rooms: Board Room, lab"):
        plan(TWO, room="attic")


def test_two_names_of_one_room_are_refused() -> None:
    with pytest.raises(SettingsError, match="'Lab 1' and 'lab-1' mean the same room"):
        plan([{"name": "lab-1"}, {"name": "Lab 1"}])


def test_a_name_that_two_rooms_have_is_named() -> None:
    with pytest.raises(SettingsError, match=r"two \[\[room\]\] have the name 'lab': give each its own name"):
        plan([{"name": "lab"}, {"name": "hall"}, {"name": "lab"}])


def test_a_name_without_letters_is_refused() -> None:
    with pytest.raises(SettingsError, match="holds no letter or digit"):
        plan([{"name": "!!"}])


def test_standard_input_can_be_one_rooms_only() -> None:
    with pytest.raises(SettingsError, match="only one room can listen to standard input"):
        plan([{"name": "a", "source": "-"}, {"name": "b", "source": "-"}])


def test_rooms_that_share_a_client_id_get_their_own() -> None:
    found = [settings.mqtt.client_id for settings in plan(TWO, mqtt={"client_id": "streamer"}).values()]

    assert found == ["streamer-board-room", "streamer-lab"]


@pytest.mark.parametrize("sinks", [["mqtt"], ["terminal", "minutes", "mqtt"]])
def test_captions_that_are_to_be_published_need_a_broker(sinks: list[str]) -> None:
    expected = r"\[\[room\]\] 'Board Room' has the sink \"mqtt\", but mqtt.url is empty: set it .*, or give --mqtt URL"
    with pytest.raises(SettingsError, match=expected):
        plan([{"name": "Board Room", "sinks": sinks}, {"name": "lab"}])


def test_with_a_broker_a_room_may_only_be_published() -> None:
    (options,) = plan([{"name": "lab", "sinks": ["mqtt"]}], mqtt={"url": "mqtt://broker/streamer"})

    assert options.sinks == ("mqtt",)


def test_without_sinks_of_its_own_a_room_has_all_and_needs_no_broker() -> None:
    (options,) = plan([{"name": "lab"}])

    assert options.sinks == ("terminal", "minutes", "mqtt")


@pytest.mark.parametrize(
    ("wanted", "rooms", "waits", "is_awaited"),
    [
        ("auto", [], False, False),
        ("auto", [], True, True),
        ("auto", TWO[:1], False, False),
        ("auto", [*TWO, {"name": "annex"}], False, True),
        ("always", [], False, True),
        ("never", [*TWO, {"name": "annex"}], False, False),
    ],
)
def test_an_absent_microphone_is_waited_for_where_there_are_several_rooms_or_somebody_says_so(
    wanted: str, rooms: list[dict[str, Any]], waits: bool, is_awaited: bool
) -> None:
    settings = load_settings(overrides={"room": rooms, "audio": {"wait_for_device": wanted}})
    plans = plan_rooms(RoomArguments(waits=waits), settings, Output.PLAIN, is_fast=False, data_dir=None)

    assert {own.audio.wait_for_device for own in plans.values()} == {"always" if is_awaited else "never"}


def test_a_chosen_room_is_one_and_is_not_waited_for() -> None:
    ((_, settings),) = plan([*TWO, {"name": "annex"}], room="annex").items()

    assert settings.audio.wait_for_device == "never"


def test_there_is_nothing_to_wait_for_in_a_file() -> None:
    with pytest.raises(SettingsError, match="--wait-for-device waits for a microphone, but the source is 'demo'"):
        plan_rooms(
            RoomArguments(source="demo", waits=True), load_settings(), Output.PLAIN, is_fast=False, data_dir=None
        )
