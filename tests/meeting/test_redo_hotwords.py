"""With which names a kept meeting is heard again."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace as replace_settings
from typer.testing import CliRunner

from streamer.archive.archive import Archive
from streamer.asr.hotword_list import Hotword
from streamer.cli import app
from streamer.errors import PackError
from streamer.offline.redoing import redo
from streamer.settings import Settings
from streamer.types import SAMPLE_RATE, HotwordsChanged
from tests.meeting.kept import SETTINGS, WEEKLY, hold
from tests.meeting.material import STARTED

CHANGE = HotwordsChanged(5 * SAMPLE_RATE, ("王芳 2.0",))


def with_words(*words: str) -> Settings:
    return replace_settings(SETTINGS, hotwords=replace_settings(SETTINGS.hotwords, words=words))


def redone(data_dir: Path, settings: Settings) -> None:
    archive = Archive(data_dir)
    store = archive.open_store(SETTINGS)
    with pytest.raises(PackError, match="noted"):
        redo(archive, store, store.record(STARTED.meeting_id), settings)
    store.close()


def test_those_that_the_meeting_was_held_with_each_from_its_place(tmp_path, asked):
    hold(tmp_path, *WEEKLY, CHANGE, settings=with_words("李明"))
    redone(tmp_path, SETTINGS)

    ((_, favoured),) = asked
    assert favoured is not None
    assert favoured.words_from(0) == (Hotword("李明"),)
    assert favoured.words_from(6 * SAMPLE_RATE) == (Hotword("王芳", 2.0),)


def test_those_of_the_new_settings_instead(tmp_path, asked):
    hold(tmp_path, settings=with_words("李明"))
    settings = with_words("张伟")
    redone(tmp_path, settings)

    assert asked == [(settings, None)]


def test_none_where_there_were_none(tmp_path, asked):
    hold(tmp_path)
    redone(tmp_path, SETTINGS)

    assert asked == [(SETTINGS, None)]


def test_the_command_takes_others(tmp_path, asked):
    hold(tmp_path, settings=with_words("李明"))
    words = ["--hotword", "张伟", "--hotword", "王芳 2"]
    CliRunner().invoke(app, ["meetings", "redo", STARTED.meeting_id, *words, "--data-dir", str(tmp_path)])

    assert [(settings.hotwords.words, favoured) for settings, favoured in asked] == [(("张伟", "王芳 2"), None)]
