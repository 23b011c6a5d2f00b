"""Real MQTT brokers on loopback, and a subscriber that collects what they pass on."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import secrets
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Self

import aiomqtt
import jsonschema
import yaml

DOCUMENT: dict[str, Any] = yaml.load(
    (Path(__file__).parents[1] / "config" / "asyncapi.yaml").read_text(encoding="utf-8"),
    Loader=yaml.CSafeLoader,  # yaml.safe_load takes half a second, in each of xdist's processes
)
MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin") or "mosquitto"


def free_port() -> int:
    """A port below those that the system gives to connections: one of theirs may be taken before it is listened at."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Mosquitto:
    """A mosquitto process with a configuration of its own; killed and started again on the same port at will."""

    def __init__(self, folder: Path, *lines: str, port: int | None = None) -> None:
        self.port = port or free_port()
        self._config = folder / f"mosquitto-{self.port}.conf"
        self._log = folder / f"mosquitto-{self.port}.log"
        default = () if any(line.startswith("allow_anonymous") for line in lines) else ("allow_anonymous true",)
        text = "\n".join((f"listener {self.port} 127.0.0.1", *default, "user root", *lines))
        self._config.write_text(text + "\n")
        self._process: subprocess.Popen[bytes] | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.kill()

    async def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen([MOSQUITTO, "-c", self._config], stdout=log, stderr=log)
        async with asyncio.timeout(10):
            while not is_listening(self.port):
                assert self._process.poll() is None, self._log.read_text()
                await asyncio.sleep(0.01)

    async def save(self, folder: Path) -> None:
        """Have it write its sessions to its ``persistence_location``; a broker that is killed keeps these only."""
        assert self._process is not None
        self._process.send_signal(signal.SIGUSR1)
        async with asyncio.timeout(10):
            while not (folder / "mosquitto.db").exists():
                await asyncio.sleep(0.01)

    def kill(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(10)

    def suspend(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)


def access_list(tmp_path: Path, *rights: str) -> tuple[str, str]:
    """Lines of a broker's configuration under which everybody may read, and write only that."""
    rules = tmp_path / "rules.acl"
    rules.write_text("".join(f"topic {right}\n" for right in rights))
    return ("allow_anonymous true", f"acl_file {rules}")


def subscription_list(tmp_path: Path, *filters: str) -> tuple[str, str, str]:
    """Lines of a broker's configuration under which everybody may publish, and subscribe to these filters only.

    An ``acl_file`` lets everybody subscribe, and passes on nothing.
    """
    rules = [{"acltype": "subscribeLiteral", "topic": one, "allow": True} for one in filters]
    config = {
        "defaultACLAccess": {"publishClientSend": True, "publishClientReceive": True, "subscribe": False},
        "clients": [],
        "groups": [{"groupname": "all", "roles": [{"rolename": "reader"}]}],
        "roles": [{"rolename": "reader", "acls": rules}],
        "anonymousGroup": "all",
    }
    file = tmp_path / "dynamic-security.json"
    file.write_text(json.dumps(config))
    plugin = min(Path("/usr/lib").glob("**/mosquitto_dynamic_security.so"))  # from mosquitto 2.1 on it lies there twice
    return "allow_anonymous true", f"plugin {plugin}", f"plugin_opt_config_file {file}"


@contextlib.asynccontextmanager
async def amqtt_broker(folder: Path) -> AsyncIterator[int]:
    """amqtt on a free port; it speaks MQTT 3.1.1.

    A process of its own: in this one it leaves connections to the garbage collector, which complains of them in
    whichever test runs then.
    """
    port = free_port()
    config = {
        "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
        "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
    }
    file, log = folder / "amqtt.yaml", folder / "amqtt.log"
    file.write_text(yaml.safe_dump(config))
    with log.open("wb") as told:
        process = subprocess.Popen([Path(sys.executable).with_name("amqtt"), "-c", file], stdout=told, stderr=told)
    try:
        async with asyncio.timeout(60):
            while not is_listening(port):
                assert process.poll() is None, log.read_text()
                await asyncio.sleep(0.01)
        yield port
    finally:
        process.kill()
        process.wait()


def check_published(topic: str, payload: bytes) -> None:
    """Every message that a test sees must be as config/asyncapi.yaml says; commands may be wrong on purpose."""
    schema = topic.rsplit("/", 1)[1]
    if schema == "command":
        return
    _validator(schema).validate(json.loads(payload))


@functools.cache
def _validator(schema: str) -> jsonschema.Draft202012Validator:
    whole = {"$ref": f"#/components/schemas/{schema}", "components": DOCUMENT["components"]}
    return jsonschema.Draft202012Validator(whole)


class Collector:
    """Everything that arrives on some topics, in order."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, bytes, bool]] = []
        self._arrived = asyncio.Condition()

    async def add(self, message: aiomqtt.Message) -> None:
        assert isinstance(message.payload, bytes)
        if str(message.topic).startswith("streamer/room/"):
            check_published(str(message.topic), message.payload)
        async with self._arrived:
            self.messages.append((str(message.topic), message.payload, message.retain))
            self._arrived.notify_all()

    def on(self, ending: str) -> list[bytes]:
        return [payload for topic, payload, _ in self.messages if topic.endswith(ending)]

    async def until(self, condition: Callable[[Collector], Any], seconds: float = 20) -> None:
        async with asyncio.timeout(seconds), self._arrived:
            await self._arrived.wait_for(lambda: condition(self))


@contextlib.asynccontextmanager
async def subscribed(port: int, topic: str = "#", **options: Any) -> AsyncIterator[Collector]:
    """A subscriber on a broker that stays up."""
    collector = Collector()
    async with aiomqtt.Client("127.0.0.1", port, **options) as client:
        await client.subscribe(topic, qos=1)

        async def listen() -> None:
            async for message in client.messages:
                await collector.add(message)

        task = asyncio.ensure_future(listen())
        try:
            yield collector
        finally:
            # A message that broke its schema has ended the task: its error ends the test.
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, aiomqtt.MqttError):
                await task


@contextlib.asynccontextmanager
async def kept_subscription(port: int, topic: str) -> AsyncIterator[Collector]:
    """A subscriber whose session the broker keeps while it is away, and who comes back to a broker that was away.

    It confirms nothing: a receipt for a connection that has died would throw away what came over it before.
    """
    collector, subscribed = Collector(), asyncio.Event()

    async def listen() -> None:
        while True:
            with contextlib.suppress(aiomqtt.MqttError):
                async with aiomqtt.Client("127.0.0.1", port, identifier="kept", clean_session=False) as client:
                    if not subscribed.is_set():
                        await client.subscribe(topic, qos=0)
                        subscribed.set()
                    async for message in client.messages:
                        await collector.add(message)
            await asyncio.sleep(0.05)

    task = asyncio.ensure_future(listen())
    try:
        await subscribed.wait()
        yield collector
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
