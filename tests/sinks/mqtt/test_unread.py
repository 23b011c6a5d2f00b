from __future__ import annotations

from streamer.sinks.mqtt.unread import Unread
from streamer.types import Notice, Severity

OVER = Notice("mqtt.unread", Severity.INFO, "")


def told(reason: str) -> Notice:
    return Notice("mqtt.unread", Severity.WARNING, f"MQTT: messages that cannot be read are left out: {reason}")


def test_a_topic_is_told_of_once_and_again_for_another_reason() -> None:
    unread = Unread()

    assert unread.refuse("a/mark", "version 2") == (told("version 2"),)
    assert unread.refuse("a/mark", "version 2") == ()
    assert unread.refuse("a/mark", "version 3") == (told("version 3"),)


def test_it_is_over_once_messages_of_all_topics_can_be_read() -> None:
    unread = Unread()
    unread.refuse("a/mark", "version 2")
    unread.refuse("a/gap", "version 2")

    assert (unread.take("a/mark"), unread.take("a/mark"), unread.take("a/gap")) == ((), (), (OVER,))


def test_topics_that_somebody_makes_up_are_not_remembered_for_ever() -> None:
    unread = Unread()
    for number in range(32):
        unread.refuse(f"{number}/mark", "version 2")

    assert unread.refuse("32/mark", "version 2") == ()
    assert unread.take("32/mark") == ()
