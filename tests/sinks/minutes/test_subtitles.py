from __future__ import annotations

import io
import itertools
from dataclasses import replace
from datetime import timedelta

import pysubs2
import pytest
import srt
import webvtt
from hypothesis import given, settings
from hypothesis import strategies as st

from streamer.minutes import Line, MomentKind
from streamer.sinks.minutes.cues import CUE_LINES, LINE_COLUMNS, _shown, columns, cues_of
from streamer.sinks.minutes.subtitles import SrtWriter, VttWriter, timestamp
from tests.sinks.minutes.material import RECORD, line, moment

LONG = (
    "今天我们讨论明年的预算，财务部已经给出了初步的数字；市场部希望增加百分之五，但是研发部不同意，"
    "因为去年的项目还没有结束。下周三之前请大家把意见发给我。"
)


def written(writer: SrtWriter | VttWriter, *lines: Line) -> str:
    return writer.head(RECORD, "") + "".join(writer.entry(one, None) for one in lines)


def texts(found) -> list[tuple[str, ...]]:
    return [cue.lines for cue in found]


def test_a_short_line_is_one_cue():
    (cue,) = cues_of(line(1, "大家好。", 1, 3))
    assert (cue.start_sample, cue.end_sample, cue.lines) == (16_000, 48_000, ("大家好。",))


def test_a_cue_stays_until_the_next_one_or_the_end_of_the_utterance():
    """A token ends where its syllable is recognised, not where it has been spoken."""
    heard = line(1, "好的。开始", 1, 5)
    spikes = tuple(
        replace(token, start_sample=16_000 * second, end_sample=16_000 * second + 640)
        for token, second in zip(heard.tokens, (1, 2, 3, 4), strict=True)
    )

    cues = cues_of(replace(heard, text="好的。" + "开始" * 17, tokens=spikes))
    assert [(cue.start_sample, cue.end_sample) for cue in cues] == [(16_000, 48_000), (48_000, 80_000)]


def test_a_cue_of_sound_whose_end_is_not_known_ends_with_its_last_character():
    heard = replace(line(1, "好的", 1, 3), end_sample=16_000)

    assert [(cue.start_sample, cue.end_sample) for cue in cues_of(heard)] == [(16_000, 48_000)]


def test_a_long_line_is_cut_at_its_punctuation():
    assert texts(cues_of(line(1, LONG, 0, 20))) == [
        ("今天我们讨论明年的预算，", "财务部已经给出了初步的数字；"),
        ("市场部希望增加百分之五，但是研发部", "不同意，因为去年的项目还没有结束。"),
        ("下周三之前请大家把意见发给我。",),
    ]


def test_words_and_numbers_stay_whole():
    text = "我们用Kubernetes和PostgreSQL部署了2026.11版本的meeting transcriber服务"
    assert texts(cues_of(line(1, text, 0, 10))) == [
        ("我们用Kubernetes和PostgreSQL部署了", "2026.11版本的meeting transcriber服务"),
    ]


def test_a_word_too_long_for_a_cue_goes_on_when_its_rest_was_heard():
    cues = cues_of(line(1, "a" * 100, 0, 10))

    assert texts(cues) == [("a" * 36, "a" * 36), ("a" * 28,)]
    assert [(cue.start_sample, cue.end_sample) for cue in cues] == [(0, 115_200), (115_200, 160_000)]


def test_no_line_begins_with_closing_punctuation():
    text = "一二三四五六七八九十一二三四五六七八，九十一二三四五六七八九十一二三四五六。"
    assert texts(cues_of(line(1, text, 0, 9))) == [
        ("一二三四五六七八九", "十一二三四五六七八，"),
        ("九十一二三四五六七", "八九十一二三四五六。"),
    ]


def milliseconds(duration: timedelta) -> int:
    return round(duration / timedelta(milliseconds=1))


def clock_ms(text: str) -> int:
    hours, minutes, seconds = text.split(":")
    return round((int(hours) * 3600 + int(minutes) * 60 + float(seconds)) * 1000)


ALPHABET = st.text(
    st.sampled_from(
        "的一是了我不人在他有这上们来到时大地为子中，。！？、；：“”（）《》…—abcXYZ019 .%-<>&{}\\👍🏽👩\u200d\u0301"
    ),
    min_size=1,
    max_size=200,
)


@given(ALPHABET)
@settings(max_examples=300)
def test_any_text_fits_on_the_screen_and_nothing_is_lost(text):
    cues = cues_of(line(1, text, 0, 10))

    assert all(1 <= len(cue.lines) <= CUE_LINES for cue in cues)
    assert all(one.strip() and columns(one) <= LINE_COLUMNS for cue in cues for one in cue.lines)
    shown = "".join("".join(cue.lines) for cue in cues)
    assert "".join(shown.split()) == "".join(text.split())
    assert all(cue.start_sample <= cue.end_sample for cue in cues)
    assert all(one.end_sample <= other.start_sample for one, other in itertools.pairwise(cues))


@given(st.lists(st.tuples(ALPHABET, st.floats(0, 5), st.floats(0.05, 12)), max_size=8))
@settings(max_examples=100)
def test_srt_and_vtt_are_read_by_other_programs_without_overlaps(parts):
    lines = []
    at = 0.0
    for number, (text, pause, length) in enumerate(parts):
        at = max(0.0, at + pause - 1)  # ranges of neighbours may overlap after a forced cut
        lines.append(line(number, text, at, at + length))
        at += length

    subtitles = list(srt.parse(written(SrtWriter(), *lines)))
    captions = webvtt.from_buffer(io.StringIO(written(VttWriter(), *lines)))
    assert [one.index for one in subtitles] == list(range(1, len(subtitles) + 1))
    assert all(one.start < one.end for one in subtitles)
    assert all(one.end <= other.start for one, other in itertools.pairwise(subtitles))
    assert [milliseconds(one.start) for one in subtitles] == [clock_ms(one.start) for one in captions]
    assert [milliseconds(one.end) for one in subtitles] == [clock_ms(one.end) for one in captions]


def test_what_is_one_character_on_the_screen_stays_in_one_line():
    family = "👨\u200d👩\u200d👧"
    accented = "e\u0301"
    assert _shown(f"{family}a👍🏽{accented}") == [family, "a", "👍🏽", accented]

    assert columns(family + accented) == 7
    shown = [one for cue in cues_of(line(1, family * 7 + accented * 40, 0, 30)) for one in cue.lines]
    assert shown == [family * 6, family + accented * 30, accented * 10]


def test_srt_text():
    assert written(SrtWriter(), line(1, "大家好。", 1, 3), line(2, "开始<b>吧", 3725.5, 3727)) == (
        "1\n00:00:01,000 --> 00:00:03,000\n大家好。\n\n2\n01:02:05,500 --> 01:02:07,000\n开始＜b＞吧\n\n"
    )


@pytest.mark.parametrize("writer", [SrtWriter(), VttWriter()])
def test_what_is_written_anew_begins_anew(writer):
    lines = line(1, "大家好。", 1, 3), line(2, "开始吧", 4, 5)

    assert written(writer, *lines) == written(writer, *lines)


def test_a_time_has_every_digit():
    assert timestamp(0, ".") == "00:00:00.000"
    assert timestamp(3_599_999, ",") == "00:59:59,999"
    assert timestamp(100 * 3_600_000, ".") == "100:00:00.000"


def test_vtt_escapes_markup():
    (caption,) = webvtt.from_buffer(io.StringIO(written(VttWriter(), line(1, "A&B <i>x</i> -->", 0, 2))))
    assert caption.raw_text == "A&amp;B &lt;i&gt;x&lt;/i&gt; --&gt;"


def test_pysubs2_reads_both():
    for writer, kind in ((SrtWriter(), "srt"), (VttWriter(), "vtt")):
        subtitles = pysubs2.SSAFile.from_string(written(writer, line(1, LONG, 0, 20)), kind)
        assert "".join(one.plaintext.replace("\n", "") for one in subtitles) == LONG


@pytest.mark.parametrize("writer", [SrtWriter(), VttWriter()])
def test_moments_are_left_out(writer):
    assert writer.entry(moment(MomentKind.MARK, 1, "预算"), None) == ""
