"""What a broker is shown, and what is said where it cannot be."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from streamer.errors import SettingsError
from streamer.settings.mqtt import MqttSettings
from streamer.sinks.mqtt.credentials import read_password, tls_context


def test_password_comes_from_the_environment_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "password"
    file.write_text("from-file\nsecond line\n")
    settings = MqttSettings(password_file=str(file))
    monkeypatch.delenv("STREAMER_MQTT_PASSWORD", raising=False)
    assert read_password(settings) == "from-file"

    monkeypatch.setenv("STREAMER_MQTT_PASSWORD", "from-environment")
    assert read_password(settings) == "from-environment"


def test_unreadable_password_file_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STREAMER_MQTT_PASSWORD", raising=False)
    with pytest.raises(SettingsError, match="password_file"):
        read_password(MqttSettings(password_file="/nowhere/at/all"))


def test_a_mark_as_windows_writes_it_is_no_part_of_the_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "password").write_bytes(b"\xef\xbb\xbfsecret\r\n")
    monkeypatch.delenv("STREAMER_MQTT_PASSWORD", raising=False)

    assert read_password(MqttSettings(password_file=str(tmp_path / "password"))) == "secret"


def test_a_password_in_another_encoding_is_an_error_that_does_not_show_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAMER_MQTT_PASSWORD", "密码".encode("gbk").decode(errors="surrogateescape"))

    with pytest.raises(SettingsError) as refused:
        read_password(MqttSettings())

    assert str(refused.value) == (
        "the environment variable STREAMER_MQTT_PASSWORD is not UTF-8: let what sets it use UTF-8"
    )


def test_certificate_that_is_no_pem_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("not a certificate")
    with pytest.raises(SettingsError, match="ca_file"):
        tls_context(MqttSettings(ca_file=str(tmp_path / "ca.pem")))


def with_own_certificate(folder: Path, *protection: str) -> Path:
    """A folder with a certificate that is its own authority, and its key."""
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run([*command, "-subj", "/CN=x", *protection], cwd=folder, check=True, capture_output=True)
    return folder


def test_a_key_that_is_locked_is_refused_instead_of_asked_for(tmp_path: Path) -> None:
    folder = with_own_certificate(tmp_path, "-passout", "pass:hunter2")

    with pytest.raises(SettingsError) as refused:
        tls_context(MqttSettings(cert_file=str(folder / "cert.pem"), key_file=str(folder / "key.pem")))

    assert str(refused.value) == (
        f"the key in {str(folder / 'key.pem')!r} is locked with a pass phrase, which nobody is asked for: "
        "`openssl pkey -in FILE -out OPEN` writes one without, for mqtt.key_file"
    )


def test_a_certificate_lies_in_the_home_folder_where_a_tilde_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(with_own_certificate(tmp_path, "-nodes")))
    settings = MqttSettings(ca_file="~/cert.pem", cert_file="~/cert.pem", key_file="~/key.pem")

    assert [one["subject"] for one in tls_context(settings).get_ca_certs()] == [((("commonName", "x"),),)]
