"""What is to be summed up, what is asked of an endpoint, and how a test has it answer."""

from __future__ import annotations

from streamer.summary.endpoint import ChatEndpoint
from streamer.summary.values import SummaryLine
from tests.summary.server import ChatServer

LINES = [SummaryLine(number, f"14:30:{number:02}", f"第{number}句说的是预算的事情。") for number in range(1, 41)]
ASKED = [{"role": "user", "content": "你好"}]


def ask(server: ChatServer, **changes: object) -> tuple[str, list[float]]:
    """The answer, and how long it would have waited between tries."""
    waits: list[float] = []
    endpoint = ChatEndpoint(server.settings(**changes), sleep=waits.append)
    try:
        return endpoint.ask(ASKED), waits
    finally:
        endpoint.close()


def failing(status: int, content: bytes = b"busy"):
    return lambda visit: visit.answer(status, content)


def says(text: object):
    return lambda visit: visit.say(text)
