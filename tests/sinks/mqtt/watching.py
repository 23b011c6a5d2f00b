"""What a watcher of rooms shows in tests."""

from __future__ import annotations

import asyncio

from streamer.sinks.mqtt.subscriber import RoomWatcher
from streamer.types import MeetingEvent, MeetingStarted, SegmentFinalized


async def collect(watcher: RoomWatcher, seen: list[tuple[str, MeetingEvent]]) -> None:
    async for found in watcher.events():
        seen.append(found)  # noqa: PERF401 - the list is read while it grows


def texts(seen: list[tuple[str, MeetingEvent]]) -> list[str]:
    return [event.segment.text for _, event in seen if isinstance(event, SegmentFinalized)]


async def shown(seen: list[tuple[str, MeetingEvent]], text: str) -> None:
    while text not in texts(seen):
        await asyncio.sleep(0.01)


async def begun(seen: list[tuple[str, MeetingEvent]]) -> None:
    while not any(isinstance(event, MeetingStarted) for _, event in seen):
        await asyncio.sleep(0.01)
