import pytest

from streamer.errors import SettingsError
from streamer.sinks.mqtt.address import BrokerAddress, Topics, check_address, parse_address


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
        ("mqtt://host/$SYS", "no \\$ in front"),
        ("mqtt://me:secret@[::1", r"'mqtt://me:\*\*\*@\[::1': Invalid IPv6 URL; expected one as"),
    ],
)
def test_bad_addresses_are_refused(url: str, why: str) -> None:
    with pytest.raises(SettingsError, match=why):
        parse_address(url)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("mqtt://host:0", "port must be a number from 1 to 65535"),
        ("mqtt://bro..ker", r"'mqtt://bro..ker': 'bro..ker' can be no host: between its dots are 1 to 63 characters"),
        (f"mqtt://{'a' * 64}.de", "can be no host"),
        ("mqtt://host/#", r"'mqtt://host/#': .* ends at '#', and the rest would be lost; leave it out"),
        ("mqtt://host/streamer?b=1", r"ends at '\?', and the rest would be lost"),
    ],
)
def test_what_no_address_may_be_any_more_is_refused_now_and_read_of_kept_meetings(url: str, why: str) -> None:
    assert parse_address(url).prefix == "streamer"
    with pytest.raises(SettingsError, match=why):
        check_address(url)


def test_password_in_the_url_is_refused_and_not_shown() -> None:
    with pytest.raises(SettingsError, match="STREAMER_MQTT_PASSWORD") as caught:
        parse_address("mqtt://ann:hunter2@host")

    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("room", ["a/b", "a+b", "a#", "a\nb", "", "\x9b"])
def test_rooms_that_break_topics_are_refused(room: str) -> None:
    with pytest.raises(SettingsError, match="room"):
        Topics("streamer", room)


def test_topics_lie_below_prefix_and_room() -> None:
    topics = Topics("site/floor", "会议室")

    assert (topics.partial, topics.status) == ("site/floor/会议室/caption/partial", "site/floor/会议室/status")
