"""What MQTT adds between an event and a subscriber, through the real outbox and a real broker on loopback."""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiomqtt
from rich.console import Console
from rich.table import Table

from streamer.meeting.database import Database
from streamer.meeting.outbox import OutboxEntry, StoreOutbox
from streamer.meeting.store import MeetingDetails, MeetingStore
from streamer.minutes import Audio
from streamer.settings.mqtt import MqttSettings
from streamer.sinks.mqtt.encoding import final_payload
from streamer.sinks.mqtt.payloads import encode
from streamer.sinks.mqtt.publisher import MqttPublisher, PublisherParts
from streamer.types import EndReason, MeetingStarted, Segment, SegmentFinalized, SegmentUpdated, Token

ROOM, MEETING = "bench", "20261121T000000Z-beef"
TEXT = "接下来我们看一下第三季度的预算，请财务部先说明。"


@dataclass(frozen=True)
class Measured:
    """Milliseconds between ``handle`` and the subscriber, and throughput."""

    kind: str
    messages: int
    p50_ms: float
    p95_ms: float
    max_ms: float
    per_second: float | None


class NoControl:
    """Nobody sends commands here."""

    def pause(self) -> None:
        """Not called."""

    def resume(self) -> None:
        """Not called."""

    def mark(self, note: str = "") -> None:
        """Not called."""

    def set_title(self, title: str) -> None:
        """Not called."""

    def stop(self) -> None:
        """Not called."""


def segment(number: int, *, is_final: bool) -> Segment:
    """A line of the usual length, with tokens."""
    spoken = [character for character in TEXT if character not in "，。"]
    tokens = tuple(
        Token(character, "zhong1", index * 3200, index * 3200 + 3200, -0.1, 0.9)
        for index, character in enumerate(spoken)
    )
    return Segment(
        id=number,
        revision=number,
        start_sample=number * 80_000,
        end_sample=number * 80_000 + 72_000,
        started_at=datetime.now(UTC),
        text=TEXT,
        spoken="".join(spoken),
        stable_length=len(spoken),
        tokens=tokens,
        is_final=is_final,
        end_reason=EndReason.SILENCE if is_final else None,
    )


@asynccontextmanager
async def broker(folder: Path) -> AsyncIterator[int]:
    """A mosquitto of our own on a free port."""
    program = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    if program is None:
        raise SystemExit("benchmarks.mqtt needs mosquitto: apt-get install mosquitto")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    config = folder / "mosquitto.conf"
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nuser root\n")
    process = subprocess.Popen([program, "-c", config], stderr=subprocess.DEVNULL)  # noqa: ASYNC220 - starts at once
    try:
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            await asyncio.sleep(0.02)
        yield port
    finally:
        process.terminate()
        process.wait()


class Arrivals:
    """When each revision arrived."""

    def __init__(self) -> None:
        self.at: dict[tuple[str, int], float] = {}
        self._changed = asyncio.Condition()

    async def listen(self, client: aiomqtt.Client) -> None:
        """Note every caption."""
        async for message in client.messages:
            now = time.perf_counter()
            leaf = str(message.topic).rsplit("/", 1)[1]
            if isinstance(message.payload, bytes) and leaf in ("partial", "final"):
                async with self._changed:
                    self.at[leaf, json.loads(message.payload)["revision"]] = now
                    self._changed.notify_all()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for arrivals."""
        async with asyncio.timeout(120), self._changed:
            await self._changed.wait_for(condition)


async def measure(messages: int) -> list[Measured]:
    """Run everything on one machine."""
    storage = ThreadPoolExecutor(1)
    loop = asyncio.get_running_loop()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with broker(folder) as port, aiomqtt.Client("127.0.0.1", port) as client:
            await client.subscribe(f"streamer/{ROOM}/#", qos=1)
            arrivals = Arrivals()
            listener = asyncio.ensure_future(arrivals.listen(client))
            store = await loop.run_in_executor(storage, lambda: MeetingStore(Database(folder / "store.db")))
            started = MeetingStarted(MEETING, "bench", ROOM, "none", "none", datetime.now(UTC))
            await loop.run_in_executor(
                storage, lambda: store.begin(started, MeetingDetails("bench", Audio.KEPT, "{}", "bench", 0))
            )
            broker_name, topic = f"127.0.0.1:{port}", f"streamer/{ROOM}/caption/final"
            outbox = StoreOutbox(store.database, broker_name, (topic,))
            parts = PublisherParts(outbox, storage, NoControl(), lambda _notice: None)
            publisher = MqttPublisher(ROOM, MqttSettings(url=f"mqtt://127.0.0.1:{port}/streamer"), parts)
            await publisher.handle(started)
            task = asyncio.ensure_future(publisher.run())

            def put(final: Segment) -> None:
                entry = OutboxEntry(broker_name, topic, encode(final_payload(ROOM, MEETING, final, final.id)))
                store.add(MEETING, [(SegmentFinalized(final), [entry])])

            await asyncio.sleep(0.5)
            sent: dict[tuple[str, int], float] = {}
            for number in range(1, messages + 1):
                final = segment(number, is_final=True)
                await loop.run_in_executor(storage, put, final)
                sent["final", number] = time.perf_counter()
                await publisher.handle(SegmentFinalized(final))
                await arrivals.until(lambda number=number: ("final", number) in arrivals.at)  # type: ignore[misc]
            for number in range(1, messages + 1):
                sent["partial", number] = time.perf_counter()
                await publisher.handle(SegmentUpdated(segment(number, is_final=False), number, 0.1))
                await arrivals.until(lambda number=number: ("partial", number) in arrivals.at)  # type: ignore[misc]
            first, burst = messages + 1, messages * 2
            for number in range(first, burst + 1):
                await loop.run_in_executor(storage, put, segment(number, is_final=True))
            begun = time.perf_counter()
            await publisher.handle(SegmentFinalized(segment(burst, is_final=True)))
            await arrivals.until(lambda: ("final", burst) in arrivals.at)
            rate = messages / (arrivals.at["final", burst] - begun)
            task.cancel()
            listener.cancel()
            await asyncio.gather(task, listener, return_exceptions=True)
            await loop.run_in_executor(storage, store.close)
    storage.shutdown()
    return [_summary(kind, sent, arrivals.at, rate if kind == "final" else None) for kind in ("final", "partial")]


def _summary(
    kind: str, sent: dict[tuple[str, int], float], arrived: dict[tuple[str, int], float], rate: float | None
) -> Measured:
    delays = sorted((arrived[key] - at) * 1000 for key, at in sent.items() if key[0] == kind)
    p95 = delays[min(len(delays) - 1, int(len(delays) * 0.95))]
    return Measured(kind, len(delays), statistics.median(delays), p95, delays[-1], rate)


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mqtt", description=__doc__)
    parser.add_argument("--messages", type=int, default=500, help="captions of each kind (default 500)")
    parser.add_argument("--json", action="store_true", help="print JSON for programs")
    options = parser.parse_args()
    measured = asyncio.run(measure(options.messages))
    if options.json:
        print(json.dumps([asdict(row) for row in measured]))
        return
    table = Table(
        "caption", "messages", "p50 ms", "p95 ms", "max ms", "messages/s", title="event → subscriber, loopback"
    )
    for row in measured:
        rate = f"{row.per_second:.0f}" if row.per_second else "–"
        table.add_row(row.kind, str(row.messages), f"{row.p50_ms:.2f}", f"{row.p95_ms:.2f}", f"{row.max_ms:.2f}", rate)
    Console().print(table)


if __name__ == "__main__":
    main()
