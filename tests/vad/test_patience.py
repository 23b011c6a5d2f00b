"""How many frames are judged together: no more than may bring an event about, and no fewer, for that costs."""

from __future__ import annotations

import pytest

from streamer.settings.segmenter import SegmenterSettings
from streamer.vad.heard import LOUD, SILENT, SOFT, Heard, OpenUtterance
from streamer.vad.patience import frames_to_event, plain_kinds
from streamer.vad.unheard import Unheard

CHOSEN = SegmenterSettings()
LONG_WINDOW = SegmenterSettings(
    start_voiced_frames=4, start_window_frames=4, keep_voiced_frames=4, keep_window_frames=9
)
SPEECH, FLOOR = -20.0, -60.0


def heard(kinds: list[int], newest: float = FLOOR, floor: float = FLOOR) -> Heard:
    """Frames of these kinds: speech as loud as it is, silence at the floor; the newest may have another level."""
    row = Heard()
    row.kinds += bytes(kinds)
    row.levels = [floor if kind == SILENT else SPEECH for kind in kinds[:-1]] + [newest] * bool(kinds)
    row.floors = [floor] * len(kinds)
    return row


def open_utterance(row: Heard, active_end: int, *, paused: bool = False) -> OpenUtterance:
    utterance = OpenUtterance(id=1, active_end=active_end, paused=paused)
    utterance.measure(row)
    return utterance


def unheard(*levels: float) -> Unheard:
    """Frames of these levels; those at the floor hold no speech."""
    return Unheard(list(levels), [FLOOR] * len(levels), bytes(level > FLOOR for level in levels))


@pytest.mark.parametrize(
    ("kinds", "frames"), [([], 4), ([LOUD] * 3, 1), ([LOUD] * 5, 1), ([LOUD, SILENT, LOUD], 2), ([SOFT] * 6, 4)]
)
def test_an_utterance_begins_with_the_fourth_loud_frame_at_the_earliest(kinds: list[int], frames: int) -> None:
    assert frames_to_event(heard(kinds), None, CHOSEN) == frames


@pytest.mark.parametrize(("length", "frames"), [(100, 10), (290, 10), (292, 9), (300, 1), (302, 1)])
def test_a_growing_utterance_pauses_or_is_cut(length: int, frames: int) -> None:
    row = heard([SOFT] * length)

    assert frames_to_event(row, open_utterance(row, length), CHOSEN) == frames


@pytest.mark.parametrize(("silent", "frames"), [(10, 2), (23, 2), (24, 1), (26, 1)])
def test_a_paused_utterance_goes_on_with_the_second_voiced_frame_or_ends(silent: int, frames: int) -> None:
    row = heard([SOFT] * 50 + [SILENT] * silent)

    assert frames_to_event(row, open_utterance(row, 50, paused=True), CHOSEN) == frames


@pytest.mark.parametrize(
    ("kind", "newest", "floor", "frames"),
    [
        (SILENT, -51.0, -60.0, 1),
        (SILENT, -51.1, -60.0, 2),
        (SILENT, -72.1, -90.0, 2),  # too soft for any speech
        (SOFT, -59.0, -60.0, 1),
    ],
)
def test_a_paused_utterance_may_go_on_with_the_next_frame_where_the_newest_is_voiced_or_stands_out_of_the_noise(
    kind: int, newest: float, floor: float, frames: int
) -> None:
    row = heard([SOFT] * 50 + [SILENT] * 11 + [kind], newest, floor)

    assert frames_to_event(row, open_utterance(row, 50, paused=True), CHOSEN) == frames


@pytest.mark.parametrize(("newest", "frames"), [([SOFT, SILENT], 1), ([SOFT, SILENT, SILENT], 2)])
def test_what_counts_before_a_frame_is_what_stands_in_one_window_with_it(newest: list[int], frames: int) -> None:
    row = heard([SOFT] * 50 + [SILENT] * 11 + newest)

    assert frames_to_event(row, open_utterance(row, 50, paused=True), CHOSEN) == frames


def test_of_an_utterance_that_is_shorter_than_the_window_all_counts() -> None:
    row = heard([SOFT, SOFT, SOFT, SILENT, SILENT])

    assert frames_to_event(row, open_utterance(row, 3, paused=True), LONG_WINDOW) == 1


def test_between_utterances_all_silence_before_speech_is_heard_together() -> None:
    assert plain_kinds(unheard(FLOOR, FLOOR, SPEECH), heard([]), None, -90.0, CHOSEN) == bytes([SILENT] * 2)


def test_silence_in_an_utterance_is_heard_together_until_it_pauses() -> None:
    row = heard([SOFT] * 50 + [SILENT] * 4)

    assert plain_kinds(unheard(*[FLOOR] * 20), row, open_utterance(row, 50), -90.0, CHOSEN) == bytes([SILENT] * 6)


def test_silence_is_heard_together_as_far_as_no_frame_may_be_a_soft_syllable() -> None:
    row = heard([SOFT] * 50)
    missed = Unheard([FLOOR, FLOOR, -38.1, -38.0, FLOOR], [FLOOR] * 5, bytes(5))

    assert plain_kinds(missed, row, open_utterance(row, 50), -90.0, CHOSEN) == bytes([SILENT] * 3)


@pytest.mark.parametrize(("length", "together"), [(50, 20), (298, 3)])
def test_speech_that_goes_on_is_heard_together_until_it_is_cut(length: int, together: int) -> None:
    row = heard([SOFT] * length, SPEECH)
    utterance = open_utterance(row, length)

    assert plain_kinds(unheard(*[SPEECH] * 20), row, utterance, -42.0, CHOSEN) == bytes([SOFT] * together)
    assert utterance.measured == length + together


@pytest.mark.parametrize(
    ("newest", "together"), [([SOFT, SOFT, SILENT], 0), ([SOFT, SILENT, SOFT], 0), ([SILENT, SOFT, SOFT], 1)]
)
def test_speech_is_heard_by_itself_where_one_more_frame_may_not_keep_the_utterance_going(
    newest: list[int], together: int
) -> None:
    row = heard([SOFT] * 50 + newest, SPEECH)
    going = SegmenterSettings(keep_voiced_frames=3, start_voiced_frames=5)

    assert plain_kinds(unheard(SPEECH), row, open_utterance(row, 53), -42.0, going) == bytes([SOFT] * together)


@pytest.mark.parametrize(("length", "together"), [(2, 0), (3, 1)])
def test_an_utterance_too_short_to_be_kept_going_by_one_more_frame_hears_speech_by_itself(
    length: int, together: int
) -> None:
    row = heard([SOFT] * length, SPEECH)

    assert plain_kinds(unheard(SPEECH), row, open_utterance(row, length), -42.0, LONG_WINDOW) == bytes(
        [SOFT] * together
    )


def test_speech_after_an_utterance_without_any_is_heard_by_itself() -> None:
    """As behind a cut, where soft syllables go on that the detector missed; no level of it is known."""
    row = heard([SILENT] * 5, -30.0)
    alone = SegmenterSettings(keep_voiced_frames=1, keep_window_frames=1)

    assert plain_kinds(unheard(-59.0, SPEECH), row, open_utterance(row, 5), -90.0, alone) == b""


def test_speech_that_may_be_a_tail_is_heard_by_itself() -> None:
    row = heard([SOFT] * 50, SPEECH)

    assert plain_kinds(unheard(-41.9), row, open_utterance(row, 50), -41.8, CHOSEN) == b""
