"""The evidence gate: whether what is decoded was said."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from streamer.interfaces import Recognizer, recognize_all
from streamer.settings.gate import GateSettings
from streamer.types import SAMPLE_RATE, Hypothesis, Utterance
from streamer.vad.early import EarlyEvidence
from streamer.vad.sound import SoundMeter, SoundStatistics

_VOICE_SCORE, _VOICE_RANGE = 0.6, 0.2
"""Syllables a second that a log-probability of the mean and a decibel of range stand for, where they are weighed
against each other: a logistic regression of 950 utterances in noise and 670 of crowds, tune.tsv."""


def sounds_like_speech(sound: SoundStatistics, settings: GateSettings) -> bool:
    """Whether a sound may hold speech at all: loud enough, with a voice in it, and no held tones only."""
    if sound.level_dbfs < settings.min_level_dbfs or sound.level_range_db < settings.min_level_range_db:
        return False
    held = sound.pitch_steps >= settings.steady_steps and sound.steady_share > settings.max_steady_share
    return sound.voiced_run >= settings.min_voiced_frames and not held


def reads_like_speech(hypothesis: Hypothesis, sound: SoundStatistics, settings: GateSettings) -> bool:
    """Whether what the models heard is enough for its sound: syllables for a tune; scores, where there are any.

    A murmur, which hardly rises and falls, has to give both; the flatter it is, the more syllables: of many voices at
    once only a word here and there is caught, of one voice in noise nearly every one.
    """
    seconds = (hypothesis.end_sample - hypothesis.start_sample) / SAMPLE_RATE
    if _reads_like_tune(hypothesis, sound, seconds, settings):
        return False
    scores = [token.score for token in hypothesis.tokens if token.score is not None]
    mean = sum(scores) / len(scores) if scores else None
    if mean is not None and mean < settings.min_mean_score:
        return False
    if sound.level_range_db >= settings.murmur_range_db:
        return True
    count = len(hypothesis.tokens)
    return _is_one_voice(count, seconds, mean, sound, settings) or _is_caught(count, seconds, mean, sound, settings)


def _is_caught(count: int, seconds: float, mean: float | None, sound: SoundStatistics, settings: GateSettings) -> bool:
    """Whether a murmur gives enough syllables, and likely ones, to have been said by somebody near.

    Args:
        count: syllables.
        seconds: in which they were heard.
        mean: of their log-probabilities; None where there are none.
        sound: with a range below that of what is no murmur.
        settings: the limits.
    """
    flatter_db = settings.murmur_range_db - sound.level_range_db
    if count < (settings.murmur_syllables_per_s + settings.murmur_syllables_per_db * flatter_db) * seconds:
        return False
    least = settings.murmur_mean_score if count < settings.murmur_syllables else settings.murmur_long_mean_score
    return mean is None or mean >= least


def _is_one_voice(
    count: int, seconds: float, mean: float | None, sound: SoundStatistics, settings: GateSettings
) -> bool:
    """Whether so much is heard in a row that it is one voice in noise: a crowd gives a dozen syllables now and then.

    The arguments are those of :func:`_is_caught`. Neither the syllables nor their likelihood alone tell both apart, and
    one makes up for the other.
    """
    if mean is None or mean < settings.voice_mean_score or not 0 < settings.voice_syllables <= count:
        return False
    evidence = count / seconds + _VOICE_SCORE * mean + _VOICE_RANGE * sound.level_range_db
    return evidence >= settings.voice_evidence


def _reads_like_tune(hypothesis: Hypothesis, sound: SoundStatistics, seconds: float, settings: GateSettings) -> bool:
    """Whether there are few syllables for held tones, or few and the same again and again."""
    count = len(hypothesis.tokens)
    held = sound.pitch_steps >= settings.sparse_steady_steps and sound.steady_share > settings.max_sparse_steady_share
    if held and count < settings.sparse_syllables_per_s * seconds:
        return True
    different = len({token.syllable.rstrip("012345") for token in hypothesis.tokens})
    few = 0 < count < settings.repeated_syllables_per_s * seconds
    return few and different < settings.repeated_different_per_s * seconds


class GatedRecognizer:
    """A :class:`~streamer.interfaces.Recognizer` that gives no text without evidence.

    Sound that cannot be speech never reaches the models. A final depends on its samples and the settings only; whether
    a growing utterance may be shown also depends on what was heard of it before.
    """

    def __init__(self, recognizer: Recognizer, settings: GateSettings) -> None:
        """``recognizer``: decodes what passes."""
        self._recognizer = recognizer
        self._settings = settings
        self._meter = SoundMeter(settings.min_voiced_frames)
        self._early = EarlyEvidence(settings)

    def recognize(self, utterance: Utterance) -> Hypothesis:
        """Decode one snapshot; without tokens where evidence is lacking.

        Raises:
            RecognizerError: the snapshot cannot be decoded.
        """
        sound = self._meter.measure(utterance.pcm or b"")
        hypothesis = self._heard(utterance, sound)
        return dataclasses.replace(hypothesis, is_convincing=self._early.is_convincing(hypothesis, sound))

    def recognize_all(self, utterances: Sequence[Utterance]) -> list[Hypothesis]:
        """As :meth:`recognize` of utterances that have ended, which costs less of several together.

        Raises:
            RecognizerError: one of them cannot be decoded.
        """
        sounds = [self._meter.measure(each.pcm or b"") for each in utterances]
        may_speak = [self._may_speak(each, sound) for each, sound in zip(utterances, sounds, strict=True)]
        heard = iter(
            recognize_all(self._recognizer, [each for each, may in zip(utterances, may_speak, strict=True) if may])
        )
        found = []
        for utterance, sound, may in zip(utterances, sounds, may_speak, strict=True):
            hypothesis = self._evident(next(heard), sound) if may else _nothing(utterance)
            found.append(dataclasses.replace(hypothesis, is_convincing=self._early.is_convincing(hypothesis, sound)))
        return found

    def _heard(self, utterance: Utterance, sound: SoundStatistics) -> Hypothesis:
        if not self._may_speak(utterance, sound):
            return _nothing(utterance)
        return self._evident(self._recognizer.recognize(utterance), sound)

    def _may_speak(self, utterance: Utterance, sound: SoundStatistics) -> bool:
        return not utterance.pcm or sounds_like_speech(sound, self._settings)

    def _evident(self, hypothesis: Hypothesis, sound: SoundStatistics) -> Hypothesis:
        if reads_like_speech(hypothesis, sound, self._settings):
            return hypothesis
        return dataclasses.replace(hypothesis, tokens=())


def _nothing(utterance: Utterance) -> Hypothesis:
    return Hypothesis(
        utterance_id=utterance.id,
        revision=utterance.revision,
        start_sample=utterance.start_sample,
        end_sample=utterance.end_sample,
        tokens=(),
        is_final=utterance.end_reason is not None,
    )
