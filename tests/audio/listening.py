"""Waiting for what a microphone gives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from streamer.types import Frame, Gap


async def until_gap(frames: AsyncIterator[Frame | Gap]) -> Gap:
    async with asyncio.timeout(20):
        while not isinstance(item := await anext(frames), Gap):
            pass
    return item


async def take(frames: AsyncIterator[Frame | Gap], count: int) -> list[Frame | Gap]:
    """So many items, frames or gaps."""
    return [await anext(frames) for _ in range(count)]
