"""What the publisher needs around it in tests: events, an outbox in memory, a control that only notes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from streamer.settings.mqtt import MqttSettings
from streamer.sinks.mqtt.encoding import final_payload, revised_payload
from streamer.sinks.mqtt.payloads import encode
from streamer.sinks.mqtt.publisher import MqttPublisher, PublisherParts
from streamer.types import EndReason, MeetingStarted, Notice, Segment, SegmentFinalized, SegmentRevised, Token

START = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
STARTED = MeetingStarted("20261120T143000Z-3f9a", "周会", "room", "demo", "zh 1", START)


def segment(number: int, text: str = "你好。", *, revision: int = 3) -> Segment:
    tokens = tuple(
        Token(character, "hao3", 16000 * number, 16000 * number + 3200, -0.1, 0.9) for character in text.strip("，。")
    )
    return Segment(
        id=number,
        revision=revision,
        start_sample=16000 * number,
        end_sample=16000 * (number + 1),
        started_at=START,
        text=text,
        spoken=text.strip("，。"),
        stable_length=len(tokens),
        tokens=tokens,
        is_final=True,
        end_reason=EndReason.SILENCE,
    )


@dataclass(frozen=True)
class Message:
    id: int
    topic: str
    payload: bytes


class MemoryOutbox:
    """The protocol, without a file."""

    def __init__(self) -> None:
        self.messages: dict[int, Message] = {}
        self.parked: dict[int, str] = {}
        self._next = 1

    def put(self, topic: str, payload: bytes) -> None:
        self.messages[self._next] = Message(self._next, topic, payload)
        self._next += 1

    def waiting(self, limit: int) -> tuple[Message, ...]:
        return tuple(self.messages.values())[:limit]

    def count(self) -> int:
        return len(self.messages)

    def confirm(self, message_id: int) -> None:
        del self.messages[message_id]

    def park(self, message_id: int, reason: str) -> None:
        del self.messages[message_id]
        self.parked[message_id] = reason


class NotingControl:
    def __init__(self) -> None:
        self.calls: list[tuple[str, ...]] = []

    def pause(self) -> None:
        self.calls.append(("pause",))

    def resume(self) -> None:
        self.calls.append(("resume",))

    def mark(self, note: str = "") -> None:
        self.calls.append(("mark", note))

    def set_title(self, title: str) -> None:
        self.calls.append(("set-title", title))

    def stop(self) -> None:
        self.calls.append(("stop",))


class Bench:
    """A publisher with everything around it."""

    def __init__(self, settings: MqttSettings, outbox: MemoryOutbox | None = None, *, rival: str = "") -> None:
        self.outbox = outbox or MemoryOutbox()
        self.control = NotingControl()
        self.notices: list[Notice] = []
        self._finals = 0
        self._storage = ThreadPoolExecutor(1)
        parts = PublisherParts(self.outbox, self._storage, self.control, self.notices.append, lambda: START, rival)
        self.publisher = MqttPublisher("room", settings, parts)

    def close(self) -> None:
        self._storage.shutdown()

    async def finalize(self, number: int, text: str = "你好。") -> None:
        final = segment(number, text)
        self._finals += 1
        payload = encode(final_payload("room", STARTED.meeting_id, final, self._finals))
        self.outbox.put("streamer/room/caption/final", payload)
        await self.publisher.handle(SegmentFinalized(final))

    async def revise(self, number: int, text: str = "你好，") -> None:
        final = segment(number, text, revision=4)
        self.outbox.put("streamer/room/revised", encode(revised_payload("room", STARTED.meeting_id, final)))
        await self.publisher.handle(SegmentRevised(final))


@contextlib.asynccontextmanager
async def running(
    port: int, outbox: MemoryOutbox | None = None, *, started: bool = True, **settings: Any
) -> AsyncIterator[Bench]:
    """A publisher whose meeting has started; its task is cancelled at the end if the test did not end the meeting."""
    url = settings.pop("url", f"mqtt://127.0.0.1:{port}/streamer")
    bench = Bench(MqttSettings(url=url, **settings), outbox)
    if started:
        await bench.publisher.handle(STARTED)
    task = asyncio.ensure_future(bench.publisher.run())
    try:
        yield bench
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        bench.close()
