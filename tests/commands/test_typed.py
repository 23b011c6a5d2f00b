from __future__ import annotations

import pytest
from click.testing import Result
from typer.testing import CliRunner

from streamer.cli import app
from streamer.commands.typed import in_ascii, typed_names


def told(outcome: Result) -> str:
    """An error without the box around it."""
    return " ".join(outcome.stderr.replace("│", " ").split())


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("docx,srt", ["docx", "srt"]),
        ("DOCX，.srt、ＶＴＴ；。txt", ["docx", "srt", "vtt", "txt"]),
        (" ， ", []),
    ],
)
def test_names_with_any_commas_between_are_small_and_have_no_dot(text, names):
    assert typed_names(text) == names


def test_full_width_marks_are_their_ascii_forms():
    assert in_ascii("２０２６－１１－２０　１０：０３：１８，ａ、—") == "2026-11-20 10:03:18,a,-"


@pytest.mark.parametrize(
    ("arguments", "dash", "option"),
    [
        (["run", "—title", "周会"], "—", "--title"),
        (["run", "——title=周会"], "——", "--title"),
        (["run", "–-fast"], "–-", "--fast"),
        (["meetings", "edit", "3f9a", "12", "－－undo"], "－－", "--undo"),
        (["transcribe", "—f", "srt", "a.wav"], "—", "-f"),
        (["train", "language", "prepare", "—help"], "—", "--help"),
        (["—version"], "—", "--version"),
    ],
)
def test_a_dash_where_hyphens_should_stand_is_named(arguments, dash, option):
    outcome = CliRunner().invoke(app, arguments)

    assert outcome.exit_code == 2
    assert f"begins with '{dash}', a dash that an input method made of hyphens: expected {option}" in told(outcome)


@pytest.mark.parametrize("text", ["—titel", "——", "—（停顿）", "-—"])
def test_a_dash_that_is_no_option_is_text(text):
    outcome = CliRunner().invoke(app, ["meetings", "search", text, "--data-dir", "/nonexistent"])

    assert "input method" not in outcome.output


def test_behind_two_hyphens_everything_is_text():
    outcome = CliRunner().invoke(app, ["meetings", "edit", "--data-dir", "/nonexistent", "--", "x", "1", "—undo"])

    assert "input method" not in outcome.output


@pytest.mark.parametrize("kind", ["SRT", ".srt", "．ｓｒｔ"])
def test_the_format_of_a_transcript_may_be_in_capitals_or_have_a_dot(kind):
    outcome = CliRunner().invoke(app, ["transcribe", "a.wav", "b.wav", "--format", kind])

    assert str(outcome.exception) == "srt of 2 files cannot go into one: give a folder with --out"


def test_a_format_that_there_is_not_is_refused():
    outcome = CliRunner().invoke(app, ["transcribe", "a.wav", "--format", "docx"])

    assert outcome.exit_code == 2
    assert "'docx' is not one of txt, srt, vtt, json" in told(outcome)
