import string
from dataclasses import asdict

import pytest

from streamer.sinks.messages import CHINESE, ENGLISH, messages_for


@pytest.mark.parametrize(
    ("environment", "chinese"),
    [
        ({}, False),
        ({"LANG": "zh_CN.UTF-8"}, True),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, False),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "zh_TW"}, True),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, True),
        ({"LANG": "C"}, False),
    ],
)
def test_the_language_follows_the_locale(environment: dict[str, str], chinese: bool) -> None:
    assert messages_for(environment) is (CHINESE if chinese else ENGLISH)


def test_both_languages_have_the_same_blanks_to_fill() -> None:
    def blanks(messages: object) -> dict[str, set[str | None]]:
        return {
            key: {name for _, name, _, _ in string.Formatter().parse(text)} for key, text in asdict(messages).items()
        }

    assert {key: names - {None} for key, names in blanks(CHINESE).items()} == {
        key: names - {None} for key, names in blanks(ENGLISH).items()
    }


def test_no_message_is_empty() -> None:
    assert all(text for messages in (CHINESE, ENGLISH) for text in asdict(messages).values())
