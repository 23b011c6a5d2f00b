"""What of a gap lies outside pauses, where these were after it."""

from __future__ import annotations

from datetime import timedelta

from streamer.pipeline.pauses import Pauses
from streamer.types import Gap
from tests.virtual_time import EPOCH

GAP = Gap(0, EPOCH, 1.0, "sound came too fast")


def test_of_a_gap_that_is_told_of_after_a_later_pause_all_is_outside() -> None:
    pauses = Pauses()
    pauses.begin(EPOCH + timedelta(seconds=5))
    pauses.end(EPOCH + timedelta(seconds=8))

    assert list(pauses.outside(GAP)) == [GAP]


def test_of_a_gap_that_is_told_of_in_a_later_pause_all_is_outside() -> None:
    pauses = Pauses()
    pauses.begin(EPOCH + timedelta(seconds=5))

    assert list(pauses.outside(GAP)) == [GAP]


def test_of_a_gap_after_sound_was_recorded_again_all_is_outside() -> None:
    pauses = Pauses()
    pauses.begin(EPOCH)
    pauses.end(EPOCH + timedelta(seconds=0.5))
    assert [gap.seconds for gap in pauses.outside(GAP)] == [0.5]
    pauses.forget()

    assert list(pauses.outside(GAP)) == [GAP]
