"""Texts in packages: sentences that somebody might say, each once, from files that cannot run code."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest

from streamer.errors import SettingsError
from streamer.training.package_texts import read_package_texts


def _articles(tmp_path: Path, content: object) -> Path:
    path = tmp_path / "train.pkl"
    path.write_bytes(pickle.dumps(content))
    return path


def test_sentences_know_their_article(tmp_path: Path) -> None:
    path = _articles(tmp_path, (["题", "题"], ["今天下雨了。明天呢？好\n", "后天是晴天\\n大家都去爬山！"], [0, 1]))

    assert list(read_package_texts(path, "articles")) == [
        (0, "今天下雨了。"),
        (0, "明天呢？"),
        (1, "后天是晴天"),
        (1, "大家都去爬山！"),
    ]


def test_a_sentence_is_read_once(tmp_path: Path) -> None:
    path = _articles(tmp_path, ([], ["本报记者昨日获悉。", "本报记者昨日获悉。后来呢？"], []))

    assert list(read_package_texts(path, "articles")) == [(0, "本报记者昨日获悉。"), (1, "后来呢？")]


@pytest.mark.parametrize(
    "unspoken",
    [
        "0851-12340、12、9、33元。",
        "见www.example.cn这个网站。",
        "责任编辑：张广义。",
        "返回搜狐，查看更多。",
        "长" * 151,
    ],
)
def test_what_nobody_says_is_left_out(tmp_path: Path, unspoken: str) -> None:
    assert list(read_package_texts(_articles(tmp_path, ([], [unspoken], [])), "articles")) == []


def test_a_file_that_names_code_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"train\.pkl cannot be read as articles: it names posix\.system"):
        list(read_package_texts(_articles(tmp_path, ([], [os.system], [])), "articles"))


def test_a_file_of_another_shape_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"train\.pkl cannot be read as articles"):
        list(read_package_texts(_articles(tmp_path, ["今天下雨了。"]), "articles"))


def test_the_strings_of_json_are_texts_and_its_keys_are_not(tmp_path: Path) -> None:
    path = tmp_path / "texts.json"
    path.write_text('{"train": {"neg": ["森林在减少"], "分类的名字": ["海面在上升", 3]}}', encoding="utf-8")

    assert list(read_package_texts(path, "json")) == [(0, "森林在减少"), (1, "海面在上升")]


def test_json_may_have_a_document_a_line(tmp_path: Path) -> None:
    path = tmp_path / "lines.json"
    path.write_text('{"text": "他去了银行"}\n{"text": "她回家了。"}\n', encoding="utf-8")

    assert list(read_package_texts(path, "json")) == [(0, "他去了银行"), (1, "她回家了。")]


def test_labelled_characters_become_sentences(tmp_path: Path) -> None:
    path = tmp_path / "labelled.txt"
    path.write_text("我 O\n在 O\n北 B-LOC\n京 I-LOC\n。 O\n\n你 O\n在 O\n哪 O\n里 O\n", encoding="utf-8")

    assert list(read_package_texts(path, "labelled")) == [(0, "我在北京。"), (1, "你在哪里")]
