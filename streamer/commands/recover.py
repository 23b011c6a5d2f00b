"""``streamer recover``: completes meetings whose process died."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated

import typer

from streamer.announcing import CaptionAnnouncer, caption_queue
from streamer.commands.data_dir_option import DataDir, as_given
from streamer.commands.interruption import interruptible
from streamer.commands.meetings.access import Access, access, print_json, told
from streamer.commands.meetings.words import Words, words
from streamer.commands.options import AsJson, Config
from streamer.commands.told_failures import in_locale
from streamer.commands.waiting_captions import broker_of
from streamer.errors import (
    MissingDependencyError,
    PackError,
    RecognizerError,
    SettingsError,
    SinkError,
    StoreError,
    StreamerError,
    together,
)
from streamer.minutes import MeetingRecord
from streamer.offline.recovery import Announcing, RecoveryReport
from streamer.offline.recovery import recover as recover_meeting
from streamer.offline.rehearing import settings_of
from streamer.places import is_folder
from streamer.settings.mqtt import MqttSettings
from streamer.settings.recognizer import RecognizerSettings
from streamer.sinks.printable import printable

_MeetingId = Annotated[
    str | None, typer.Argument(metavar="[ID]", help="One meeting; default: all that are unfinished.")
]

_NoMqtt = Annotated[
    bool,
    typer.Option("--no-mqtt", help="Tell no broker, as in a copy of a data folder: what waits for it stays there."),
]

_UNTOLD = (SinkError, SettingsError)
"""What is raised where a broker cannot be told."""


def recover(
    meeting: _MeetingId = None,
    no_mqtt: _NoMqtt = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Transcribe what an interrupted meeting recorded but did not finish, and close it.

    Where it was published over MQTT, the broker gets the captions that wait and learns that the meeting is over.
    With the ID of a meeting that ended as it should, only that is done.
    """
    spoken = words()
    with access(config, data_dir) as opened, interruptible(lambda: spoken.recover_interrupted):
        records = _wanted(opened, meeting)
        reports: dict[str, dict[str, object]] = {}
        failures: list[StreamerError] = []
        for record in records:
            try:
                if meeting is None:
                    _require_folder(opened, record)
                report = _recovered(opened, record, opened.settings.recognizer if config is not None else None)
            except StreamerError as error:  # the others may be recovered nevertheless
                failures.append(error)
                continue
            found = _found(record, report)
            if not as_json:
                _print_found(found, spoken)
            reports[record.id] = {**found, "broker": None, "told": None}
        recovered = [one for one in records if one.id in reports]
        for record, mqtt in _published(recovered, opened) if not no_mqtt else ():
            try:
                said = _tell(record, mqtt, opened, spoken, as_json=as_json)
            except _UNTOLD as error:  # the meeting is complete here, and other brokers may be told
                said = False
                failures.append(error)
            reports[record.id] |= {"broker": broker_of(mqtt.url), "told": said}
    if as_json:
        print_json(list(reports.values()))
    elif not records:
        typer.echo(spoken.nothing_to_recover)
    if failures:
        raise together(failures) from failures[0]


def _wanted(opened: Access, meeting: str | None) -> Sequence[MeetingRecord]:
    """The meeting that was named; None: all that are unfinished."""
    if meeting is None:
        return opened.archive.unfinished(opened.store)
    record = opened.find(meeting, changes=True)
    if opened.archive.is_running(record):
        raise StoreError(f"meeting {record.id} is running; end it with q or Ctrl-C where it runs")
    return (record,)


def _require_folder(opened: Access, record: MeetingRecord) -> None:
    """Closing a meeting whose folder was moved away would leave what it recorded last without a text.

    Raises:
        StoreError: it is not there.
    """
    if record.ended_at is None and not is_folder(opened.archive.folder(record)):
        where = as_given(opened.archive.data_dir)
        raise StoreError(
            f"the folder of meeting {record.id} is not in {opened.archive.meetings}: put it back, because not all of "
            f"its sound is transcribed; where it is gone for good, `streamer recover {record.id}{where}` closes the "
            "meeting with the text that is stored"
        )


def _found(record: MeetingRecord, report: RecoveryReport) -> dict[str, object]:
    seconds = round(report.recovered_s, 2)
    return {"id": record.id, "seconds": seconds, "lines": report.lines, "put_back": report.put_back}


def _print_found(found: dict[str, object], spoken: Words) -> None:
    typer.echo(spoken.recovered.format(**found))
    if found["put_back"]:
        typer.echo(spoken.put_back.format(lines=found["put_back"]))


def _recovered(opened: Access, record: MeetingRecord, instead: RecognizerSettings | None) -> RecoveryReport:
    if record not in opened.archive.unfinished(opened.store) and _mqtt_of(record, opened).url:
        return RecoveryReport(record, 0.0, 0)  # its broker may not know
    try:
        with told(f"{words().recovering} {printable(record.title)}") as progress:
            return recover_meeting(
                opened.archive,
                opened.store,
                record,
                opened.settings,
                instead=instead,
                progress=progress,
                announcing=_announcing(record, opened),
            )
    except (PackError, RecognizerError, MissingDependencyError) as error:
        if instead is not None:
            raise
        command = f"streamer recover {record.id}{as_given(opened.archive.data_dir)} --config FILE.toml"
        raise type(error)(
            f"{error}; meeting {record.id} was held so, and `{command}` decodes it with that file's [recognizer]"
        ) from error


def _mqtt_of(record: MeetingRecord, opened: Access) -> MqttSettings:
    """Where a meeting is published; the configuration of today where it names the same place."""
    own, today = settings_of(record, opened.settings).mqtt, opened.settings.mqtt
    if own.url and today.url and caption_queue(own.url, record.room) == caption_queue(today.url, record.room):
        return today
    return own


def _published(records: list[MeetingRecord], opened: Access) -> list[tuple[MeetingRecord, MqttSettings]]:
    """The newest of the meetings that were published at each place."""
    newest: dict[tuple[str, tuple[str, str]], tuple[MeetingRecord, MqttSettings]] = {}
    for record in records:
        mqtt = _mqtt_of(record, opened)
        if mqtt.url:
            newest.setdefault(caption_queue(mqtt.url, record.room), (record, mqtt))
    return list(newest.values())


def _tell(record: MeetingRecord, mqtt: MqttSettings, opened: Access, spoken: Words, *, as_json: bool) -> bool:
    """Have a recovered meeting's broker know its end; whether that was done: a meeting that runs there now does it.

    Raises:
        SinkError, SettingsError: it could not be told; what that means is part of the message.
    """
    from streamer.delivering import tell_ended  # noqa: PLC0415 - aiomqtt, only where it is wanted

    try:
        sent = tell_ended(opened.archive, opened.store, opened.store.record(record.id), mqtt)
    except _UNTOLD as error:
        where = as_given(opened.archive.data_dir)
        raise type(error)(spoken.end_untold.format(error=in_locale(str(error)), id=record.id, where=where)) from error
    if sent is None:
        return False
    if not as_json:
        typer.echo(spoken.end_told.format(broker=printable(broker_of(mqtt.url)), count=sent.messages))
    return True


def _announcing(record: MeetingRecord, opened: Access) -> Announcing | None:
    """What puts recovered captions into the outbox, where the meeting was published."""
    mqtt = _mqtt_of(record, opened)
    return partial(CaptionAnnouncer, mqtt, record.room, record.id) if mqtt.url else None
