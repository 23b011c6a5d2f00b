"""``streamer doctor``: checks this machine, and says what to do."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer
from rich.console import Console

from streamer.archive.archive import Archive
from streamer.asr.hotword_watch import HotwordWatch
from streamer.commands.data_dir_option import DataDir, where_kept
from streamer.doctor import ascend, general
from streamer.doctor.ascend_pack import check_ascend_pack
from streamer.doctor.broker import check_broker
from streamer.doctor.finding import Finding, State, bad, doubtful, good
from streamer.doctor.machine import Machine
from streamer.doctor.probe import check_acl
from streamer.errors import AudioError, SettingsError, StoreError
from streamer.meeting.database import FILE_NAME
from streamer.places import anything_at
from streamer.retention import unfinished_meetings
from streamer.settings.loader import Settings, load_settings
from streamer.sinks.messages import ENGLISH, messages_for
from streamer.sinks.printable import in_utf_8, printable
from streamer.sinks.prose import prose
from streamer.sources import DEMO, MICROPHONE, STANDARD_INPUT, open_source
from streamer.system.open_files import OF_PROGRAM, allow_open_files

if TYPE_CHECKING:
    from streamer.app import MeetingOptions

_MARKS = {State.GOOD: "[green]✓[/]", State.DOUBTFUL: "[yellow]![/]", State.BAD: "[red]✗[/]"}


def doctor(
    with_ascend: Annotated[bool, typer.Option("--ascend", help="Check the NPU too, and run the pack on it.")] = False,
    pack: Annotated[str | None, typer.Option(help="Pack to look at; default: the configured one.")] = None,
    config: Annotated[Path | None, typer.Option(help="Configuration file.")] = None,
    mqtt: Annotated[str, typer.Option(metavar="URL", help="Broker to look at; default: the configured one.")] = "",
    data_dir: DataDir = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, a line for each finding.")] = False,
) -> None:
    """Check Python, audio, packs, disk and broker; with --ascend also driver, devices, CANN, pyACL and the pack."""
    overrides: dict[str, dict[str, Any]] = {"recognizer": {"pack": pack} if pack else {}}
    overrides["store"] = {"data_dir": str(data_dir.absolute())} if data_dir else {}
    overrides["mqtt"] = {"url": mqtt} if mqtt else {}
    settings = load_settings(config, overrides)
    allow_open_files(OF_PROGRAM)
    findings = []
    console = Console()
    for finding in _findings(settings, with_ascend=with_ascend):
        findings.append(finding)
        if as_json:
            told = {key: in_utf_8(value) for key, value in asdict(finding).items()}
            typer.echo(msgspec.json.encode(told).decode())
        else:
            _show(console, finding)
    if any(finding.state is State.BAD for finding in findings):
        raise typer.Exit(1)


def _findings(settings: Settings, *, with_ascend: bool) -> Iterator[Finding]:
    machine = Machine()
    yield general.check_python(machine.python)
    yield general.check_libraries()
    yield from _check_rooms(settings)
    yield from _check_hotwords(settings)
    is_awaited = settings.audio.awaits_device(is_one_of_many=len(settings.room) > 1)
    microphones = _microphones(settings)
    yield general.check_audio([name for name, _ in microphones], _highest(microphones), is_awaited=is_awaited)
    yield general.check_ffmpeg(machine.program("ffmpeg"))
    yield general.check_pack(settings.recognizer)
    folder = general.data_folder(settings.store.data_dir)
    yield general.check_disk(folder)
    store = general.check_store(folder)
    yield store
    if store.state is State.GOOD:
        yield from _check_unfinished(settings, folder)
    yield check_broker(settings.mqtt)
    yield general.check_outbox(folder, settings.mqtt.url, partial(_served, settings, folder))
    if with_ascend:
        yield ascend.check_driver(machine)
        yield ascend.check_nodes(machine, settings.recognizer.ascend.device_id)
        yield ascend.check_environment(machine)
        yield ascend.check_cann(machine)
        acl = check_acl()
        yield acl
        if acl.state is State.GOOD:
            yield from check_ascend_pack(settings.recognizer)


def _check_rooms(settings: Settings) -> Iterator[Finding]:
    """Whether a run would take the configured rooms, where there are some."""
    if not settings.room:
        return
    try:
        plans = _planned(settings)
    except SettingsError as error:
        yield bad("rooms", str(error), "correct [[room]]")
        return
    faults = []
    for plan, own in plans.items():
        try:
            asyncio.run(_open_file(plan.source, own))
        except AudioError as error:
            faults.append(bad(f"room {plan.room}", str(error), "correct [[room]]"))
    yield from faults or [good("rooms", ", ".join(plan.room for plan in plans))]


def _planned(settings: Settings) -> Mapping[MeetingOptions, Settings]:
    """The meetings that a run without further options holds.

    Raises:
        SettingsError: it would refuse the rooms.
    """
    from streamer.commands.rooms import RoomArguments, plan_rooms  # noqa: PLC0415 - all of a run, only where wanted
    from streamer.outputs import Output  # noqa: PLC0415 - as above

    return plan_rooms(RoomArguments(), settings, Output.PLAIN, is_fast=False, data_dir=None)


async def _open_file(source: str, settings: Settings) -> None:
    """Read the first sound of a file, as a run does; microphones are looked for by :func:`general.check_audio`.

    Raises:
        AudioError: it cannot be read, or holds no sound.
    """
    if source not in {MICROPHONE, STANDARD_INPUT, DEMO}:
        async with open_source(source, settings, lambda _: None, is_fast=True):
            pass


def _check_hotwords(settings: Settings) -> Iterator[Finding]:
    """Whether a run would take the configured hotwords, where there are some."""
    if not settings.hotwords.words and not settings.hotwords.file:
        return
    try:
        words = HotwordWatch(settings.hotwords).words
    except SettingsError as error:
        yield bad("hotwords", str(error), "correct [hotwords]")
    else:
        yield good("hotwords", f"words: {len(words)}")


def _check_unfinished(settings: Settings, folder: Path) -> Iterator[Finding]:
    """Meetings that wait for recovery, where there are some."""
    if not anything_at(folder / FILE_NAME):
        return
    try:
        unfinished = unfinished_meetings(settings, folder)
    except StoreError as error:
        yield bad("unfinished meetings", str(error), "")
        return
    if unfinished:
        named = ", ".join(record.id for record in unfinished)
        where = where_kept(settings, None)
        yield doubtful("unfinished meetings", named, f"`streamer recover{where}` completes their text and closes them")


def _served(settings: Settings, folder: Path) -> Collection[str] | None:
    """Rooms whose captions a run without further options sends, and those whose meetings run now; None: nobody knows.

    Raises:
        StoreError: the store cannot be read.
    """
    try:
        plans = _planned(settings)
    except SettingsError:  # which was told of the rooms
        return None
    archive = Archive(folder)
    with contextlib.closing(archive.open_store(settings)) as store:
        return archive.running_rooms(store).union(plan.room for plan in plans if "mqtt" in plan.sinks)


def _microphones(settings: Settings) -> list[tuple[str, int]]:
    """What the rooms listen to, with the channel; a name may come several times."""
    audio = settings.audio
    if not settings.room:
        return [(audio.device, audio.channel)]
    rooms = [room for room in settings.room if room.source == MICROPHONE]
    return [(room.device or audio.device, audio.channel if room.channel is None else room.channel) for room in rooms]


def _highest(microphones: list[tuple[str, int]]) -> dict[str, int]:
    """The highest channel that is asked of each."""
    return {name: max(channel for other, channel in microphones if other == name) for name, _ in microphones}


def _show(console: Console, finding: Finding) -> None:
    found, advice = _told(finding)
    console.print(_MARKS[finding.state], end=" ")
    # Its mark stands where the two spaces are.
    _print_plain(console, f"  {found}", "  ", before="  ")
    if advice:
        _print_plain(console, f"  → {advice}", "    ")


def _told(finding: Finding) -> tuple[str, str]:
    """What was looked at and found, and what to do, in the language of the terminal's locale."""
    if messages_for(os.environ) is ENGLISH:
        return f"{finding.name}: {finding.found}", finding.advice
    from streamer.sinks.failures.findings import NAMES, told_advice, told_found  # noqa: PLC0415 - only where wanted

    return f"{NAMES.chinese(finding.name)}：{told_found(finding.found)}", told_advice(finding.advice)


def _print_plain(console: Console, text: str, indent: str, before: str = "") -> None:
    """Text from outside, in rows of the terminal without ``before``: no markup, no terminal escapes."""
    rows = prose(printable(text), sys.stdout, indent).removeprefix(before)
    console.print(rows, soft_wrap=True, markup=False, emoji=False)
