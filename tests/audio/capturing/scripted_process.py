"""A capture process that says what a test scripts."""

from __future__ import annotations

import asyncio

from streamer.audio.capturing.capture_wire import CaptureRequest, Message


class FakeProcess:
    """Says what a test scripts: messages, each not before its second; nothing more after the last one."""

    def __init__(self, script: list[tuple[float, Message | None]]) -> None:
        self._script = script
        self.request: CaptureRequest | None = None
        self.calls: list[str] = []
        self.asked: list[tuple[int, float]] = []
        self.here: list[Message] = []

    def __call__(self, request: CaptureRequest) -> FakeProcess:
        self.request = request
        return self

    async def start(self) -> None:
        self.calls.append("start")

    def take(self) -> Message | None:
        return self.here.pop(0) if self.here else None

    async def receive(self, least: int = 1, seconds: float = 0.0) -> Message | None:
        self.asked.append((least, seconds))
        if not self._script:
            await asyncio.Event().wait()
        await asyncio.sleep(self._script[0][0] - asyncio.get_running_loop().time())
        return self._script.pop(0)[1]

    def finish(self) -> None:
        self.calls.append("finish")

    def kill(self) -> None:
        self.calls.append("kill")

    def last_words(self) -> str:
        return "a last word"
