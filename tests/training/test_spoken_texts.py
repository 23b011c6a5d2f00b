from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pypinyin")
pytest.importorskip("cn2an")

from streamer.errors import SettingsError
from streamer.text.pinyin import spell
from streamer.training.provenance import DevTexts
from streamer.training.sentences import Sentence
from streamer.training.settings import PathSettings, SynthSettings
from streamer.training.spoken_texts import draw_sentences, draw_speaker_sentences

DEV = DevTexts(["绿是阳春烟景大块文章的底色"])
EVALUATED = "记者看到绿是阳春烟景大块文章"
LANGUAGE = """
seed = 1
work_folder = "."
acoustic_tokens = "a"
language_tokens = "l"
readings = "r"
table_size = 1
evaluation_lists = "."
tune_meetings = []
test_meetings = []
[[corpora]]
name = "package_news"
package = "texts_in_a_package"
path = "news.json"
layout = "json"
[[corpora]]
name = "whole_meetings"
path = "meetings.txt"
layout = "meetings"
"""


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PathSettings:
    package = tmp_path / "texts_in_a_package"
    package.mkdir()
    (package / "__init__.py").touch()
    news = ["全国新增病例为25例。", EVALUATED, "台下的观众都说Ж今天大家很高兴。", "<b>广告</b>"]
    (package / "news.json").write_text(json.dumps(news), encoding="utf-8")
    (tmp_path / "language.toml").write_text(LANGUAGE, encoding="utf-8")
    (tmp_path / "file.txt").write_text("我们开会讨论\n" + EVALUATED + "\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return PathSettings(texts=tmp_path)


def settings(paths: PathSettings, **values: Any) -> SynthSettings:
    return SynthSettings(language=paths.texts / "language.toml", **values)


def test_a_corpus_is_a_file_or_lies_in_a_package_and_its_numbers_are_words(paths: PathSettings) -> None:
    synth = settings(paths, sentences=15, corpora={"file": 0.5, "package_news": 0.5})
    texts = {sentence.text for sentence in draw_sentences(paths, synth, DEV)}
    # Where something cannot be read aloud, what stands before it and after it is not said on end.
    assert texts == {"我们开会讨论", "全国新增病例为二十五例", "台下的观众都说", "今天大家很高兴"}


def test_without_sentences_no_corpus_is_needed(paths: PathSettings) -> None:
    assert draw_sentences(paths, settings(paths, sentences=0, corpora={"absent": 1}), DEV) == []


def test_speakers_have_corpora_of_their_own(paths: PathSettings) -> None:
    synth = settings(paths, corpora={"file": 1}, kokoro_speakers=15, speaker_corpora={"package_news": 1})
    spoken = {sentence.text for sentence in draw_speaker_sentences(paths, synth, DEV, [])}
    assert spoken == {"全国新增病例为二十五例", "台下的观众都说", "今天大家很高兴"}


def test_without_them_they_speak_the_sentences_before_kokoros_others_backwards(paths: PathSettings) -> None:
    sentences = [Sentence(text, tuple(spell(text))) for text in ("甲", "乙", "丙", "丁")]
    synth = settings(paths, kokoro_sentences=1, kokoro_speakers=2)
    assert [each.text for each in draw_speaker_sentences(paths, synth, DEV, sentences)] == ["丙", "乙"]
    many = settings(paths, kokoro_sentences=1, kokoro_speakers=9)
    assert [each.text for each in draw_speaker_sentences(paths, many, DEV, sentences)] == ["丙", "乙", "甲"]
    nothing = settings(paths, speaker_corpora={"absent": 1})
    assert draw_speaker_sentences(paths, nothing, DEV, sentences) == []


@pytest.mark.parametrize("name", ["absent", "whole_meetings"])
def test_a_corpus_that_is_neither_is_named(paths: PathSettings, name: str) -> None:
    with pytest.raises(SettingsError, match=f"no corpus '{name}'"):
        draw_sentences(paths, settings(paths, corpora={name: 1}), DEV)
