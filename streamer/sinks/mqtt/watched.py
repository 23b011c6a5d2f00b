"""aiomqtt's client, whose socket is watched only for as long as it is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiomqtt
from paho.mqtt.client import Client as PahoClient

if TYPE_CHECKING:
    from paho.mqtt.client import SocketLike


class WatchedClient(aiomqtt.Client):
    """What aiomqtt 2.5 leaves out where a connection breaks in the moment in which something is sent.

    It has the event loop watch the number of the socket in its next round. If the other side's end was read meanwhile,
    that number is nobody's, and asyncio logs a traceback; or it is another connection's by then, and its being ready to
    be written to would keep the loop busy without end.
    """

    def _on_socket_register_write(self, client: PahoClient, _userdata: Any, sock: SocketLike) -> None:
        """Called by paho, from the thread that connects too."""

        def write() -> None:
            try:
                client.loop_write()
            except Exception as error:  # noqa: BLE001 - of the connection; whoever waits for something is told
                if not self._disconnected.done():
                    self._disconnected.set_exception(error)

        def watch() -> None:
            number = sock.fileno()
            if number >= 0:
                self._loop.add_writer(number, write)

        self._loop.call_soon_threadsafe(watch)
