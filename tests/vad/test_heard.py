from __future__ import annotations

import pytest

from streamer.settings.segmenter import SegmenterSettings
from streamer.vad.heard import LOUD, SILENT, SOFT, TAIL, Heard, OpenUtterance, Tail, keeps_going
from streamer.vad.levels import SILENCE_DBFS


def frames(*heard: tuple[int, float]) -> Heard:
    """Frames of a kind and a level each."""
    row = Heard()
    row.kinds += bytes(kind for kind, _ in heard)
    row.levels += [level for _, level in heard]
    row.floors += [-60.0 for _ in heard]
    return row


def in_kinds(kinds: str) -> Heard:
    """``_``: silent, ``t``: tail, ``v``: loud."""
    return frames(*(({"_": SILENT, "t": TAIL, "v": LOUD}[kind], -30.0) for kind in kinds))


@pytest.mark.parametrize(
    ("kinds", "first"),
    [
        ("____v", 4),
        ("ttttv", 0),
        ("_t__v", 1),
        ("t___v", 4),
        ("t__t_v", 0),
        ("t___tv", 4),
    ],
)
def test_a_tail_leads_up_to_speech_unless_it_is_silent_for_a_window(kinds: str, first: int) -> None:
    assert in_kinds(kinds).first_tail(kinds.index("v"), window=3) == first


def test_the_level_of_the_speech_is_that_of_the_mean_power_of_voiced_frames() -> None:
    utterance = OpenUtterance(id=1, active_end=4)
    utterance.measure(frames((SILENT, -10.0), (TAIL, -10.0), (SOFT, -40.0), (LOUD, -20.0)))

    assert utterance.speech_level == pytest.approx(-22.967, abs=0.001)
    assert (utterance.voiced_count, utterance.measured) == (2, 4)


def test_without_voiced_frames_there_is_no_level() -> None:
    utterance = OpenUtterance(id=1, active_end=1)
    utterance.measure(frames((SILENT, -30.0)))

    assert (utterance.speech_level, utterance.voiced_count, utterance.measured) == (SILENCE_DBFS, 0, 1)


def test_frames_that_are_taken_in_count_as_those_that_are_measured() -> None:
    heard = frames((LOUD, -20.0), (LOUD, -30.0), (LOUD, -40.0))
    measured, taken = (OpenUtterance(id=1, active_end=1) for _ in range(2))
    measured.measure(heard)
    taken.measure(frames((LOUD, -20.0)))

    assert taken.take_in(heard.levels[1:], tail_drop_db=22.0) == 2
    assert taken == measured


def test_frames_are_taken_in_until_one_may_be_a_tail() -> None:
    utterance = OpenUtterance(id=1, active_end=1)
    utterance.measure(frames((LOUD, -20.0)))

    assert utterance.take_in([-20.0, -41.9, -45.0, -20.0], tail_drop_db=22.0) == 2


def test_a_frame_may_be_a_tail_of_the_speech_up_to_it() -> None:
    utterance = OpenUtterance(id=1, active_end=1)
    utterance.measure(frames((SOFT, -40.0)))

    # The second is softer than the first by more than 22 dB, but not than the mean of all before it.
    assert utterance.take_in([-20.0, -42.5, -47.0], tail_drop_db=22.0) == 2


@pytest.mark.parametrize(("speech", "softest"), [(-40.0, -58.0), (-54.0, -72.0), (-60.0, -72.0)])
def test_what_keeps_an_utterance_going_is_never_softer_than_any_speech(speech: float, softest: float) -> None:
    utterance = OpenUtterance(id=1, active_end=1)
    utterance.measure(frames((SOFT, speech)))

    assert utterance.softest(SegmenterSettings()) == pytest.approx(softest)


@pytest.mark.parametrize(
    ("heard", "expected"),
    [
        ([(SOFT, -20.0)], False),
        ([(SOFT, -20.0), (SOFT, -20.0)], True),
        ([(SOFT, -20.0), (SILENT, -90.0), (SOFT, -20.0)], True),
        ([(SOFT, -20.0), (SILENT, -90.0), (SILENT, -90.0), (SOFT, -20.0)], False),
        ([(SOFT, -20.0), (SOFT, -20.0), (SILENT, -90.0)], False),
        ([(SOFT, -20.0), (SILENT, -38.0)], True),  # as loud as soft syllables, and above the noise
        ([(SOFT, -20.0), (SILENT, -38.1)], False),
    ],
)
def test_two_of_the_three_newest_frames_keep_an_utterance_going_the_newest_among_them(
    heard: list[tuple[int, float]], expected: bool
) -> None:
    assert keeps_going(frames(*heard), -38.0, SegmenterSettings()) is expected


@pytest.mark.parametrize(("rise_db", "expected"), [(22.0, True), (22.1, False)])
def test_what_the_detector_misses_has_to_stand_out_of_the_noise(rise_db: float, expected: bool) -> None:
    heard = frames((SOFT, -20.0), (SILENT, -38.0))

    assert keeps_going(heard, -38.0, SegmenterSettings(floor_rise_db=rise_db)) is expected


@pytest.mark.parametrize(("frames", "milliseconds"), [(200, 500), (201, 499.04), (325, 380), (450, 260), (500, 260)])
def test_the_longer_an_utterance_the_shorter_a_silence_ends_it(frames: int, milliseconds: float) -> None:
    assert OpenUtterance(id=1, active_end=frames).end_silence_ms(SegmenterSettings()) == pytest.approx(milliseconds)


def test_a_tail_is_expected_after_speech_only() -> None:
    tail = Tail()
    tail.follow(level=-30.0, below=-30.0, end_sample=8000)
    tail.follow(level=-30.1, below=-30.0, end_sample=16_000)

    assert [tail.holds(position, -31.0) for position in (7999, 8000)] == [True, False]
    assert not tail.holds(0, -30.0)
    assert not Tail(end_sample=8000).holds(0, -90.0)  # before any speech
