"""``streamer recover``: completes meetings whose process died."""

from __future__ import annotations

from typing import Annotated

import typer

from streamer.commands.data_dir_option import DataDir
from streamer.commands.meeting_access import Access, AsJson, Config, access, print_json, told
from streamer.commands.meeting_words import words
from streamer.errors import StoreError, StreamerError
from streamer.meeting.journal import Announce
from streamer.meeting.outbox import OutboxEntry
from streamer.minutes import MeetingRecord
from streamer.recovery import RecoveryReport, settings_of
from streamer.recovery import recover as recover_meeting
from streamer.settings import Settings
from streamer.sinks.printable import printable
from streamer.types import MeetingEvent, SegmentFinalized

_MeetingId = Annotated[
    str | None, typer.Argument(metavar="[ID]", help="One meeting; default: all that are unfinished.")
]


def recover(
    meeting: _MeetingId = None, as_json: AsJson = False, data_dir: DataDir = None, config: Config = None
) -> None:
    """Transcribe what an interrupted meeting recorded but did not finish, and close it."""
    spoken = words()
    with access(config, data_dir) as opened:
        records = opened.archive.unfinished(opened.store)
        if meeting is not None:
            record = opened.find(meeting)
            if opened.archive.is_running(record):
                raise StoreError(f"meeting {record.id} is running; end it with q or Ctrl-C where it runs")
            records = (record,)
        reports = []
        failures: list[StreamerError] = []
        for record in records:
            try:
                report = _recovered(opened, record)
            except StreamerError as error:  # the others may be recovered nevertheless
                failures.append(error)
                continue
            reports.append({"id": record.id, "seconds": round(report.recovered_s, 2), "lines": report.lines})
            if not as_json:
                typer.echo(spoken.recovered.format(**reports[-1]))
    if as_json:
        print_json(reports)
    elif not records:
        typer.echo(spoken.nothing_to_recover)
    if failures:
        causes = dict.fromkeys(str(error) for error in failures)
        raise type(failures[0])("\n".join(causes)) from failures[0]


def _recovered(opened: Access, record: MeetingRecord) -> RecoveryReport:
    with told(f"{words().recovering} {printable(record.title)}") as progress:
        return recover_meeting(
            opened.archive,
            opened.store,
            record,
            opened.settings,
            progress=progress,
            announce=_announcing(record, opened.settings),
        )


def _announcing(record: MeetingRecord, settings: Settings) -> Announce | None:
    """What puts recovered finals into the outbox, where the meeting was published; the room's next run sends them."""
    mqtt = settings_of(record, settings).mqtt
    if not mqtt.url:
        return None
    from streamer.broadcast import final_queue  # noqa: PLC0415 - aiomqtt, only where it is wanted
    from streamer.sinks.mqtt.payloads import encode, final_payload  # noqa: PLC0415

    broker, topic = final_queue(mqtt.url, record.room)

    def announce(event: MeetingEvent) -> tuple[OutboxEntry, ...]:
        if not isinstance(event, SegmentFinalized):
            return ()
        return (OutboxEntry(broker, topic, encode(final_payload(record.room, record.id, event.segment))),)

    return announce
