"""A broker's address and the topics below a prefix."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from streamer.errors import SettingsError

_FORBIDDEN = re.compile(r"[+#\x00-\x1f\x7f-\x9f\ufffe\uffff]")
_DEFAULT_PREFIX = "streamer"
_PORTS = "the port must be a number from 1 to 65535"


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where a broker is and what is said to it first. The password is kept out of ``repr``."""

    host: str
    port: int
    tls: bool
    user: str | None
    prefix: str
    """Topic levels before the room."""

    @property
    def broker(self) -> str:
        """Which broker this is: ``host:port``. Not the user, so that what waits is sent once a wrong login is right."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def shown(self) -> str:
        """The address for a person to read, without user and password."""
        return f"{'mqtts' if self.tls else 'mqtt'}://{self.broker}/{self.prefix}"


def split_address(url: str) -> SplitResult:
    """Its parts, unchecked.

    Raises:
        SettingsError: it has none: half of the brackets around an IPv6 address, for one.
    """
    try:
        return urlsplit(url)
    except ValueError as error:
        raise SettingsError(
            f"MQTT address {_shown(url)!r}: {error}; expected one as mqtt://user@host:1883/prefix or mqtt://[::1]/prefix"
        ) from error


def parse_address(url: str) -> BrokerAddress:
    """Take ``mqtt[s]://[user@]host[:port][/prefix]`` apart.

    Raises:
        SettingsError: another scheme, no host, a bad port, a password in the URL, or a prefix that MQTT forbids.
    """
    shown = _shown(url)
    parts = split_address(url)
    if parts.scheme not in ("mqtt", "mqtts"):
        raise SettingsError(f"MQTT address {shown!r}: expected mqtt:// or mqtts://, as in mqtt://user@host:1883/prefix")
    if parts.password is not None:
        raise SettingsError(
            f"MQTT address {shown!r} holds a password, which other users of this machine could read: "
            "put it into the environment variable STREAMER_MQTT_PASSWORD or a file (mqtt.password_file)"
        )
    try:
        port = parts.port
    except ValueError as error:
        raise SettingsError(f"MQTT address {shown!r}: {_PORTS}") from error
    if not parts.hostname:
        raise SettingsError(f"MQTT address {shown!r} names no host, as in mqtt://user@host:1883/prefix")
    tls = parts.scheme == "mqtts"
    prefix = unquote(parts.path).strip("/") or _DEFAULT_PREFIX
    check_levels("prefix", prefix)
    user = unquote(parts.username) if parts.username else None
    return BrokerAddress(parts.hostname, port or (8883 if tls else 1883), tls, user, prefix)


def check_address(url: str) -> BrokerAddress:
    """As :func:`parse_address`, of an address that somebody gives now; of a kept meeting it is taken as it is.

    Raises:
        SettingsError: there can be no such host or port, or something stands behind the prefix, either.
    """
    address = parse_address(url)
    if lost := re.search(r"[#?]", url):
        raise SettingsError(
            f"MQTT address {_shown(url)!r}: an address ends at {lost[0]!r}, and the rest would be lost; leave it out"
        )
    if split_address(url).port == 0:
        raise SettingsError(f"MQTT address {_shown(url)!r}: {_PORTS}")
    try:
        address.host.encode("idna")  # as whoever connects does
    except UnicodeError as error:
        raise SettingsError(
            f"MQTT address {_shown(url)!r}: {address.host!r} can be no host: between its dots are 1 to 63 characters"
        ) from error
    return address


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one room."""

    prefix: str
    room: str

    def __post_init__(self) -> None:
        check_levels("prefix", self.prefix)
        if "/" in self.room:
            raise SettingsError(f"room {self.room!r} must not hold '/': it is one level of an MQTT topic")
        check_levels("room", self.room)

    def __getitem__(self, leaf: str) -> str:
        return f"{self.prefix}/{self.room}/{leaf}"

    @property
    def partial(self) -> str:
        """Provisional captions, QoS 0."""
        return self["caption/partial"]

    @property
    def final(self) -> str:
        """Final captions, QoS 1."""
        return self["caption/final"]

    @property
    def revised(self) -> str:
        """Finals in hindsight, QoS 1. Not below ``caption``: whoever takes all that comes there must get each once."""
        return self["revised"]

    @property
    def kept(self) -> tuple[str, str]:
        """Those whose messages wait in the outbox."""
        return self.final, self.revised

    @property
    def meeting(self) -> str:
        """The running meeting, retained."""
        return self["meeting"]

    @property
    def mark(self) -> str:
        """Marked moments, QoS 1."""
        return self["mark"]

    @property
    def gap(self) -> str:
        """Missing sound, QoS 1."""
        return self["gap"]

    @property
    def status(self) -> str:
        """Online or offline, retained; the last will."""
        return self["status"]

    @property
    def metrics(self) -> str:
        """Lag and counters."""
        return self["metrics"]

    @property
    def command(self) -> str:
        """Where commands arrive."""
        return self["command"]

    @property
    def reply(self) -> str:
        """Where they are answered."""
        return self["reply"]


def is_revision(topic: str) -> bool:
    """Whether it is some room's topic of finals in hindsight."""
    return topic.endswith("/revised")


def check_levels(name: str, value: str) -> None:
    """See that one can publish below these levels; ``name``: what they are.

    Raises:
        SettingsError: MQTT forbids them.
    """
    if not value or len(value.encode()) > 1024 or value.startswith("$"):
        raise SettingsError(f"{name} {value!r} cannot be part of an MQTT topic: expected 1–1024 bytes, no $ in front")
    if found := _FORBIDDEN.search(value):
        raise SettingsError(
            f"{name} {value!r} cannot be part of an MQTT topic: it holds {found[0]!r}; "
            "leave out +, # and control characters"
        )


def _shown(url: str) -> str:
    """An address without the password that it may hold."""
    return re.sub(r"//([^/@]*):[^/@]*@", r"//\1:***@", url)
