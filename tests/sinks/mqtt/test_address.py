from pathlib import Path

import pytest

from streamer.errors import SettingsError
from streamer.settings.mqtt import MqttSettings
from streamer.sinks.mqtt.address import BrokerAddress, Topics, parse_address, read_password, tls_context


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("mqtt://host", BrokerAddress("host", 1883, False, None, "streamer")),
        ("mqtts://host", BrokerAddress("host", 8883, True, None, "streamer")),
        ("mqtt://ann@host:2000/site/floor", BrokerAddress("host", 2000, False, "ann", "site/floor")),
        ("mqtt://[::1]:1883/x/", BrokerAddress("::1", 1883, False, None, "x")),
        ("mqtt://a%40b@host", BrokerAddress("host", 1883, False, "a@b", "streamer")),
    ],
)
def test_address_is_taken_apart(url: str, expected: BrokerAddress) -> None:
    assert parse_address(url) == expected


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://host", "expected mqtt://"),
        ("host:1883", "expected mqtt://"),
        ("mqtt://", "names no host"),
        ("mqtt://host:99999", "port must be"),
        ("mqtt://host/a+b", r"holds '\+'"),
        ("mqtt://host/a%23", "holds '#'"),
        ("mqtt://host/a%00b", "control characters"),
        ("mqtt://host/a/#", r"'mqtt://host/a/#': .* ends at '#', and the rest would be lost; leave it out"),
        ("mqtt://host/a?b=1", r"ends at '\?', and the rest would be lost"),
        ("mqtt://host/$SYS", "no \\$ in front"),
        ("mqtt://me:secret@[::1", r"'mqtt://me:\*\*\*@\[::1': Invalid IPv6 URL; expected one as"),
    ],
)
def test_bad_addresses_are_refused(url: str, why: str) -> None:
    with pytest.raises(SettingsError, match=why):
        parse_address(url)


def test_password_in_the_url_is_refused_and_not_shown() -> None:
    with pytest.raises(SettingsError, match="STREAMER_MQTT_PASSWORD") as caught:
        parse_address("mqtt://ann:hunter2@host")

    assert "hunter2" not in str(caught.value)


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


def test_certificate_that_is_no_pem_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("not a certificate")
    with pytest.raises(SettingsError, match="ca_file"):
        tls_context(MqttSettings(ca_file=str(tmp_path / "ca.pem")))


@pytest.mark.parametrize("room", ["a/b", "a+b", "a#", "a\nb", "", "\x9b"])
def test_rooms_that_break_topics_are_refused(room: str) -> None:
    with pytest.raises(SettingsError, match="room"):
        Topics("streamer", room)


def test_topics_lie_below_prefix_and_room() -> None:
    topics = Topics("site/floor", "会议室")

    assert (topics.partial, topics.status) == ("site/floor/会议室/caption/partial", "site/floor/会议室/status")
