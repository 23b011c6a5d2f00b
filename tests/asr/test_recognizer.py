from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from streamer.asr.decoded import Decoded
from streamer.asr.decoder import Decoder
from streamer.asr.heard import AcousticOutput
from streamer.asr.hotword_list import Hotword
from streamer.asr.modelpack import load_pack
from streamer.asr.models import LoadedModels, load_models
from streamer.asr.recognizer import PackRecognizer
from streamer.errors import FeatureError, PackError, RecognizerError
from streamer.settings.recognizer import RecognizerSettings
from streamer.types import EndReason, Hypothesis, Utterance
from tests.asr.snapshots import SOUND, START, snapshot
from tests.tonepack import hiss, with_readings, write_tone_pack


@pytest.fixture
def bare_models(tmp_path: Path) -> Iterator[LoadedModels]:
    pack = load_pack(write_tone_pack(tmp_path / "bare", static=True, log_probs=False))
    with load_models(pack, RecognizerSettings()) as loaded:
        yield loaded


def test_tokens_with_characters_syllables_times_and_scores(models: LoadedModels) -> None:
    hypothesis = PackRecognizer(models).recognize(snapshot())

    assert hypothesis.text == "播佛A"
    assert [token.syllable for token in hypothesis.tokens] == ["bo1", "fo4", "A"]
    starts = [token.start_sample - START for token in hypothesis.tokens]
    np.testing.assert_allclose(starts, [4800, 12_800, 16_000], atol=640)
    assert all(token.start_sample < token.end_sample for token in hypothesis.tokens)
    assert all(token.score is not None and -2 < token.score < -0.25 for token in hypothesis.tokens)


def test_a_hypothesis_says_what_it_is_of(models: LoadedModels) -> None:
    hypothesis = PackRecognizer(models).recognize(snapshot(revision=3, end_reason=EndReason.SILENCE))

    assert (hypothesis.utterance_id, hypothesis.revision, hypothesis.is_final) == (7, 3, True)
    assert (hypothesis.start_sample, hypothesis.end_sample) == (START, START + len(SOUND))
    assert hypothesis.pack == "tones"


def test_the_next_utterance_starts_anew(models: LoadedModels) -> None:
    recognizer = PackRecognizer(models)
    first = recognizer.recognize(snapshot(end_reason=EndReason.SILENCE))

    assert recognizer.recognize(snapshot(end_reason=EndReason.SILENCE)) == first


@pytest.mark.parametrize("decoding", ["greedy", "beam"])
def test_several_utterances_give_what_each_gives(models: LoadedModels, decoding: str) -> None:
    settings = RecognizerSettings(decoding=decoding)
    whole = snapshot(end_reason=EndReason.SILENCE)
    utterances = [
        replace(whole, id=1),
        replace(snapshot(0.9, end_reason=EndReason.FORCED), id=2),
        replace(whole, id=3, overlap_samples=320),
        replace(whole, id=4, pcm=b""),
        replace(snapshot(1.2, end_reason=EndReason.STOP), id=5),
    ]
    each = PackRecognizer(models, settings)

    assert PackRecognizer(models, settings).recognize_all(utterances) == [each.recognize(one) for one in utterances]
    assert PackRecognizer(models, settings).recognize_all([]) == []


def test_one_of_several_without_samples_is_an_error(models: LoadedModels) -> None:
    utterances = [snapshot(end_reason=EndReason.SILENCE), replace(snapshot(), id=8, pcm=None)]

    with pytest.raises(RecognizerError, match="utterance 8 revision 0 carries no samples"):
        PackRecognizer(models).recognize_all(utterances)


def test_recognisers_of_two_rooms_share_models(models: LoadedModels) -> None:
    one, other = PackRecognizer(models), PackRecognizer(models)
    one.recognize(snapshot(0.6))
    other.recognize(snapshot(1.1))

    assert one.recognize(snapshot(revision=1)) == other.recognize(snapshot(revision=1))


def test_bare_ids_are_spread_over_the_span_without_scores(bare_models: LoadedModels) -> None:
    hypothesis = PackRecognizer(bare_models).recognize(snapshot())

    assert hypothesis.text == "播佛A"
    assert [(token.start_sample, token.end_sample) for token in hypothesis.tokens] == [
        (START, START + 8000),
        (START + 8000, START + 16_000),
        (START + 16_000, START + 24_000),
    ]
    assert [token.score for token in hypothesis.tokens] == [None] * 3


@pytest.mark.parametrize("pcm", [b"", hiss(1.0).tobytes(), np.zeros(1, np.int16).tobytes()])
def test_nothing_heard_is_an_empty_hypothesis(models: LoadedModels, pcm: bytes) -> None:
    utterance = Utterance(1, 0, 0, len(pcm) // 2, pcm, EndReason.STOP)

    assert PackRecognizer(models).recognize(utterance) == Hypothesis(1, 0, 0, len(pcm) // 2, (), True, "tones")


def test_tokens_below_the_token_gate_are_dropped(models: LoadedModels) -> None:
    recognizer = PackRecognizer(models, RecognizerSettings(min_token_score=-1e-6))

    assert recognizer.recognize(snapshot()).tokens == ()


def test_a_hypothesis_below_the_mean_gate_is_empty(models: LoadedModels) -> None:
    assert PackRecognizer(models, RecognizerSettings(min_mean_score=-1e-6)).recognize(snapshot()).tokens == ()
    assert PackRecognizer(models, RecognizerSettings(min_mean_score=-2.0)).recognize(snapshot()).text == "播佛A"


def test_an_utterance_without_samples_is_refused(models: LoadedModels) -> None:
    with pytest.raises(RecognizerError, match="utterance 7 revision 0 carries no samples"):
        PackRecognizer(models).recognize(Utterance(7, 0, 0, 100, None))


def test_an_utterance_over_ten_seconds_is_refused(models: LoadedModels) -> None:
    with pytest.raises(FeatureError, match="160001 samples"):
        PackRecognizer(models).recognize(Utterance(7, 0, 0, 160_001, bytes(320_002)))


@pytest.fixture
def spelling_models(tmp_path: Path) -> Iterator[LoadedModels]:
    """The tiny models in a pack with readings."""
    folder = with_readings(write_tone_pack(tmp_path / "spelling"), "博\tbo1\n福\tfo4\n")
    with load_models(load_pack(folder), RecognizerSettings()) as loaded:
        yield loaded


def test_hotwords_are_written_as_given(spelling_models: LoadedModels) -> None:
    recognizer = PackRecognizer(spelling_models)

    assert recognizer.set_hotwords([Hotword("博福"), Hotword("龘")]) == ["龘"]

    assert recognizer.recognize(snapshot()).text == "博福A"


def test_hotwords_may_be_taken_back(spelling_models: LoadedModels) -> None:
    recognizer = PackRecognizer(spelling_models)
    recognizer.set_hotwords([Hotword("博福")])
    recognizer.set_hotwords([])

    assert recognizer.recognize(snapshot()).text == "播佛A"


def test_hotwords_need_a_reading_table(models: LoadedModels) -> None:
    with pytest.raises(PackError, match="pack tones 1 has no reading table"):
        PackRecognizer(models).set_hotwords([Hotword("博福")])


@pytest.mark.parametrize(
    ("end_reason", "overlap", "is_unbroken"),
    [
        (EndReason.SILENCE, 0, False),
        (EndReason.FORCED, 0, True),
        (EndReason.SILENCE, 9600, True),
        (None, 0, False),
    ],
)
def test_what_was_cut_out_of_speech_is_decoded_as_such(
    models: LoadedModels,
    monkeypatch: pytest.MonkeyPatch,
    end_reason: EndReason | None,
    overlap: int,
    is_unbroken: bool,
) -> None:
    decode, asked = Decoder.decode, []

    def noted(self: Decoder, heard: AcousticOutput, *, is_final: bool, is_unbroken: bool, written_from: int) -> Decoded:
        asked.append(is_unbroken)
        return decode(self, heard, is_final=is_final, is_unbroken=is_unbroken, written_from=written_from)

    monkeypatch.setattr(Decoder, "decode", noted)
    PackRecognizer(models).recognize(replace(snapshot(end_reason=end_reason), overlap_samples=overlap))

    assert asked == [is_unbroken]
