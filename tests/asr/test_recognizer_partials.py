"""What is recognised of an utterance while it grows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from streamer.asr.heard import AcousticOutput
from streamer.asr.models import LoadedModels
from streamer.asr.recognizer import PackRecognizer
from streamer.settings.recognizer import RecognizerSettings
from streamer.settings.search import SearchSettings
from streamer.types import EndReason, Utterance
from tests.asr.snapshots import SOUND, START, snapshot
from tests.tonepack import hiss, tone


def test_a_snapshot_that_grows_gives_what_the_whole_gives(models: LoadedModels) -> None:
    grown = PackRecognizer(models)
    for revision, seconds in enumerate((0.1, 0.5, 0.9, 1.2)):
        grown.recognize(snapshot(seconds, revision=revision))

    final = snapshot(revision=4, end_reason=EndReason.SILENCE)

    assert grown.recognize(final) == PackRecognizer(models).recognize(final)


def test_a_final_shorter_than_its_partial_is_decoded_anew(models: LoadedModels) -> None:
    recognizer = PackRecognizer(models)
    recognizer.recognize(snapshot(1.5))

    final = snapshot(0.7, revision=1, end_reason=EndReason.SILENCE)

    assert recognizer.recognize(final) == PackRecognizer(models).recognize(final)


def test_finals_are_heard_twice_and_partials_once(models: LoadedModels, monkeypatch: pytest.MonkeyPatch) -> None:
    hear_all, hearings = LoadedModels.hear_all, []

    def noted(
        self: LoadedModels, features: Sequence[npt.NDArray[np.float32]], *, second_hearing: int = 0
    ) -> list[AcousticOutput]:
        hearings.append(second_hearing)
        return hear_all(self, features, second_hearing=second_hearing)

    monkeypatch.setattr(LoadedModels, "hear_all", noted)
    settings = RecognizerSettings(decoding="beam", search=SearchSettings(second_hearing=3))
    recognizer = PackRecognizer(models, settings)
    recognizer.recognize(snapshot(0.9))
    final = recognizer.recognize(snapshot(revision=1, end_reason=EndReason.SILENCE))

    assert hearings == [0, 3]
    assert recognizer.recognize_all([snapshot(revision=1, end_reason=EndReason.SILENCE)]) == [final]
    assert hearings == [0, 3, 3]
    assert final.text == "播佛A"


def test_tokens_of_a_partial_that_is_heard_later_lie_where_they_are_said(models: LoadedModels) -> None:
    recognizer = PackRecognizer(models, RecognizerSettings(decoding="beam", search=SearchSettings(second_hearing=4)))
    pcm = np.concatenate([SOUND, hiss(0.5)]).tobytes()
    long = replace(snapshot(), pcm=pcm, end_sample=START + len(pcm) // 2)
    on_time = recognizer.recognize(long)
    # Four frames are a step of this model: heard so much later, everything lies a step later in it.
    late = recognizer.recognize(replace(long, revision=1))

    assert late.text == "播佛A"
    assert [token.start_sample for token in late.tokens] == [token.start_sample for token in on_time.tokens]


@pytest.mark.parametrize("end", [EndReason.SILENCE, None], ids=["ended", "replaced"])
def test_the_first_partial_of_another_utterance_is_heard_alone(models: LoadedModels, end: EndReason | None) -> None:
    settings = RecognizerSettings(decoding="beam", search=SearchSettings(second_hearing=3))
    recognizer = PackRecognizer(models, settings)
    pcm = np.concatenate([tone(2, 0.2), hiss(1.8)]).tobytes()
    for revision, reason in ((0, None), (1, end)):
        recognizer.recognize(Utterance(6, revision, 0, len(pcm) // 2, pcm, reason))
    pcm = np.concatenate([SOUND, hiss(0.5)]).tobytes()
    other = Utterance(7, 0, START, START + len(pcm) // 2, pcm)

    assert recognizer.recognize(other) == PackRecognizer(models, settings).recognize(other)


def test_fewer_syllables_than_are_shown_have_no_characters(models: LoadedModels) -> None:
    hypothesis = PackRecognizer(models, written_from=2).recognize(snapshot(0.7))
    (token,) = hypothesis.tokens
    (written,) = PackRecognizer(models).recognize(snapshot(0.7)).tokens

    assert (token.text, token.syllable) == ("", "bo1")
    assert (token.start_sample, token.end_sample) == (written.start_sample, written.end_sample)


def test_as_many_syllables_as_are_shown_have_characters(models: LoadedModels) -> None:
    recognizer = PackRecognizer(models, written_from=2)
    recognizer.recognize(snapshot(0.7))

    assert recognizer.recognize(snapshot(revision=1)) == PackRecognizer(models).recognize(snapshot(revision=1))
    assert recognizer.recognize(snapshot(0.7, revision=2)).text == "播"


def test_a_pause_after_one_syllable_shows_it_for_good(models: LoadedModels) -> None:
    recognizer = PackRecognizer(models, written_from=2)

    assert recognizer.recognize(snapshot(0.7, end_reason=EndReason.SILENCE)).text == "播"
    assert recognizer.recognize(snapshot(0.75, revision=1)).text == "播"


def test_what_overlaps_the_utterance_before_has_characters_from_the_first_syllable_on(models: LoadedModels) -> None:
    overlapping = replace(snapshot(0.7), overlap_samples=3200)

    assert PackRecognizer(models, written_from=2).recognize(overlapping).text == "播"
