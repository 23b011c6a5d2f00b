"""A chat endpoint in the OpenAI format, on a real socket, that does what a test tells it."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from streamer.settings.summary import SummarySettings

Act = Callable[["Visit"], None]


@dataclass
class Visit:
    """One request, and the means to answer it."""

    handler: BaseHTTPRequestHandler
    body: dict[str, Any]
    released: threading.Event
    """Set when the test is over: whatever hangs must end."""

    def answer(self, status: int, content: bytes, **headers: str) -> None:
        self.handler.send_response(status)
        for name, value in headers.items():
            self.handler.send_header(name, value)
        self.handler.send_header("Content-Length", str(len(content)))
        self.handler.end_headers()
        self.handler.wfile.write(content)

    def say(self, text: object) -> None:
        """A completion with this text."""
        message = {"role": "assistant", "content": text}
        self.answer(200, json.dumps({"choices": [{"index": 0, "message": message}]}).encode())


@dataclass
class ChatServer:
    """Answers with its acts in turn; the last is repeated."""

    acts: list[Act] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    def settings(self, **changes: object) -> SummarySettings:
        return SummarySettings(**{"base_url": self.url, "model": "qwen", "retries": 1, "timeout_s": 5, **changes})


@contextmanager
def chat_server(*acts: Act, certificate: Path | None = None) -> Iterator[ChatServer]:
    """Serve until the end of the block, over TLS with a certificate."""
    known, released = ChatServer(list(acts)), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            known.bodies.append(body)
            known.headers.append({"path": self.path, **self.headers})
            act = known.acts[min(len(known.bodies), len(known.acts)) - 1]
            try:
                act(Visit(self, body, released))
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        known.url = f"http{'' if certificate is None else 's'}://127.0.0.1:{server.server_port}/v1"
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield known
        finally:
            released.set()
            server.shutdown()
            thread.join()
