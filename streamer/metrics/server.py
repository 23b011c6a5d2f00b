"""Figures over HTTP."""

from __future__ import annotations

import contextlib
import errno
import logging
import socket
import sys
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any

from prometheus_client import CollectorRegistry, MetricsHandler

from streamer.errors import SinkError
from streamer.settings.metrics import MetricsSettings

logger = logging.getLogger(__name__)

_POLL_SECONDS = 0.1
"""How long leaving may wait for the server's thread."""


class _Handler(MetricsHandler):
    timeout = 10.0
    """Seconds for which a connection may be silent: each has a thread."""


class _Server(ThreadingHTTPServer):
    def server_bind(self) -> None:
        """Bind, without the base class's question to the name service what this address is called.

        Where that does not answer, captions would begin many seconds late.
        """
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the base class gives them
        """Log what went wrong; the base class would write it across the screen."""
        error = sys.exception()
        if isinstance(error, OSError):
            logger.debug("metrics: %s went away before it had its answer", client_address[0])
        else:
            logger.error("metrics: a scrape failed", exc_info=error)


class _V6Server(_Server):
    address_family = socket.AF_INET6


@contextlib.contextmanager
def serve(registry: CollectorRegistry, settings: MetricsSettings) -> Iterator[None]:
    """Answer scrapes in a thread of its own, until the context is left.

    Raises:
        SinkError: the port is taken, or the address is not one of this computer's.
    """
    kind = _V6Server if ":" in settings.host else _Server
    try:
        server = kind((settings.host, settings.port), _Handler.factory(registry))
    except (OSError, TypeError, UnicodeError) as error:  # the last two of a name that no host can have
        reason = error.strerror if isinstance(error, OSError) else "no host has such a name"
        advice = "choose another --metrics-port, or see which program holds it"
        if not isinstance(error, OSError) or isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
            advice = "set metrics.host to an address of this computer: 127.0.0.1, or 0.0.0.0 for all that it has"
        raise SinkError(f"metrics: cannot listen on {settings.host}:{settings.port}: {reason}; {advice}") from error
    thread = threading.Thread(target=server.serve_forever, args=(_POLL_SECONDS,), name="streamer-metrics", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
