"""Which rooms a run serves: those of the configuration, or the one that the command line names."""

from __future__ import annotations

import os
import re
import socket
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import msgspec

from streamer.app import MeetingOptions
from streamer.errors import SettingsError
from streamer.outputs import Output, choose_messages
from streamer.settings import Settings
from streamer.settings.room import RoomSettings, SinkName
from streamer.sinks.minutes.plain import plain_title
from streamer.sinks.printable import in_utf_8
from streamer.sources import DEMO, MICROPHONE, STANDARD_INPUT


@dataclass(frozen=True, slots=True)
class RoomArguments:
    """What the command line says of one room; None where it says nothing."""

    source: str | None = None
    room: str | None = None
    device: str | None = None
    title: str | None = None
    waits: bool = False
    """Whether a microphone that is absent is to be waited for, whatever the settings say."""
    began: datetime | None = None
    """When the recording in a file, or on standard input, was made."""


def plan_rooms(
    arguments: RoomArguments, settings: Settings, output: Output, *, is_fast: bool, data_dir: Path | None
) -> dict[MeetingOptions, Settings]:
    """The meetings to hold, each with its settings.

    Without ``[[room]]`` the command line names the one room. With it all configured rooms are served, or the one that
    ``--room`` chooses; ``--source``, ``--device`` and ``--title`` are about one room and need that choice.

    Raises:
        SettingsError: the command line and the configuration contradict each other, or two rooms do.
    """
    configured = settings.room
    if not configured:
        rooms: tuple[RoomSettings, ...] = (RoomSettings(name=slug_of(arguments.room, "--room")),)
    elif arguments.room is None:
        rooms = configured
        given = {"--source": arguments.source, "--device": arguments.device, "--title": arguments.title}
        for option, value in given.items():
            if value is not None and len(rooms) > 1:
                raise SettingsError(
                    f"{option} {value!r} is about one room, but [[room]] names {len(rooms)}: choose one with --room "
                    f"({_names(rooms)})"
                )
    else:
        wanted = slug_of(arguments.room, "--room")
        rooms = tuple(room for room in configured if slug_of(room.name, "room.name") == wanted)
        if not rooms:
            raise SettingsError(f"--room {arguments.room!r} is none of the configured rooms: {_names(configured)}")
    chosen = [_overridden(room, arguments) for room in rooms]
    _check(chosen, settings)
    if arguments.device and chosen[0].source != MICROPHONE:
        raise SettingsError(
            f"--device {arguments.device!r} names a microphone, but the source is {chosen[0].source!r}: leave one of "
            "them out"
        )
    if arguments.waits and all(room.source != MICROPHONE for room in chosen):
        raise SettingsError(
            f"--wait-for-device waits for a microphone, but the source is {chosen[0].source!r}: leave one of them out"
        )
    if arguments.began and (len(chosen) > 1 or chosen[0].source in {MICROPHONE, DEMO}):
        raise SettingsError(
            f"--began says when a recording was made, but the source is {chosen[0].source!r}: name one sound file with "
            f"--source, or {STANDARD_INPUT} where the recording comes on standard input, or leave it out"
        )
    many = len(chosen) > 1
    plans: dict[MeetingOptions, Settings] = {}
    for room in chosen:
        options = MeetingOptions(
            source=room.source,
            title=_line(room.title) or _line(room.name if configured else _title_of(room.source, settings)),
            room=slug_of(room.name, "room.name"),
            output=output,
            is_fast=is_fast,
            data_dir=data_dir,
            sinks=room.sinks if room.sinks is not None else get_args(SinkName),
            began=arguments.began,
        )
        plans[options] = _settings_of(room, settings, many=many, waits=arguments.waits)
    return plans


def slug_of(name: str | None, key: str) -> str:
    """A slug, for topics and names of tasks; None: this computer's name. ``key``: where the name stands.

    Raises:
        SettingsError: nothing usable is left of a name that was given.
    """
    slug = re.sub(r"[^\w]+", "-", (name if name is not None else socket.gethostname()).lower()).strip("-_")
    if not slug and name is not None:
        raise SettingsError(f"{key} {name!r} holds no letter or digit")
    return slug or "room"


def _overridden(room: RoomSettings, arguments: RoomArguments) -> RoomSettings:
    given = {"source": arguments.source, "device": arguments.device, "title": arguments.title}
    return msgspec.structs.replace(room, **{key: value for key, value in given.items() if value is not None})


def _check(rooms: list[RoomSettings], settings: Settings) -> None:
    slugs: dict[str, str] = {}
    for room in rooms:
        slug = slug_of(room.name, "room.name")
        if slugs.get(slug) == room.name:
            raise SettingsError(f"two [[room]] have the name {room.name!r}: give each its own name")
        if slug in slugs:
            raise SettingsError(
                f"[[room]] names {room.name!r} and {slugs[slug]!r} mean the same room ({slug}): give each its own name"
            )
        slugs[slug] = room.name
        if not room.source.strip():
            raise SettingsError(
                f"the source of room {room.name or slug!r} is empty (--source, or source in [[room]]); expected "
                f"{MICROPHONE}, {DEMO}, {STANDARD_INPUT} for raw PCM on standard input, or a sound file"
            )
        if "mqtt" in (room.sinks or ()) and not settings.mqtt.url:
            raise SettingsError(
                f'[[room]] {room.name!r} has the sink "mqtt", but mqtt.url is empty: set it (as in '
                '[mqtt] url = "mqtt://user@host:1883/prefix"), or give --mqtt URL, or take "mqtt" out of its sinks'
            )
    if sum(room.source == STANDARD_INPUT for room in rooms) > 1:
        raise SettingsError(f"[[room]]: only one room can listen to standard input (source = {STANDARD_INPUT!r})")


def _settings_of(room: RoomSettings, settings: Settings, *, many: bool, waits: bool) -> Settings:
    """The settings with what the room has of its own."""
    is_awaited = waits or settings.audio.awaits_device(is_one_of_many=many)
    heard: dict[str, Any] = {"wait_for_device": "always" if is_awaited else "never"}
    if room.device:
        heard["device"] = room.device
    if room.channel is not None:
        heard["channel"] = room.channel
    mqtt = settings.mqtt
    if "mqtt" not in (room.sinks if room.sinks is not None else ("mqtt",)):
        # Kept with the meeting: recovery must not publish what the meeting did not.
        mqtt = msgspec.structs.replace(mqtt, url="")
    if many and mqtt.client_id:
        # Two clients of one id throw each other out.
        mqtt = msgspec.structs.replace(mqtt, client_id=f"{mqtt.client_id}-{slug_of(room.name, 'room.name')}")
    audio = msgspec.structs.replace(settings.audio, **heard)
    return msgspec.structs.replace(settings, audio=audio, mqtt=mqtt)


def _title_of(source: str, settings: Settings) -> str:
    if source in {MICROPHONE, DEMO, STANDARD_INPUT}:
        return choose_messages(settings, os.environ).untitled
    return _line(Path(source).stem) or choose_messages(settings, os.environ).untitled


def _line(title: str) -> str:
    """A title as one line of text, empty where nothing of it is seen.

    Bytes of a command line or a file's name that are no UTF-8 cannot be shown.
    """
    return plain_title(in_utf_8(title))


def _names(rooms: tuple[RoomSettings, ...]) -> str:
    return ", ".join(room.name for room in rooms)
