"""aiomqtt's client, whose socket is watched only while it is open, and for whose way to the broker no end waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import aiomqtt
from paho.mqtt.client import Client as PahoClient

from streamer.sinks.mqtt.unawaited import unawaited

if TYPE_CHECKING:
    from paho.mqtt.client import SocketLike


class WatchedClient(aiomqtt.Client):
    """What aiomqtt 2.5 leaves out where a connection breaks in the moment in which something is sent.

    It has the event loop watch the number of the socket in its next round. If the other side's end was read meanwhile,
    that number is nobody's, and asyncio logs a traceback; or it is another connection's by then, and its being ready to
    be written to would keep the loop busy without end.

    And it connects in a thread of asyncio's, for which the program's end waits, five seconds where packets are dropped.
    """

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            aiomqtt.MqttError: the broker refuses, or does not answer in time.
            OSError: there is no way to it.
        """
        await unawaited(super()._client_connect)
        return await super().__aenter__()

    def _client_connect(self) -> None:
        """Nothing any more: that was done before aiomqtt calls this in its thread."""

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
