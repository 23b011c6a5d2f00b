"""Connections to one broker, one after another: a room's publisher is connected for as long as its meeting lasts."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import aiomqtt

from streamer.errors import SettingsError, StoreError
from streamer.settings.mqtt import MqttSettings
from streamer.sinks.mqtt.address import BrokerAddress
from streamer.sinks.mqtt.breaks import Breaks
from streamer.sinks.mqtt.client_ids import client_id
from streamer.sinks.mqtt.credentials import read_password, tls_context
from streamer.sinks.mqtt.link import Link, connected
from streamer.sinks.mqtt.notices import LinkNotices

logger = logging.getLogger(__name__)

_FIRST_BACKOFF = 0.5


class Connections:
    """Connects, and again where a connection is lost, after waits that grow until something gets through."""

    def __init__(
        self,
        address: BrokerAddress,
        settings: MqttSettings,
        room: str,
        will: aiomqtt.Will,
        breaks: Breaks,
        notices: LinkNotices,
    ) -> None:
        """Prepare.

        Args:
            address: the broker's.
            settings: protocol, login, client id, time-outs.
            room: which the client id names.
            will: published by the broker where a connection is lost.
            breaks: gets to know what connections were closed over.
            notices: told that a connection is lost.

        Raises:
            SettingsError: the password file, or a certificate, cannot be read.
        """
        self._address = address
        self._settings = settings
        self._password = read_password(settings)
        if address.tls:
            tls_context(settings)  # what is missing now is the operator's mistake, and told before a meeting begins
        self._client_id = client_id(settings, room)
        self._will = will
        self._breaks = breaks
        self._notices = notices
        self._backoff = _FIRST_BACKOFF
        self._has_lost = False
        self._is_urgent = asyncio.Event()

    def try_now(self) -> None:
        """Somebody waits for a connection: the next is tried at once, and those after it soon."""
        self._is_urgent.set()

    def note_progress(self) -> None:
        """Something got through: the next connection is tried soon."""
        self._backoff = _FIRST_BACKOFF

    async def serve(self, serve: Callable[[Link], Awaitable[None]]) -> None:
        """Call ``serve`` with one connection after another until it returns."""
        while True:
            try:
                async with self._connection() as link:
                    await serve(link)
                    return
            # Certificates are read for each connection, as they are renewed: one that cannot be read now is waited for.
            except* (aiomqtt.MqttError, OSError, StoreError, SettingsError) as errors:
                # Not kept in a variable here: an error holds on to its frames, and these to the link and its socket.
                self._report_down(_first(errors))
            except* Exception as errors:  # isolation: a defect here must not end the meeting
                logger.exception("MQTT link to %s failed", self._address.shown)
                self._report_down(_first(errors))
            # Before Python 3.13 a task group that fails while it is cancelled tells of the failure alone.
            if (task := asyncio.current_task()) is not None and task.cancelling():
                raise asyncio.CancelledError
            # Full jitter, so that rooms that lost one broker do not come back in step.
            await self._rest(random.uniform(self._backoff / 2, self._backoff))  # noqa: S311 - no secret
            self._backoff = min(self._backoff * 2, self._settings.backoff_max_s)

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._is_urgent.wait()
            self._is_urgent.clear()
            self._backoff = _FIRST_BACKOFF

    def _report_down(self, error: BaseException) -> None:
        logger.info("MQTT link to %s: %s", self._address.shown, error)
        self._notices.down(error)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Link]:
        # A new client each time: one that timed out would send its unconfirmed messages again by itself.
        link = Link(
            self._address,
            self._settings,
            username=self._address.user,
            password=self._password,
            identifier=self._client_id,
            will=self._will,
            # What the broker closed the last connection over is to be found out where it does so again.
            one_at_a_time=self._has_lost,
        )
        try:
            async with connected(link):
                yield link
        finally:
            self._has_lost = True
            if link.closed_over is not None and self._breaks.note(*link.closed_over):
                # The next connection is not closed over that.
                self.note_progress()


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """The innermost first exception of a group."""
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
