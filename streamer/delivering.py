"""Captions sent outside a run: what waits in the outbox, and how a recovered meeting ended."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import aiomqtt

from streamer.announcing import caption_queue
from streamer.archive.archive import Archive
from streamer.errors import SinkError
from streamer.meeting.outbox import StoreOutbox, waiting_queues
from streamer.meeting.store import MeetingStore
from streamer.minutes import MeetingRecord
from streamer.offline.rehearing import settings_of
from streamer.settings import Settings
from streamer.settings.mqtt import MqttSettings
from streamer.sinks.mqtt.address import BrokerAddress, Topics, check_address, parse_address
from streamer.sinks.mqtt.breaks import PATIENCE, Breaks
from streamer.sinks.mqtt.client_ids import passing_client_id
from streamer.sinks.mqtt.credentials import read_password
from streamer.sinks.mqtt.delivery import Delivery
from streamer.sinks.mqtt.encoding import seconds
from streamer.sinks.mqtt.link import Link, connected
from streamer.sinks.mqtt.notices import LinkNotices
from streamer.sinks.mqtt.payloads import LastCaption, MeetingPayload, encode
from streamer.sinks.mqtt.reasons import reason_of
from streamer.sinks.mqtt.state import published_title

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of the messages that waited; those that it does not take were told in the log."""

    messages: int
    """Those that the broker has now."""
    parked: int = 0
    """Finals that it does not take, set aside."""
    left_out: int = 0
    """Finals in hindsight that it does not take, forgotten."""


def send_waiting(store: MeetingStore, settings: MqttSettings) -> Sent:
    """Send now what waits for the broker of ``settings.url``, on whatever topics.

    A broker that was away missed how the meetings of these rooms ended, too: it is told then.

    Raises:
        SettingsError: the address, the password file or a certificate is wrong.
        SinkError: the broker cannot be reached, refuses, or goes away; what is not confirmed waits on.
        StoreError: the store cannot be read or written.
    """
    broker = check_address(settings.url).broker
    topics = {one.topic for one in waiting_queues(store.database) if one.broker == broker and one.waiting}
    return _send(StoreOutbox(store.database, broker), settings, _ended_states(store, broker, topics))


def tell_ended(archive: Archive, store: MeetingStore, record: MeetingRecord, settings: MqttSettings) -> Sent | None:
    """Send what waits of a recovered meeting's room, then that its newest meeting has ended, if it has.

    Args:
        archive: of the data folder.
        store: of the same folder.
        record: the recovered meeting.
        settings: of its broker.

    Returns:
        What was sent; None where a meeting that runs in the room now sees to all that.

    Raises:
        SettingsError: the address, the password file or a certificate is wrong.
        SinkError: the broker cannot be reached, refuses, or goes away; what is not confirmed waits on.
        StoreError: the store cannot be read or written.
    """
    if any(archive.is_running(one) for one in store.unended(record.room)):
        return None
    broker, topics = caption_queue(settings.url, record.room)
    return _send(StoreOutbox(store.database, broker, topics), settings, _ended_states(store, broker, set(topics)))


def _ended_states(store: MeetingStore, broker: str, topics: set[str]) -> list[tuple[str, bytes]]:
    """Topic and payload of the states of the newest meetings whose captions went there and that have ended."""
    states, missing = [], set(topics)
    for record in store.records():
        if not missing:  # a year of older meetings has nothing to say
            break
        mqtt = settings_of(record, Settings()).mqtt
        own_broker, own_topics = caption_queue(mqtt.url, record.room) if mqtt.url else ("", ())
        if own_broker != broker or missing.isdisjoint(own_topics):
            continue
        missing.difference_update(own_topics)
        if record.ended_at is not None:
            topic = Topics(parse_address(mqtt.url).prefix, record.room).meeting
            states.append((topic, encode(_ended_state(store, record))))
    return states


def _ended_state(store: MeetingStore, record: MeetingRecord) -> MeetingPayload:
    last = None
    # As the machine wrote it: what people correct is not published.
    for final in store.finals(record.id).read():
        if final.text:
            last = LastCaption(final.id, final.revision, final.text, final.started_at)
    return MeetingPayload(
        room=record.room,
        meeting=record.id,
        title=published_title(record.title),
        state="ended",
        started_at=record.started_at,
        pack=record.pack,
        last=last,
        since=record.ended_at,
        position=seconds(record.end_sample or 0),
        finals=store.announced(record.id),
    )


def _send(outbox: StoreOutbox, settings: MqttSettings, states: Collection[tuple[str, bytes]]) -> Sent:
    """Send what waits, then retained states, each a topic and a payload."""
    address, breaks = parse_address(settings.url), Breaks()
    notices = LinkNotices(address.shown, lambda notice: logger.warning("%s", notice.text))
    before = outbox.count()
    with ThreadPoolExecutor(1, thread_name_prefix="streamer-storage") as storage:
        delivery = Delivery(outbox, storage, settings, breaks, notices)
        try:
            asyncio.run(_send_all(delivery, breaks, address, settings, states))
        except (aiomqtt.MqttError, OSError, UnicodeError) as error:
            left, refused = outbox.count(), delivery.parked + delivery.left_out
            if not left:
                raise SinkError(f"{address.broker} cannot be told ({reason_of(error)})") from error
            told = f"{before - left - refused} of {before}" + (f", refused: {refused}" if refused else "")
            raise SinkError(
                f"{address.broker} did not take everything ({reason_of(error)}): captions sent: {told}, "
                "the others wait on"
            ) from error
    return Sent(before - delivery.parked - delivery.left_out, delivery.parked, delivery.left_out)


async def _send_all(
    delivery: Delivery,
    breaks: Breaks,
    address: BrokerAddress,
    settings: MqttSettings,
    states: Collection[tuple[str, bytes]],
) -> None:
    password = read_password(settings)
    waiting, in_vain = await delivery.count(), 0
    while True:
        name = passing_client_id(settings, "outbox")
        link = Link(address, settings, username=address.user, password=password, identifier=name)
        async with connected(link):
            try:
                await _send_over(link, delivery, states)
            except aiomqtt.MqttError:
                left = await delivery.count()
                waiting, in_vain = left, in_vain + 1 if left == waiting else 1
                # Some brokers close it over a message that they do not take, until that is set aside.
                if not link.is_lost or in_vain > PATIENCE:
                    raise
                if link.closed_over is not None:
                    breaks.note(*link.closed_over)
            else:
                return


async def _send_over(link: Link, delivery: Delivery, states: Collection[tuple[str, bytes]]) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            # Iterating over messages is how a lost connection is noticed at once.
            hearing = group.create_task(_hear(link), name="streamer.outbox.in")
            while await delivery.send_some(link):
                pass
            for topic, payload in states:
                await link.deliver(topic, payload, qos=1, retain=True)
            hearing.cancel()
    except ExceptionGroup as errors:
        first = errors.exceptions[0]
        raise first from first.__cause__  # which says why the link was lost


async def _hear(link: Link) -> None:
    async for _ in link.messages:
        pass
