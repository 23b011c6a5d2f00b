"""What is told of an outage: why there is no link, and another reason where that stays. Pure."""

from __future__ import annotations

import aiomqtt

from streamer.errors import SettingsError, StoreError
from streamer.sinks.mqtt.link_errors import RefusedForNowError


class Outage:
    """Knows what was told of it.

    The first reason is told at once, and so is another one that the broker, or this program, gives; of the others what
    is found twice in a row, for a link that breaks does so in several ways, one after the other.
    """

    def __init__(self) -> None:
        self._told = ""
        self._newest = ""
        """The last reason, told or not."""

    @property
    def goes_on(self) -> bool:
        """Whether something was told, and no end since."""
        return bool(self._told)

    def is_news(self, text: str, error: BaseException) -> bool:
        """Whether to tell this now. ``text``: what there is to tell of ``error``."""
        stays = text == self._newest or isinstance(
            error, aiomqtt.MqttCodeError | RefusedForNowError | StoreError | SettingsError
        )
        self._newest = text
        if text == self._told or (self._told and not stays):
            return False
        self._told = text
        return True

    def end(self) -> None:
        """The link is back."""
        self._told = self._newest = ""
