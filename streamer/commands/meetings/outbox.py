"""``streamer meetings outbox``: captions that wait for MQTT brokers."""

from __future__ import annotations

import json
import shlex
from dataclasses import asdict
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from streamer.commands.asking import require_consent
from streamer.commands.data_dir_option import DataDir, where_kept
from streamer.commands.meetings.access import Access, access, console, print_json
from streamer.commands.meetings.words import Words, words
from streamer.commands.options import AsJson, Config, Yes
from streamer.commands.waiting_captions import broker_of, waiting_elsewhere
from streamer.errors import SettingsError, SinkError
from streamer.meeting.outbox import drop_messages, meeting_settings, waiting_queues
from streamer.settings import Settings, load_settings
from streamer.sinks.printable import printable

_Send = Annotated[
    str | None,
    typer.Option("--send", metavar="URL", help="Send now what waits for this broker: mqtt://user@host:1883."),
]
_Drop = Annotated[
    str | None, typer.Option("--drop", metavar="HOST:PORT", help="Forget what waits for this broker. Asks first.")
]
_TLS_PORT = ":8883"
"""Where brokers usually expect mqtts."""


def outbox(
    send: _Send = None,
    drop: _Drop = None,
    yes: Yes = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Show which captions wait for which MQTT broker; send or drop them.

    They are sent by themselves whenever a room publishes to that broker and topic again.
    """
    if send is not None and drop is not None:
        raise SettingsError("--send and --drop exclude each other")
    spoken = words()
    with access(config, data_dir) as opened:
        if send is not None:
            _send(opened, load_settings(config, {"mqtt": {"url": send}}), spoken, as_json=as_json)
        elif drop is not None:
            _drop(opened, drop, spoken, as_json=as_json, yes=yes)
        else:
            _show(opened, spoken, _where(opened.settings, data_dir, config), as_json=as_json)


def _send(opened: Access, settings: Settings, spoken: Words, *, as_json: bool) -> None:
    from streamer.delivering import send_waiting  # noqa: PLC0415 - aiomqtt, only where it is wanted

    broker = broker_of(settings.mqtt.url)
    sent = send_waiting(opened.store, settings.mqtt)
    if as_json:
        print_json({"broker": broker, "sent": sent.messages, "refused": sent.parked + sent.left_out})
    else:
        typer.echo(spoken.sent.format(count=sent.messages, broker=printable(broker)))
    for told in waiting_elsewhere(settings, opened.archive.data_dir):
        typer.echo(told, err=True)
    if sent.parked:  # why was told
        raise typer.Exit(SinkError.exit_code)


def _drop(opened: Access, broker: str, spoken: Words, *, as_json: bool, yes: bool) -> None:
    wanted = broker_of(broker) if "://" in broker else broker
    queues = waiting_queues(opened.store.database)
    count = sum(one.waiting + one.parked for one in queues if one.broker == wanted)
    if not count:
        known = ", ".join(sorted({one.broker for one in queues if one.broker})) or "none"
        raise SettingsError(f"nothing waits for {wanted!r}; captions wait for: {known}")
    shown = printable(wanted)
    if not yes:
        require_consent(spoken.ask_drop.format(count=count, broker=shown), err=as_json)
    count = drop_messages(opened.store.database, wanted)
    if as_json:
        print_json({"broker": wanted, "dropped": count})
    else:
        typer.echo(spoken.dropped.format(count=count))


def _show(opened: Access, spoken: Words, where: str, *, as_json: bool) -> None:
    queues = waiting_queues(opened.store.database)
    if as_json:
        print_json([asdict(queue) for queue in queues])
        return
    if not queues:
        typer.echo(spoken.nothing_waits)
        return
    table = Table(spoken.broker, spoken.topic, spoken.waiting, spoken.refused, box=box.SIMPLE_HEAD, pad_edge=False)
    for queue in queues:
        cells = (queue.broker or spoken.any_broker, queue.topic, str(queue.waiting), str(queue.parked))
        table.add_row(*(Text(printable(cell)) for cell in cells))
    console().print(table)
    kept = meeting_settings(opened.store.database)
    for broker in dict.fromkeys(queue.broker for queue in queues if queue.broker):
        url = _url_of(broker, (opened.settings.mqtt.url, _kept_url(kept.get(broker))))
        typer.echo(spoken.how_to_send.format(url=printable(url), broker=printable(broker), where=where))


def _where(settings: Settings, data_dir: Path | None, config: Path | None) -> str:
    """Which outbox, as options for a command that a person copies; certificates are in the configuration."""
    configured = f" --config {shlex.quote(printable(str(config)))}" if config is not None else ""
    return where_kept(settings, data_dir) + configured


def _kept_url(settings: str | None) -> str:
    """The address that a meeting published to; empty where nobody knows."""
    return json.loads(settings).get("mqtt", {}).get("url", "") if settings is not None else ""


def _url_of(broker: str, known: tuple[str, ...]) -> str:
    """The address of a broker, with TLS and the user as in the first of those known that is of it."""
    from streamer.sinks.mqtt.address import parse_address  # noqa: PLC0415 - aiomqtt, only where it is wanted

    for url in filter(None, known):
        address = parse_address(url)
        if address.broker == broker:
            user = f"{quote(address.user, safe='')}@" if address.user else ""
            return f"{'mqtts' if address.tls else 'mqtt'}://{user}{broker}"
    return f"{'mqtts' if broker.endswith(_TLS_PORT) else 'mqtt'}://{broker}"
