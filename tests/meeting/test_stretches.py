from __future__ import annotations

from streamer.meeting.stretches import stretches


def test_gaps_and_pauses_cut():
    assert stretches([(0, 100)], [30, 0, 100, 30, 60]) == ((0, 30), (30, 60), (60, 100))


def test_holes_in_the_recording_cut():
    assert stretches([(0, 50), (70, 100)], [60, 80]) == ((0, 50), (70, 80), (80, 100))


def test_what_edits_own_is_left_out():
    assert stretches([(0, 100)], [50], excluded=[(10, 20), (40, 60), (90, 100)]) == ((0, 10), (20, 40), (60, 90))


def test_a_limit_ends_everything():
    assert stretches([(0, 50), (70, 100)], upto=80) == ((0, 50), (70, 80))
    assert stretches([(0, 50)], upto=0) == ()
