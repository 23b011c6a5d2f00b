"""Figures over HTTP."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer

from prometheus_client import CollectorRegistry, MetricsHandler

from streamer.errors import SinkError
from streamer.settings.metrics import MetricsSettings

_POLL_SECONDS = 0.1
"""How long leaving may wait for the server's thread."""


class _V6Server(ThreadingHTTPServer):
    address_family = socket.AF_INET6


@contextlib.contextmanager
def serve(registry: CollectorRegistry, settings: MetricsSettings) -> Iterator[None]:
    """Answer scrapes in a thread of its own, until the context is left.

    Raises:
        SinkError: the port is taken, or the address is not one of this computer's.
    """
    kind = _V6Server if ":" in settings.host else ThreadingHTTPServer
    try:
        server = kind((settings.host, settings.port), MetricsHandler.factory(registry))
    except OSError as error:
        raise SinkError(
            f"metrics: cannot listen on {settings.host}:{settings.port}: {error.strerror}; "
            "choose another --metrics-port, or see which program holds it"
        ) from error
    thread = threading.Thread(target=server.serve_forever, args=(_POLL_SECONDS,), name="streamer-metrics", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
