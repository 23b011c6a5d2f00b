from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from streamer.settings.gate import GateSettings
from streamer.types import EndReason, Hypothesis, Token, Utterance
from streamer.vad.gate import GatedRecognizer, reads_like_speech, sounds_like_speech
from streamer.vad.sound import SoundStatistics
from tests.vad.test_sound import pcm, voice

SPEECH = SoundStatistics(level_dbfs=-30, level_range_db=25, voiced_run=12, pitch_steps=80, steady_share=0.1)


SYLLABLES = [f"{consonant}{vowel}1" for vowel in "au" for consonant in "bpmfdtnl"]


def hypothesis(*scores: float | None) -> Hypothesis:
    """Of a second, with a different syllable for each score."""
    pairs = zip(SYLLABLES, scores, strict=False)
    return Hypothesis(1, 0, 0, 16_000, tuple(Token("字", syllable, 0, 100, score) for syllable, score in pairs))


class FixedRecognizer:
    """Hears the same in everything, and counts how often it is asked."""

    def __init__(self, heard: Hypothesis) -> None:
        self.asked = 0
        self._heard = heard

    def recognize(self, utterance: Utterance) -> Hypothesis:
        self.asked += 1
        return self._heard


class EchoRecognizer:
    """Hears the same syllables in every utterance, and notes their ids."""

    def __init__(self) -> None:
        self.heard: list[int] = []

    def recognize(self, utterance: Utterance) -> Hypothesis:
        self.heard.append(utterance.id)
        return replace(hypothesis(*[-0.1] * 8), utterance_id=utterance.id)


def test_speech_passes() -> None:
    assert sounds_like_speech(SPEECH, GateSettings())


@pytest.mark.parametrize(
    "change",
    [{"level_dbfs": -66.1}, {"level_range_db": 1.9}, {"voiced_run": 2}, {"steady_share": 0.5}],
    ids=lambda change: next(iter(change)),
)
def test_each_rule_alone_refuses(change: dict[str, float]) -> None:
    values = {name: getattr(SPEECH, name) for name in SoundStatistics.__slots__}

    assert not sounds_like_speech(SoundStatistics(**(values | change)), GateSettings())


def test_what_just_reaches_each_limit_passes() -> None:
    assert sounds_like_speech(
        SoundStatistics(level_dbfs=-66.0, level_range_db=2.0, voiced_run=3, pitch_steps=40, steady_share=0.29),
        GateSettings(),
    )


@pytest.mark.parametrize(("pitch_steps", "passes"), [(39, True), (40, False)])
def test_a_tone_may_be_held_for_a_short_time(pitch_steps: int, passes: bool) -> None:
    held = replace(SPEECH, pitch_steps=pitch_steps, steady_share=1.0)

    assert sounds_like_speech(held, GateSettings()) == passes


def test_scores_decide_by_their_mean() -> None:
    settings = GateSettings(min_mean_score=-1.0)

    assert reads_like_speech(hypothesis(-0.5, -1.5), SPEECH, settings)
    assert not reads_like_speech(hypothesis(-0.5, -1.6), SPEECH, settings)


@pytest.mark.parametrize(
    ("seconds", "steady_share", "passes"), [(3.0, 0.18, True), (3.0, 0.19, False), (1.25, 0.19, True)]
)
def test_few_syllables_in_held_tones_are_a_tune(seconds: float, steady_share: float, passes: bool) -> None:
    heard = replace(hypothesis(-0.1, -0.1), end_sample=round(16_000 * seconds))
    sound = replace(SPEECH, pitch_steps=20, steady_share=steady_share)

    assert reads_like_speech(heard, sound, GateSettings()) == passes


def test_syllables_are_few_for_the_length_of_their_utterance_wherever_it_begins() -> None:
    heard = replace(hypothesis(-0.1, -0.1), start_sample=160_000, end_sample=180_000)

    assert reads_like_speech(heard, replace(SPEECH, pitch_steps=20, steady_share=0.19), GateSettings())


def test_nothing_is_no_tune() -> None:
    assert reads_like_speech(replace(hypothesis(), end_sample=10 * 16_000), SPEECH, GateSettings())


@pytest.mark.parametrize(("pitch_steps", "passes"), [(9, True), (10, False)])
def test_short_word_may_hold_its_pitch(pitch_steps: int, passes: bool) -> None:
    sound = replace(SPEECH, pitch_steps=pitch_steps, steady_share=0.5)

    assert reads_like_speech(hypothesis(-0.1), sound, GateSettings()) == passes


@pytest.mark.parametrize(
    ("syllables", "seconds", "passes"),
    [
        (["ba1"], 2.0, True),
        (["ba1"], 2.1, False),
        (["duo1", "ba1", "ba4", "ba1", "ba1"], 4.0, True),
        (["duo1", "ba1", "ba4", "ba1", "ba1"], 4.1, False),
        (["dui4"] * 9, 5.0, True),
        (["dui4"] * 8, 5.0, False),
    ],
    ids=["a word", "a held note", "slow", "a tune", "a quick voice", "a slow tune"],
)
def test_the_same_few_syllables_again_and_again_are_a_tune(syllables: list[str], seconds: float, passes: bool) -> None:
    tokens = tuple(Token("字", syllable, 0, 100, -0.1) for syllable in syllables)

    assert reads_like_speech(Hypothesis(1, 0, 0, round(16_000 * seconds), tokens), SPEECH, GateSettings()) == passes


@pytest.mark.parametrize(
    ("level_range_db", "seconds", "syllables", "score", "passes"),
    [
        (12.9, 4.0, 7, -1.0, False),
        (13.0, 4.0, 7, -1.0, True),
        (12.9, 3.0, 7, -1.0, True),
        (12.9, 3.0, 7, -1.5, False),
        (12.9, 3.0, 8, -1.6, True),
        (12.9, 3.0, 8, -1.8, False),
        (12.9, 3.0, 7, None, True),
    ],
    ids=["few", "no murmur", "enough", "unsure and short", "unsure and long", "guessed", "pack without scores"],
)
def test_murmur_needs_more(
    level_range_db: float, seconds: float, syllables: int, score: float | None, passes: bool
) -> None:
    heard = replace(hypothesis(*[score] * syllables), end_sample=round(16_000 * seconds))
    sound = replace(SPEECH, level_range_db=level_range_db)

    assert reads_like_speech(heard, sound, GateSettings()) == passes


@pytest.mark.parametrize(("syllables", "passes"), [(14, False), (15, True)])
def test_the_less_a_murmur_rises_and_falls_the_more_syllables_it_must_give(syllables: int, passes: bool) -> None:
    heard = replace(hypothesis(*[-1.0] * syllables), end_sample=5 * 16_000)
    sound = replace(SPEECH, level_range_db=9.0)  # 4 dB below a murmur's range: 1.8 + 4 × 0.3 syllables a second

    assert reads_like_speech(heard, sound, GateSettings(voice_syllables=0)) == passes


@pytest.mark.parametrize(
    ("syllables", "seconds", "score", "passes"),
    [
        (12, 5.0, -0.6, True),
        (12, 5.0, -0.7, False),
        (11, 5.0, -0.1, False),
        (16, 4.0, -2.3, True),
        (16, 4.0, -2.4, False),
        (12, 5.0, None, False),
    ],
    ids=["likely", "less likely", "fewer", "quick and unlikely", "quick and guessed", "pack without scores"],
)
def test_a_dozen_syllables_in_a_row_are_one_voice_in_noise_if_quick_or_likely(
    syllables: int, seconds: float, score: float | None, passes: bool
) -> None:
    heard = replace(hypothesis(*[score] * syllables), end_sample=round(16_000 * seconds))
    sound = replace(SPEECH, level_range_db=9.0)  # 1.8 of the evidence, which must reach 3.8

    assert reads_like_speech(heard, sound, GateSettings()) == passes


def test_many_syllables_are_one_voice_only_where_a_number_is_set() -> None:
    heard = replace(hypothesis(*[-0.6] * 12), end_sample=5 * 16_000)
    sound = replace(SPEECH, level_range_db=9.0)

    assert not reads_like_speech(heard, sound, GateSettings(voice_syllables=0))


def test_a_murmur_must_reach_what_all_must() -> None:
    murmur, heard = replace(SPEECH, level_range_db=12.9), hypothesis(*[-1.2] * 7)

    assert reads_like_speech(heard, murmur, GateSettings())
    assert not reads_like_speech(heard, murmur, GateSettings(min_mean_score=-1.1))


def test_pack_without_scores_passes() -> None:
    assert reads_like_speech(hypothesis(None, None), SPEECH, GateSettings(min_mean_score=-1.0))


def test_noise_never_reaches_the_models() -> None:
    inner = FixedRecognizer(hypothesis(-0.1))
    noise = pcm(0.1 * np.random.default_rng(1).standard_normal(16_000))
    found = GatedRecognizer(inner, GateSettings()).recognize(Utterance(7, 3, 320, 16_320, noise, EndReason.SILENCE))

    assert found == Hypothesis(7, 3, 320, 16_320, (), is_final=True)
    assert inner.asked == 0


def test_unsure_text_is_left_out() -> None:
    inner = FixedRecognizer(hypothesis(-5.0))
    speech = Utterance(1, 0, 0, 16_000, pcm(voice(150, 250) * np.linspace(0.01, 1, 16_000)))

    assert GatedRecognizer(inner, GateSettings()).recognize(speech).tokens == hypothesis(-5.0).tokens
    assert GatedRecognizer(inner, GateSettings(min_mean_score=-1.0)).recognize(speech).tokens == ()


@pytest.mark.parametrize("pcm", [None, b""])
def test_an_utterance_without_its_sound_is_left_to_the_recogniser(pcm: bytes | None) -> None:
    heard, utterance = hypothesis(*[-0.1] * 8), Utterance(1, 0, 0, 16_000, pcm, EndReason.SILENCE)
    inner = FixedRecognizer(heard)
    gated = GatedRecognizer(inner, GateSettings())

    found = [gated.recognize(utterance), *gated.recognize_all([utterance])]

    assert [each.tokens for each in found] == [heard.tokens] * 2
    assert inner.asked == 2


def test_of_several_utterances_only_those_that_may_be_speech_reach_the_models() -> None:
    random = np.random.default_rng(1)
    noise = pcm(0.1 * random.standard_normal(16_000))
    speech = pcm(np.concatenate([voice(150, 250), 0.01 * voice(150, 250)]))
    utterances = [
        Utterance(number, 0, 320, 16_320, sound, EndReason.SILENCE)
        for number, sound in enumerate((noise, speech, noise, b""), start=1)
    ]
    inner = EchoRecognizer()

    found = GatedRecognizer(inner, GateSettings()).recognize_all(utterances)

    assert inner.heard == [2, 4]
    each = GatedRecognizer(EchoRecognizer(), GateSettings())
    assert found == [each.recognize(utterance) for utterance in utterances]
    assert [bool(hypothesis.tokens) for hypothesis in found] == [False, True, False, True]
