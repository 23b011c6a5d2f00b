"""Logins and certificates, right and wrong, on a real broker."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from streamer.errors import SettingsError
from streamer.settings.mqtt import MqttSettings
from tests.brokers import Mosquitto
from tests.sinks.mqtt.parts import Bench, running

pytestmark = pytest.mark.broker


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority with a server's and a client's certificate, and another authority."""
    folder = tmp_path_factory.mktemp("certificates")
    for authority in ("ca", "other"):
        _openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{authority}.key", "-out",
                 f"{authority}.pem", "-subj", f"/CN={authority}", "-days", "2")  # fmt: skip
    (folder / "san").write_text("subjectAltName=IP:127.0.0.1")
    for name in ("server", "client"):
        _openssl(folder, "req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr",
                 "-subj", f"/CN={name}")  # fmt: skip
        _openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                 "-out", f"{name}.pem", "-days", "2", "-extfile", "san")  # fmt: skip
    return folder


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


async def outcome(broker: Mosquitto, **settings: Any) -> str:
    """Empty once a final was sent, else the first complaint."""
    async with running(broker.port, **settings) as bench, asyncio.timeout(10):
        await bench.finalize(1)
        while bench.outbox.count() and not bench.notices:
            await asyncio.sleep(0.01)
        return bench.notices[0].text if bench.notices else ""


def guarded(tmp_path: Path, certificates: Path, *, asks_clients: bool = False) -> Mosquitto:
    """A broker that shows the server's certificate."""
    return Mosquitto(
        tmp_path,
        f"cafile {certificates}/ca.pem",
        f"certfile {certificates}/server.pem",
        f"keyfile {certificates}/server.key",
        f"require_certificate {'true' if asks_clients else 'false'}",
    )


async def tls_outcome(tmp_path: Path, certificates: Path, ca: str, **settings: Any) -> str:
    async with guarded(tmp_path, certificates, asks_clients=bool(settings)) as broker:
        url = f"mqtts://127.0.0.1:{broker.port}/streamer"
        return await outcome(broker, url=url, ca_file=str(certificates / ca), **settings)


async def test_tls_with_the_right_authority_connects(tmp_path: Path, certificates: Path) -> None:
    assert await tls_outcome(tmp_path, certificates, "ca.pem") == ""


# paho leaves the socket of a failed handshake to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_tls_with_another_authority_is_refused(tmp_path: Path, certificates: Path) -> None:
    assert "its certificate is not trusted: " in await tls_outcome(tmp_path, certificates, "other.pem")
    for thread in threading.enumerate():  # what an attempt holds goes with it, here
        if thread.name == "streamer-mqtt-connect":
            await asyncio.to_thread(thread.join, 10)
    gc.collect()


async def test_tls_with_a_client_certificate_connects(tmp_path: Path, certificates: Path) -> None:
    pair = {"cert_file": str(certificates / "client.pem"), "key_file": str(certificates / "client.key")}

    assert await tls_outcome(tmp_path, certificates, "ca.pem", **pair) == ""


def test_a_certificate_that_is_missing_is_told_before_a_meeting_begins(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="ca_file"):
        Bench(MqttSettings(url="mqtts://127.0.0.1/streamer", ca_file=str(tmp_path / "ca.pem")))


async def test_a_certificate_that_goes_while_the_broker_is_away_is_waited_for(
    tmp_path: Path, certificates: Path
) -> None:
    authority = tmp_path / "ca.pem"
    authority.write_bytes((certificates / "ca.pem").read_bytes())
    async with guarded(tmp_path, certificates) as broker:
        url = f"mqtts://127.0.0.1:{broker.port}/streamer"
        async with running(broker.port, url=url, ca_file=str(authority)) as bench, asyncio.timeout(20):
            await bench.finalize(1)
            while bench.outbox.count():
                await asyncio.sleep(0.01)
            authority.unlink()
            broker.kill()
            while len(bench.notices) < 2:
                await asyncio.sleep(0.01)
            await broker.start()
            authority.write_bytes((certificates / "ca.pem").read_bytes())
            await bench.finalize(2)
            while bench.outbox.count():
                await asyncio.sleep(0.01)

    kept = f"MQTT: finals are kept and sent later, no link to {url}"
    missing = (
        f"mqtt.ca_file {str(authority)!r}, mqtt.cert_file '' or mqtt.key_file: [Errno 2] No such file or directory"
    )
    assert [notice.text for notice in bench.notices[:2]] == [f"{kept} (the connection was lost)", f"{kept} ({missing})"]


async def test_a_peer_that_closes_unanswered_is_told_of_at_once_with_what_it_may_expect(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1024)
        writer.transport.abort()

    server = await asyncio.start_server(close, "127.0.0.1", 0)
    url = f"mqtt://127.0.0.1:{server.sockets[0].getsockname()[1]}/streamer"
    async with running(0, url=url, timeout_s=60) as bench, asyncio.timeout(10):
        while not bench.notices:
            await asyncio.sleep(0.01)
    server.close()

    reason = (
        "it closed the connection without an answer; perhaps it expects TLS (mqtts://) or MQTT 3.1.1 "
        '(mqtt.protocol = "3.1.1")'
    )
    assert bench.notices[0].text == f"MQTT: finals are kept and sent later, no link to {url} ({reason})"
    assert caplog.messages == []


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
@pytest.mark.parametrize(("password", "expected"), [("right", True), ("wrong", False)])
async def test_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, protocol: str, password: str, expected: bool
) -> None:
    file = tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(file), "ann", "right"], check=True, capture_output=True)
    monkeypatch.setenv("STREAMER_MQTT_PASSWORD", password)
    async with Mosquitto(tmp_path, "allow_anonymous false", f"password_file {file}") as broker:
        text = await outcome(broker, url=f"mqtt://ann@127.0.0.1:{broker.port}/streamer", protocol=protocol)

    assert (text == "") is expected
    assert "right" not in text
    assert "wrong" not in text
