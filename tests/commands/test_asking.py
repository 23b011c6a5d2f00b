from __future__ import annotations

import io
import sys

import pytest
import typer

from streamer.commands.asking import require_consent


def ask(monkeypatch: pytest.MonkeyPatch, answers: str | bytes) -> bool:
    typed = answers.encode() if isinstance(answers, str) else answers
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed), "utf-8"))
    try:
        require_consent("删除？", err=False)
    except typer.Exit:
        return False
    return True


@pytest.fixture(autouse=True)
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")


@pytest.mark.parametrize("answer", ["y", "Yes", "是", " ｙ ", "是的"])
def test_yes_may_be_said_in_chinese(monkeypatch, capsys, answer):
    assert ask(monkeypatch, f"{answer}\n")
    assert capsys.readouterr().out == "删除？ [y=是/N=否]: "


@pytest.mark.parametrize("answer", ["n", "NO", "否", "不", ""])
def test_no_may_be_said_in_chinese_and_nothing_was_deleted(monkeypatch, capsys, answer):
    assert not ask(monkeypatch, f"{answer}\n")
    assert capsys.readouterr().out == "删除？ [y=是/N=否]: 没有删除任何内容。\n"


def test_the_end_of_the_input_is_a_no(monkeypatch, capsys):
    assert not ask(monkeypatch, "")
    assert capsys.readouterr().out == "删除？ [y=是/N=否]: \n没有删除任何内容。\n"


def test_an_interruption_deletes_nothing_either(monkeypatch, capsys):
    def interrupted() -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(sys, "stdin", io.StringIO())
    monkeypatch.setattr(sys.stdin, "readline", interrupted, raising=False)
    with pytest.raises(KeyboardInterrupt):
        require_consent("删除？", err=False)

    assert capsys.readouterr().out == "删除？ [y=是/N=否]: \n没有删除任何内容。\n"


def test_what_is_neither_is_asked_again(monkeypatch, capsys):
    assert ask(monkeypatch, "也许\n是\n")
    assert capsys.readouterr().out == "删除？ [y=是/N=否]: 请回答 y（是）或 n（否）\n删除？ [y=是/N=否]: "


def test_an_answer_in_another_encoding_is_asked_again(monkeypatch, capsys):
    assert not ask(monkeypatch, "是\n".encode("gbk"))
    assert capsys.readouterr().out.startswith("删除？ [y=是/N=否]: 请回答 y（是）或 n（否）\n")


def test_english_terminals_are_answered_in_english(monkeypatch, capsys):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    assert not ask(monkeypatch, "maybe\nn\n")
    assert capsys.readouterr().out.endswith("expected y (yes) or n (no)\n删除？ [y/N]: Nothing was deleted.\n")
