from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import onnx
import pytest

from streamer.asr.fbank import fbank
from streamer.asr.modelpack import file_digest, load_pack
from streamer.asr.models import LoadedModels, load_models
from streamer.asr.runners.onnx import OnnxRunner
from streamer.errors import PackError, RecognizerError
from streamer.settings.recognizer import RecognizerSettings
from tests.tonepack import language_model, rewrite_manifest, sentence, write_tone_pack

SETTINGS = RecognizerSettings()


@pytest.mark.parametrize("log_probs", [True, False])
def test_static_and_dynamic_forms_agree(tmp_path: Path, log_probs: bool) -> None:
    features = fbank(sentence())
    found = []
    for static in (False, True):
        pack = load_pack(write_tone_pack(tmp_path / str(static), static=static, log_probs=log_probs))
        with load_models(pack, SETTINGS) as models:
            heard = models.hear(features)
            found.append((heard.ids, models.write(heard.ids).ids, models.has_log_probs, models.has_language_scores))

    assert found == [((0, 3, 3), (3, 6, 6), log_probs, log_probs)] * 2


def test_writes_one_character_a_syllable_with_scores(models: LoadedModels) -> None:
    written = models.write((4, 0))

    assert (written.ids, written.scores) == ((7, 3), (-0.25, -0.25))


def test_nothing_heard_is_nothing_written(models: LoadedModels) -> None:
    assert models.write(()).ids == ()


def test_writing_stops_at_the_end_token(models: LoadedModels) -> None:
    # −1 inside the row makes the tiny model give /S there.
    assert models.write((4, -1, 0)).ids == (7,)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "blank_id = 5",
            "blank_id = 4",
            r"blank_id 4 is not beside the ids 0 to 4 of syllables.txt, expected 5$",
        ),
        (
            "blank_id = 5",
            "first_id = 1\nblank_id = 9",
            r"blank_id 9 is not beside the ids 1 to 5 of syllables.txt, expected 0 or 6$",
        ),
        (
            '"characters.txt"\n',
            '"characters.txt"\nend_id = 99\n',
            r"end_id 99 is not in characters.txt, expected 1 to 7",
        ),
        ('file = "language.onnx"', 'file = "acoustic.onnx"', r"acoustic.onnx: input inputs int32\[1, 251\] expected"),
    ],
)
def test_refuses_tables_and_models_that_do_not_fit(tmp_path: Path, old: str, new: str, message: str) -> None:
    folder = write_tone_pack(tmp_path / "tones")
    rewrite_manifest(folder, old, new)

    with pytest.raises(PackError, match=message):
        load_models(load_pack(folder), SETTINGS)


def test_written_scores_that_are_no_numbers_are_an_error(models: LoadedModels, monkeypatch: pytest.MonkeyPatch) -> None:
    run = models._language.run

    def overflowing(feeds: Mapping[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
        return {
            name: found * np.float32(np.nan) if found.dtype == np.float32 else found
            for name, found in run(feeds).items()
        }

    monkeypatch.setattr(models._language, "run", overflowing)

    with pytest.raises(RecognizerError, match=r"the language stage gave scores that are no numbers, expected"):
        models.write((1, 2))


def test_a_failing_second_model_releases_the_first(tmp_path: Path) -> None:
    folder = write_tone_pack(tmp_path / "tones")
    onnx.save(language_model(static=True), folder / "acoustic.onnx")
    rewrite_manifest(folder, '"acoustic.onnx" = "', f'"acoustic.onnx" = "{file_digest(folder / "acoustic.onnx")}" # "')
    closed: list[str] = []

    class CountingRunner(OnnxRunner):
        def close(self) -> None:
            closed.append("closed")
            super().close()

    def open_counting(kind: Literal["onnx", "ascend"], path: Path, settings: RecognizerSettings) -> CountingRunner:
        return CountingRunner(path, settings)

    with pytest.raises(PackError):
        load_models(load_pack(folder), SETTINGS, open_counting)

    assert closed == ["closed", "closed"]
