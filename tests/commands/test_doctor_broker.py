"""What the doctor says of brokers."""

from __future__ import annotations

import asyncio
import gc
import subprocess
from pathlib import Path
from typing import Any

import pytest

from streamer.doctor.broker import check_broker
from streamer.doctor.finding import Finding, State, doubtful, good
from streamer.settings.mqtt import MqttSettings
from tests.brokers import Mosquitto, free_port

LOGIN = "correct the user (mqtt://USER@HOST) and the password (STREAMER_MQTT_PASSWORD or mqtt.password_file)"


async def found(url: str, **settings: Any) -> Finding:
    return await asyncio.to_thread(check_broker, MqttSettings(url=url, **settings))


@pytest.mark.broker
@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
@pytest.mark.parametrize("password", ["right", "wrong"])
async def test_a_login_passes_or_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, protocol: str, password: str
) -> None:
    file = tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(file), "ann", "right"], check=True, capture_output=True)
    monkeypatch.setenv("STREAMER_MQTT_PASSWORD", password)
    async with Mosquitto(tmp_path, "allow_anonymous false", f"password_file {file}") as broker:
        finding = await found(f"mqtt://ann@127.0.0.1:{broker.port}", protocol=protocol)

    shown = f"mqtt://127.0.0.1:{broker.port}/streamer"
    if password == "right":
        assert (finding.state, finding.found) == (State.GOOD, f"{shown} takes the login")
    else:
        assert (finding.state, finding.advice) == (State.BAD, LOGIN)


@pytest.mark.broker
async def test_a_password_that_everybody_may_read_is_doubtful(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("right\n")
    async with Mosquitto(tmp_path) as broker:
        url = f"mqtt://ann@127.0.0.1:{broker.port}"
        password.chmod(0o640)
        kept = await found(url, password_file=str(password))
        password.chmod(0o644)
        open_to_all = await found(url, password_file=str(password))

    told = f"mqtt://127.0.0.1:{broker.port}/streamer takes the login"
    assert kept == good("MQTT", told)
    assert open_to_all == doubtful(
        "MQTT", f"{told}; everybody on this machine may read {password}", f"chmod o= {password}"
    )


async def test_a_broker_that_is_away_is_told() -> None:
    finding = await found(f"mqtt://127.0.0.1:{free_port()}")

    assert (finding.state, finding.advice) == (State.BAD, "start the broker, or correct host and port")
    assert "refused" in finding.found


async def test_a_broker_that_is_not_configured_or_misspelt_is_told_apart() -> None:
    assert (await found("")).found == "not configured"
    assert (await found("http://host")).state is State.BAD


@pytest.mark.broker
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # paho leaves sockets to the collector
async def test_a_certificate_of_an_unknown_authority_is_told(tmp_path: Path) -> None:
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem",
               "-subj", "/CN=broker", "-days", "2"]  # fmt: skip
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    files = (f"certfile {tmp_path}/cert.pem", f"keyfile {tmp_path}/key.pem")
    async with Mosquitto(tmp_path, *files) as broker:
        finding = await found(f"mqtts://127.0.0.1:{broker.port}")
        plain = await found(f"mqtt://127.0.0.1:{broker.port}")
    gc.collect()

    assert finding.state is State.BAD
    assert "its certificate is not trusted: self-signed certificate" in finding.found
    assert finding.advice == "name its authority in mqtt.ca_file, and the host as the certificate does"
    assert "perhaps it expects TLS (mqtts://)" in plain.found
