"""Subtitles of lines that a person wrote: how long they are shown."""

from __future__ import annotations

from dataclasses import replace

import pysubs2
import pytest

from streamer.minutes import Line
from streamer.settings.minutes import MinutesSettings
from streamer.sinks.minutes.cues import _readable, cues_of
from streamer.sinks.minutes.files import open_file
from streamer.sinks.minutes.subtitles import with_room
from tests.sinks.minutes.material import RECORD, line, whole


def edited(number: int, text: str, start: float, end: float) -> Line:
    """A line in which the machine heard one word, at its beginning."""
    heard = line(number, "好的", start, start + 0.5)
    return replace(heard, text=text, end_sample=round(16_000 * end), edited=True)


def file_of(tmp_path, name: str, *lines: Line) -> list[tuple[float, float, str]]:
    """Begin, end and text of each subtitle in a file that is written anew, seconds."""
    path = tmp_path / f"minutes.{name}"
    file = open_file(name, path, MinutesSettings())
    whole(file.rewriting(RECORD, "", [(one, None) for one in lines]))
    file.close()
    found = pysubs2.SSAFile.load(str(path)).events
    return [(one.start / 1000, one.end / 1000, one.plaintext.replace("\n", "")) for one in found]


def test_each_cue_of_a_text_that_nobody_was_heard_to_say_stays_as_long_as_it_takes_to_read():
    cues = cues_of(edited(1, "好的，" + "一" * 32 + "。" + "二" * 35 + "。" + "三" * 35 + "。", 0, 12))

    assert [cue.start_sample for cue in cues] == [0, 48_000, 96_000]
    assert cues[-1].end_sample == 192_000


def test_where_a_line_is_too_short_for_its_text_each_cue_has_a_share_by_its_length():
    cues = cues_of(edited(1, "一" * 35 + "。" + "二" * 17 + "。" + "三" * 35 + "。", 0, 1))

    assert [cue.start_sample for cue in cues] == [0, 6_400, 9_600]
    assert cues[-1].end_sample == 16_000


@pytest.mark.parametrize(
    ("heard", "needed", "moved"),
    [
        ((100, 150, 180), (40, 30), [100, 150, 180]),  # each has enough
        ((100, 110, 180), (40, 30), [100, 140, 180]),
        ((100, 170, 180), (40, 30), [100, 150, 180]),
        ((100, 110, 120, 180), (30, 20, 20), [100, 130, 150, 180]),
        ((100, 160, 170, 180), (30, 20, 20), [100, 140, 160, 180]),
        ((100, 110, 120), (60, 20), [100, 115, 120]),  # a share of too little
        ((100, 100), (0,), [100, 100]),
    ],
)
def test_cues_begin_when_their_text_was_heard_moved_as_little_as_gives_each_its_time(heard, needed, moved):
    assert _readable(heard, needed) == moved


@pytest.mark.parametrize(("end", "lasts"), [(96_000, 48_000), (32_000, 32_000), (None, 16_000)])
def test_the_last_line_lasts_as_long_as_it_takes_to_read_where_its_meeting_does(end, lasts):
    assert [one.end_sample for one, _ in with_room([(edited(1, "一" * 36, 0, 1), None)], end)] == [lasts]


@pytest.mark.parametrize("name", ["srt", "vtt"])
def test_text_that_a_person_wrote_is_shown_in_the_silence_after_its_line_as_long_as_it_takes_to_read(tmp_path, name):
    long = edited(1, "一" * 35 + "。" + "二" * 35 + "。", 0, 1)

    assert file_of(tmp_path, name, long, line(2, "开始", 30, 31)) == [
        (0, 3, "一" * 35 + "。"), (3, 6, "二" * 35 + "。"), (30, 31, "开始"),
    ]  # fmt: skip


def test_however_long_a_text_is_that_a_person_wrote_the_next_line_has_its_time(tmp_path):
    found = file_of(tmp_path, "srt", edited(1, "一" * 3600, 0, 1), line(2, "开始", 1, 2))

    assert found[-1] == (1, 2, "开始")
    assert [one[:2] for one in found[:-1]] == [(number / 100, (number + 1) / 100) for number in range(100)]


def test_text_that_a_person_wrote_leaves_the_next_line_its_time(tmp_path):
    long = edited(1, "一" * 35 + "。" + "二" * 35 + "。", 0, 1)

    assert [one[:2] for one in file_of(tmp_path, "srt", long, line(2, "开始", 3, 4))] == [(0, 1.5), (1.5, 3), (3, 4)]
