"""Sentences in Chinese by patterns."""

from __future__ import annotations

from streamer.sinks.sayings import Sayings


def test_the_first_pattern_that_fits_a_whole_sentence_is_taken() -> None:
    sayings = Sayings(((r"no (?P<what>\w+)", "没有 {what}"), (r"no .*", "没有")))

    assert [sayings.chinese(said) for said in ("no host", "no such host", "say no host")] == [
        "没有 host",
        "没有",
        "say no host",
    ]


def test_lines_and_braces_of_what_is_put_in_stay() -> None:
    assert Sayings([(r"told: (?P<told>.*)", "说：{told}")]).chinese("told: {a}\nb") == "说：{a}\nb"


def test_a_reason_is_translated_by_itself() -> None:
    sayings = Sayings([(r"down \((?P<reason>.*)\)", "断了（{reason}）")], {"reason": {"cold": "冷"}.__getitem__})

    assert sayings.chinese("down (cold)") == "断了（冷）"
