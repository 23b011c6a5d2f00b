"""Utterances that share sound, because speech was cut by force."""

from __future__ import annotations

from streamer.types import EndReason
from tests.stitcher.stitching import STEP, feed, final, spoken, stitcher, utterance

LEFT = utterance(1, syllables=12, end_reason=EndReason.FORCED, overlap_after_samples=4 * STEP)


RIGHT = utterance(2, start=8 * STEP, syllables=8, end_reason=EndReason.SILENCE, overlap_samples=4 * STEP)


SENTENCE = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳"


def test_shared_sound_belongs_to_the_next_segment() -> None:
    stitch = stitcher()
    ended, opened = stitch.push(LEFT, final(LEFT, spoken(SENTENCE[:12])))

    assert (ended.spoken, ended.is_final, ended.start_sample, ended.end_sample) == (SENTENCE[:8], True, 0, 8 * STEP)
    assert ended.end_reason is EndReason.FORCED
    assert (opened.id, opened.spoken, opened.is_final, opened.stable_length) == (2, SENTENCE[8:12], False, 0)

    (last,) = stitch.push(RIGHT, final(RIGHT, spoken(SENTENCE[8:16], 8 * STEP)))
    assert (last.spoken, last.start_sample, last.end_sample) == (SENTENCE[8:16], 8 * STEP, 16 * STEP)


def test_a_syllable_in_the_middle_of_which_the_shared_sound_begins_belongs_to_the_next_segment() -> None:
    ended, opened = stitcher().push(LEFT, final(LEFT, spoken(SENTENCE[:12], -STEP // 2)))

    assert (ended.spoken, opened.spoken) == (SENTENCE[:8], SENTENCE[8:12])


def test_half_syllables_at_the_edges_are_left_out() -> None:
    stitch = stitcher()
    stitch.push(LEFT, final(LEFT, spoken(SENTENCE[:11] + "错")))
    (last,) = stitch.push(RIGHT, final(RIGHT, spoken("误" + SENTENCE[9:16], 8 * STEP)))

    assert last.spoken == SENTENCE[8:16]


def test_syllable_before_the_seam_is_not_doubled() -> None:
    stitch = stitcher()
    stitch.push(LEFT, final(LEFT, spoken(SENTENCE[:12])))
    late = 8 * STEP - STEP // 3
    (last,) = stitch.push(RIGHT, final(RIGHT, spoken(SENTENCE[7:16], late)))

    assert last.spoken == SENTENCE[8:16]


def test_nothing_is_opened_where_nothing_was_heard_of_the_shared_sound() -> None:
    (ended,) = stitcher().push(LEFT, final(LEFT, spoken(SENTENCE[:8])))

    assert (ended.id, ended.spoken) == (1, SENTENCE[:8])


def test_held_text_stays_where_the_next_utterance_hears_nothing() -> None:
    stitch = stitcher()
    stitch.push(LEFT, final(LEFT, spoken(SENTENCE[:12])))
    (last,) = stitch.push(RIGHT, final(RIGHT, ()))

    assert last.spoken == SENTENCE[8:12]


def test_partials_are_joined_with_what_is_held() -> None:
    stitch = stitcher()
    stitch.push(LEFT, final(LEFT, spoken(SENTENCE[:12])))
    segments = feed(stitch, RIGHT, SENTENCE[8:13], SENTENCE[8:14])

    assert [(segment.spoken, segment.stable_length) for segment in segments] == [
        (SENTENCE[8:13], 0),
        (SENTENCE[8:14], 5),
    ]
