from __future__ import annotations

from streamer.pipeline.partials import PartialCadence
from streamer.settings.captions import CaptionSettings
from streamer.types import Hypothesis, Token

INTERVAL = 4800
"""300 ms in samples."""


A = Token("啊", "a1", 0, 3200, -0.1, 0.9)


def heard(*tokens: Token, samples: int = 16_000) -> Hypothesis:
    return Hypothesis(1, 0, 0, samples, tokens)


def cadence() -> PartialCadence:
    return PartialCadence(CaptionSettings(partial_interval_ms=300, partial_interval_max_ms=600))


def test_first_snapshot_is_due_when_the_utterance_may_give_text() -> None:
    policy = PartialCadence(CaptionSettings(first_partial_ms=500))
    policy.start(3200)

    assert not policy.is_due(3200 + 7999)
    assert policy.is_due(3200 + 8000)


def test_next_snapshot_is_due_after_the_interval() -> None:
    policy = cadence()
    policy.take(1000)

    assert not policy.is_due(1000 + INTERVAL - 1)
    assert policy.is_due(1000 + INTERVAL)


def test_new_utterance_does_not_wait_for_the_interval_of_the_one_before() -> None:
    policy = PartialCadence(CaptionSettings(first_partial_ms=0))
    policy.take(1000)
    policy.start(1000)

    assert policy.is_due(1001)


def test_interval_grows_with_lag_up_to_its_maximum() -> None:
    policy = cadence()
    lengths = []
    for _ in range(3):
        policy.observe(100_000)
        lengths.append(policy.interval_samples)

    assert lengths == [7200, 9600, 9600]


def test_interval_shrinks_back_once_captions_keep_up() -> None:
    policy = cadence()
    policy.observe(100_000)
    lengths = []
    for _ in range(3):
        policy.observe(0)
        lengths.append(policy.interval_samples)

    assert lengths == [5760, 4800, 4800]


def test_moderate_lag_changes_nothing() -> None:
    policy = cadence()
    policy.observe(INTERVAL)

    assert policy.interval_samples == INTERVAL


def test_a_speaker_who_waits_for_the_first_text_gets_a_snapshot_every_40_ms() -> None:
    cadence = PartialCadence(CaptionSettings(partial_interval_ms=300))
    cadence.take(16_000)
    cadence.decoded(heard(A), is_shown=False)

    assert not cadence.is_due(16_000 + 639)
    assert cadence.is_due(16_000 + 640)
    cadence.decoded(heard(A), is_shown=True)
    assert not cadence.is_due(16_000 + 640)


def test_snapshots_come_half_as_often_while_no_syllable_is_heard() -> None:
    cadence = PartialCadence(CaptionSettings(partial_interval_ms=300))
    cadence.take(16_000)
    cadence.decoded(heard(), is_shown=False)

    assert not cadence.is_due(16_000 + 1279)
    assert cadence.is_due(16_000 + 1280)


def test_nobody_hurries_while_captions_lag() -> None:
    cadence = PartialCadence(CaptionSettings(partial_interval_ms=300))
    cadence.observe(16_000)
    cadence.take(16_000)
    cadence.decoded(heard(A), is_shown=False)

    assert not cadence.is_due(16_000 + 4_800)


def test_nobody_waits_for_text_where_decoding_failed_or_a_long_utterance_gave_none() -> None:
    cadence = PartialCadence(CaptionSettings(partial_interval_ms=300))
    for hypothesis in (None, heard(samples=24_000)):
        cadence.take(16_000)
        cadence.decoded(hypothesis, is_shown=False)

        assert not cadence.is_due(16_000 + INTERVAL - 1)
    cadence.decoded(heard(samples=23_999), is_shown=False)
    assert cadence.is_due(16_000 + INTERVAL - 1)


def test_nobody_waits_any_more_once_text_is_shown_whatever_comes_after_it() -> None:
    cadence = PartialCadence(CaptionSettings(partial_interval_ms=300))
    cadence.take(16_000)
    cadence.decoded(heard(A), is_shown=True)
    assert cadence.has_text
    cadence.decoded(heard(A), is_shown=False)

    assert cadence.has_text
    assert not cadence.is_due(16_000 + INTERVAL - 1)


def test_the_hurry_for_the_text_of_one_utterance_is_not_that_for_the_next_one() -> None:
    cadence = PartialCadence(CaptionSettings(partial_interval_ms=300))
    cadence.decoded(heard(A), is_shown=False)
    cadence.start(16_000)
    cadence.take(32_000)

    assert not cadence.is_due(32_000 + INTERVAL - 1)


def test_the_next_utterance_is_waited_for_again() -> None:
    cadence = PartialCadence(CaptionSettings(partial_interval_ms=300))
    cadence.decoded(heard(A), is_shown=True)
    cadence.start(16_000)
    cadence.take(16_000)
    cadence.decoded(heard(A), is_shown=False)

    assert cadence.is_due(16_000 + 640)


def test_no_snapshot_is_due_before_the_first_one_may_give_text() -> None:
    policy = PartialCadence(CaptionSettings(first_partial_ms=500))
    policy.start(3200)

    assert policy.until_due(3200 + 320) == 8000 - 320


def test_no_snapshot_is_due_before_the_interval_has_passed() -> None:
    policy = cadence()
    policy.take(16_000)
    policy.decoded(heard(A), is_shown=True)

    assert policy.until_due(16_320) == INTERVAL - 320


def test_a_snapshot_that_is_being_decoded_may_bring_the_next_one_near() -> None:
    policy = cadence()
    policy.start(0)
    policy.take(12_000)
    assert policy.until_due(12_000) == 640
    policy.decoded(heard(samples=12_000), is_shown=False)

    assert policy.until_due(12_000) == 1280
