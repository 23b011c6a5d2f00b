from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from streamer.recognition import SharedModels
from streamer.settings import load_settings
from streamer.system.memory import Thrift
from streamer.types import EndReason, Token, Utterance
from tests.resident import resident_code
from tests.tonepack import hiss, tone, write_tone_pack


def test_only_who_asks_for_it_gives_memory_back_after_every_final(tmp_path: Path) -> None:
    pack = write_tone_pack(tmp_path / "pack")
    models = SharedModels(load_settings(overrides={"recognizer": {"pack": str(pack)}}))
    try:
        found = [models.new_recognition(is_thrifty=thrifty).tidy_up for thrifty in (False, True)]
    finally:
        models.close()

    assert found[0] is None
    assert isinstance(found[1], Thrift)


def test_hotwords_that_cannot_be_favoured_are_logged_where_nobody_shows_notices(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pack = write_tone_pack(tmp_path / "pack")
    gate = {"min_level_range_db": 0, "min_voiced_frames": 0, "early_syllables": 0, "max_steady_share": 1.0}
    settings = load_settings(
        overrides={"recognizer": {"pack": str(pack)}, "gate": gate, "hotwords": {"words": ["Kubernetes"]}}
    )
    sound = (32767 * np.concatenate([hiss(0.3), tone(1, 0.4), hiss(0.3)])).astype("<i2")
    models = SharedModels(settings)
    try:
        recognizer = models.new_recognition().recognizer
        for number in (1, 2):
            recognizer.recognize(Utterance(number, 0, 0, len(sound), sound.tobytes(), EndReason.SILENCE))
    finally:
        models.close()

    (message,) = caplog.messages
    assert message.startswith("hotwords are not favoured: ")


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_code_that_only_loading_needs_is_given_back(tmp_path: Path) -> None:
    pack = write_tone_pack(tmp_path / "pack")
    models = SharedModels(load_settings(overrides={"recognizer": {"pack": str(pack)}}))
    try:
        models.load()
        assert resident_code("onnxruntime_pybind11_state") == 0
    finally:
        models.close()


@pytest.mark.parametrize(("written", "expected"), [({}, True), ({"punctuation": False}, False)])
def test_hindsight_is_there_where_marks_are_written(written: dict[str, bool], expected: bool) -> None:
    models = SharedModels(load_settings(overrides={"text": written}))
    try:
        assert (models.new_recognition().new_hindsight is not None) is expected
    finally:
        models.close()


def test_a_pack_without_punctuation_has_no_hindsight(tmp_path: Path) -> None:
    pack = write_tone_pack(tmp_path / "pack")
    models = SharedModels(load_settings(overrides={"recognizer": {"pack": str(pack)}}))
    try:
        assert models.new_recognition().new_hindsight is None
    finally:
        models.close()


def test_hotwords_with_numerals_stay_in_finals_as_the_list_has_them_at_the_time(tmp_path: Path) -> None:
    listed = tmp_path / "words.txt"
    listed.write_text("十八里店 2\n张伟\n", encoding="utf-8")
    models = SharedModels(load_settings(overrides={"hotwords": {"file": str(listed)}}))
    spoken = tuple(Token(character, "", 0, 0) for character in "十八里店k十二中学")
    try:
        finisher = models.new_recognition().finisher
        assert finisher is not None
        first = finisher.final(spoken, "", sentence_may_end=False)
        listed.write_text("k-十二\n", encoding="utf-8")
        capitals = tuple(replace(token, text=token.text.upper()) for token in spoken)
        second = finisher.final(capitals, "", sentence_may_end=False)
    finally:
        models.close()

    assert (first, second) == ("十八里店k12中学", "18里店K十二中学")
