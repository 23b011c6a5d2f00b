from __future__ import annotations

import math

import pytest

from streamer.settings.segmenter import SegmenterSettings
from streamer.vad.cut import Cut, find_cut

LONGEST = 300
"""Frames of the longest utterance, 6 s; what is searched are the last 3 s."""
SPEECH, PAUSE = -20.0, -60.0


def levels(*quiet: tuple[int, int, float]) -> list[float]:
    """Speech, but for frames from … to … that have another level; one frame more than the longest utterance."""
    row = [SPEECH] * (LONGEST + 1)
    for first, end, level in quiet:
        row[first:end] = [level] * (end - first)
    return row


def cut(row: list[float], active: list[bool] | None = None, **changes: int) -> Cut:
    return find_cut(row, [level > PAUSE for level in row] if active is None else active, SegmenterSettings(**changes))


@pytest.mark.parametrize("end", [220, 221])
def test_a_pause_is_cut_in_its_middle_without_an_overlap(end: int) -> None:
    assert cut(levels((200, end, PAUSE))) == Cut(left_end=210, right_start=210)


@pytest.mark.parametrize(("frames", "overlap"), [(12, 0), (11, 60)])
def test_a_pause_that_is_shorter_than_240_ms_is_read_by_both(frames: int, overlap: int) -> None:
    assert cut(levels((200, 200 + frames, PAUSE))).overlap == overlap


@pytest.mark.parametrize(("level", "overlap"), [(SPEECH - 24.01, 0), (SPEECH - 23.99, 60)])
def test_a_pause_is_24_db_softer_than_speech(level: float, overlap: int) -> None:
    row = levels((200, 220, level))

    assert cut(row, [one == SPEECH for one in row]).overlap == overlap


def test_where_nothing_was_speech_a_pause_is_softer_than_everything() -> None:
    row = levels((200, 220, SPEECH - 24.01))

    assert cut(row, [False] * len(row)).overlap == 60  # for the pause makes the mean softer


def test_speech_without_a_pause_is_cut_around_its_softest_place() -> None:
    assert cut(levels((180, 184, -30.0))) == Cut(left_end=182 + 30, right_start=182 - 30)


@pytest.mark.parametrize(("softest", "middle"), [(271, 270), (272, 210)])
def test_the_softest_place_is_one_from_which_on_the_overlap_fits(softest: int, middle: int) -> None:
    # The window of the last such place, 270, ends with frame 271; where all are alike, it is the middle of 150 to 270.
    assert cut(levels((softest, softest + 4, -30.0))) == Cut(left_end=middle + 30, right_start=middle - 30)


def test_of_places_that_are_equally_soft_the_last_one_is_cut() -> None:
    assert cut(levels((180, 200, PAUSE), (220, 240, PAUSE))) == Cut(left_end=230, right_start=230)


def test_what_comes_before_the_last_seconds_is_never_cut() -> None:
    row = levels((100, 120, PAUSE), (200, 204, -25.0))

    assert cut(row) == Cut(left_end=202 + 30, right_start=202 - 30)


def test_speech_that_is_all_alike_is_no_softer_where_it_ends() -> None:
    # Of the places from which on the overlap fits, the middle.
    assert cut(levels()) == Cut(left_end=(150 + 270) // 2 + 30, right_start=(150 + 270) // 2 - 30)
    assert cut(levels(), overlap_ms=0) == Cut(left_end=(150 + 300) // 2, right_start=(150 + 300) // 2)


@pytest.mark.parametrize(("window_ms", "at"), [(20, 181), (100, 201)])
def test_silence_that_is_shorter_than_the_window_is_not_the_softest_place(window_ms: int, at: int) -> None:
    row = levels((180, 182, PAUSE), (199, 203, -40.0))

    found = cut(row, cut_window_ms=window_ms)

    assert found.right_start + found.overlap // 2 == at


def test_silence_without_any_sound_is_cut_too() -> None:
    row = levels((200, 220, -math.inf))

    assert cut(row) == Cut(left_end=210, right_start=210)


def test_what_follows_begins_well_after_this_utterance() -> None:
    """Else the next one would be cut at the same place, and so on for ever."""
    row = [SPEECH] * 49 + [-25.0] * 2 + [SPEECH] * 79 + [-22.0] * 2 + [SPEECH] * 119

    found = cut(row, max_utterance_ms=5000, cut_search_ms=4000, overlap_ms=2000)

    assert found == Cut(left_end=131 + 50, right_start=131 - 50)


def test_what_is_shared_with_the_utterance_before_is_not_cut_through() -> None:
    """Else this one would lie within that one, and what follows would be read twice."""
    row = [SPEECH] * 60 + [PAUSE] * 20 + [SPEECH] * 51 + [-22.0] * 2 + [SPEECH] * 118

    found = cut(row, max_utterance_ms=5000, cut_search_ms=4000, overlap_ms=2000)

    assert found == Cut(left_end=132 + 50, right_start=132 - 50)
