"""What is understood of the settings that another streamer kept with a meeting."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from streamer.settings import Settings, load_settings
from streamer.settings.kept import kept_settings
from streamer.settings.segmenter import SegmenterSettings

HELD = {
    "recognizer": {"pack": "/packs/room", "search": {"beam": 7}},
    "hotwords": {"words": ["张伟 2"]},
    "minutes": {"language": "en"},
    "mqtt": {"url": "mqtt://broker/streamer"},
}


def kept(**tables: dict[str, Any]) -> Settings | None:
    """What is understood where these keys are added to those of a meeting."""
    whole = {name: HELD.get(name, {}) | tables.get(name, {}) for name in HELD | tables}
    return kept_settings(json.dumps(whole))


def test_settings_of_this_streamer_come_back_as_they_were() -> None:
    settings = load_settings(overrides=HELD)

    assert kept_settings(msgspec.json.encode(settings).decode()) == settings


@pytest.mark.parametrize(
    "tables",
    [
        {"recognizer": {"equaliser": "pack"}},
        {"recognizer": {"search": {"beam": 7, "sentence_n_best": 32}}},
        {"unheard_of": {"key": 1}},
    ],
)
def test_a_key_that_is_unknown_here_takes_no_other_along(tables: dict[str, dict[str, Any]]) -> None:
    assert kept(**tables) == load_settings(overrides=HELD)


def test_a_value_that_is_refused_today_is_the_default() -> None:
    assert kept(metrics={"host": ""}, store={"audio_gib": None, "audio_days": 3}) == load_settings(
        overrides=HELD | {"store": {"audio_days": 3}}
    )


def test_a_table_whose_keys_contradict_each_other_today_is_that_of_the_defaults() -> None:
    understood = kept(segmenter={"pause_ms": 900, "vad_mode": 3})

    assert understood is not None
    assert understood.segmenter == SegmenterSettings()
    assert understood.minutes.language == "en"


def test_what_is_no_table_is_passed_over() -> None:
    assert kept_settings('{"minutes": 1, "text": {"numbers": false}}') == load_settings(
        overrides={"text": {"numbers": False}}
    )


@pytest.mark.parametrize("text", ["", "{", "[]", "1"])
def test_what_are_no_settings_is_none(text: str) -> None:
    assert kept_settings(text) is None
