from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from streamer.asr.ctc import greedy
from streamer.asr.fbank import fbank
from streamer.asr.heard import AcousticOutput
from streamer.asr.hearings import mean_hearing
from streamer.asr.modelpack import load_pack
from streamer.asr.models import LoadedModels, load_models
from streamer.asr.packwriter import seal_pack
from streamer.asr.runners.onnx import OnnxRunner
from streamer.errors import RecognizerError
from streamer.settings.recognizer import RecognizerSettings
from tests.tonepack import hiss, rewrite_manifest, sentence, tone, write_tone_pack

SETTINGS = RecognizerSettings()


def test_hears_syllables_with_log_probabilities(models: LoadedModels) -> None:
    features = fbank(sentence())

    heard = models.hear(features)

    assert heard.ids == (0, 3, 3)
    assert heard.log_probs is not None
    assert heard.log_probs.shape == (len(features) // 4, 6)


def test_of_two_hearings_the_second_is_of_later_sound(models: LoadedModels) -> None:
    features = fbank(sentence())

    (heard,) = models.hear_all([features], second_hearing=3)

    second = np.concatenate([features[:1], features[:1], features[:1], features])
    first, again = models.hear(features).log_probs, models.hear(second).log_probs
    assert heard.log_probs is not None
    assert first is not None
    assert again is not None
    np.testing.assert_array_equal(heard.log_probs, mean_hearing(first, again, blank_id=5))
    assert heard.ids == (0, 3, 3)


def test_the_silence_around_an_utterance_is_heard_once(models: LoadedModels, monkeypatch: pytest.MonkeyPatch) -> None:
    run, sizes = OnnxRunner.run, []

    def noted(self: OnnxRunner, feeds: Mapping[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
        sizes.append(feeds["features"].shape[1])
        return run(self, feeds)

    monkeypatch.setattr(OnnxRunner, "run", noted)
    silence = np.zeros((200, 80), np.float32)
    spoken = silence.copy()
    spoken[80:100] = fbank(tone(0, 0.2))[:20]

    models.hear_all([spoken, silence], second_hearing=3)

    # From six steps of four frames before the tone to six behind it, and three frames later.
    assert sizes == [200, 200, 3 + 24 + 20 + 24]


def test_the_longest_utterance_is_heard_twice_in_the_static_form(tmp_path: Path) -> None:
    pack = load_pack(write_tone_pack(tmp_path / "tones", static=True))
    sound = np.concatenate([hiss(9.6), tone(2, 0.2), hiss(0.2)])

    with load_models(pack, SETTINGS) as models:
        (heard,) = models.hear_all([fbank(sound)], second_hearing=3)

    assert heard.log_probs is not None
    assert greedy(heard.log_probs, blank_id=5).ids == (2,)
    assert heard.log_probs.shape == (250, 6)


def test_bare_ids_are_heard_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, runs = OnnxRunner.run, []
    monkeypatch.setattr(OnnxRunner, "run", lambda self, feeds: runs.append(feeds) or run(self, feeds))
    pack = load_pack(write_tone_pack(tmp_path / "tones", log_probs=False))

    with load_models(pack, SETTINGS) as models:
        assert models.hear_all([fbank(sentence())], second_hearing=3) == [AcousticOutput((0, 3, 3), None)]

    assert len(runs) == 1


def test_too_short_a_sound_is_nothing(models: LoadedModels) -> None:
    heard = models.hear(fbank(tone(0, 0.02)))

    assert heard.ids == ()


def test_the_longest_utterance_fits_the_static_form(tmp_path: Path) -> None:
    pack = load_pack(write_tone_pack(tmp_path / "tones", static=True))
    sound = np.concatenate([hiss(9.6), tone(2, 0.2), hiss(0.2)])

    with load_models(pack, SETTINGS) as models:
        assert models.hear(fbank(sound)).ids == (2,)


def test_a_padded_length_lets_the_padding_be_heard(tmp_path: Path) -> None:
    folder = write_tone_pack(tmp_path / "tones", static=True)
    manifest = (folder / "pack.toml").read_text(encoding="utf-8")
    (folder / "pack.toml").write_text(manifest.replace("blank_id = 5", 'blank_id = 5\nlength = "padded"'))

    with load_models(load_pack(folder), SETTINGS) as models:
        heard = models.hear(fbank(sentence()))

    assert heard.log_probs is not None
    assert heard.log_probs.shape == (250, 6)


def test_a_table_of_another_size_than_the_model(tmp_path: Path) -> None:
    folder = write_tone_pack(tmp_path / "tones")
    with (folder / "syllables.txt").open("a", encoding="utf-8") as table:
        table.write("nü3\n")
    rewrite_manifest(folder, "blank_id = 5", "blank_id = 6")
    seal_pack(folder)

    with (
        load_models(load_pack(folder), SETTINGS) as models,
        pytest.raises(
            RecognizerError, match=r"log_probs has 6 columns, expected 7 \(table syllables.txt and a blank\)"
        ),
    ):
        models.hear(fbank(sentence()))


def test_scores_that_are_no_numbers_are_an_error(models: LoadedModels) -> None:
    """As those of a model in fp16 that overflows."""
    features = fbank(sentence())
    features[20] = np.nan

    with pytest.raises(RecognizerError, match=r"the acoustic model gave scores that are no numbers, expected"):
        models.hear(features)
