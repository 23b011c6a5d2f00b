from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import pytest

from streamer.asr.fbank import fbank
from streamer.asr.heard import AcousticOutput
from streamer.asr.modelpack import load_pack
from streamer.asr.models import LoadedModels, load_models
from streamer.asr.packwriter import write_tables
from streamer.asr.recognizer import PackRecognizer
from streamer.asr.utterance_features import UtteranceFeatures
from streamer.settings.recognizer import RecognizerSettings
from streamer.types import EndReason, Utterance
from tests.asr.echoing import chatter, in_room, steps
from tests.tonepack import write_tone_pack

SOUND = steps(in_room(chatter(3.0), 0.6))
Mode = Literal["pack", "never"]


def heard(folder: Path, mode: Mode, *, is_final: bool, monkeypatch: pytest.MonkeyPatch) -> npt.NDArray[np.float32]:
    """What the acoustic model is given of the sound by a pack that was tuned for rooms."""
    pack = write_tone_pack(folder / "tones")
    write_tables(pack, {"dereverberation": {"dry_from": 0.84}})
    given: list[npt.NDArray[np.float32]] = []
    hear_all = LoadedModels.hear_all

    def noted(
        self: LoadedModels, features: Sequence[npt.NDArray[np.float32]], *, second_hearing: int = 0
    ) -> list[AcousticOutput]:
        given.extend(features)
        return hear_all(self, features, second_hearing=second_hearing)

    monkeypatch.setattr(LoadedModels, "hear_all", noted)
    settings = RecognizerSettings(dereverberation=mode)
    with load_models(load_pack(pack), settings) as models:
        end = EndReason.SILENCE if is_final else None
        PackRecognizer(models, settings).recognize(Utterance(1, 0, 0, len(SOUND), SOUND.tobytes(), end))
    return given[0]


@pytest.mark.parametrize("is_final", [True, False])
def test_the_room_is_taken_away_before_the_models_hear(
    tmp_path: Path, is_final: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = heard(tmp_path, "pack", is_final=is_final, monkeypatch=monkeypatch)

    assert np.abs(found - fbank(SOUND)).max() > 0.1
    np.testing.assert_array_equal(
        found,
        UtteranceFeatures(load_pack(tmp_path / "tones").manifest.features, 0.84).features(SOUND, is_final=is_final),
    )


def test_a_user_may_have_the_sound_heard_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.testing.assert_array_equal(heard(tmp_path, "never", is_final=True, monkeypatch=monkeypatch), fbank(SOUND))
