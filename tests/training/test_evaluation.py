from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

torch = pytest.importorskip("torch")

from streamer.errors import AudioFileError  # noqa: E402
from streamer.training.evaluation import (  # noqa: E402
    ErrorCounts,
    count_errors,
    edit_distance,
    error_rates,
    interval,
    load_utterances,
)
from streamer.training.losses import greedy  # noqa: E402

pytestmark = pytest.mark.train


@pytest.mark.parametrize(
    ("reference", "hypothesis", "distance"),
    [("abc", "abc", 0), ("abc", "", 3), ("", "ab", 2), ("abc", "axc", 1), ("abcd", "bcde", 2)],
)
def test_edit_distance(reference: str, hypothesis: str, distance: int) -> None:
    assert edit_distance(list(reference), list(hypothesis)) == distance


def test_tones_count_in_one_rate_only() -> None:
    counts = count_errors(["ni3", "hao3", "A"], ["ni2", "hao3", "B"])
    assert counts == ErrorCounts(reference=3, toned=2, toneless=1)
    assert error_rates([counts, ErrorCounts(1, 0, 0)]) == (0.5, 0.25)


def test_the_interval_of_equal_utterances_is_a_point() -> None:
    assert interval([ErrorCounts(4, 2, 1)] * 5) == ((0.5, 0.5), (0.25, 0.25))


def test_greedy_leaves_out_repeats_blanks_and_padding() -> None:
    best = torch.tensor([[0, 0, 2, 0, 1], [1, 2, 2, 1, 0]])
    scores = torch.nn.functional.one_hot(best, 3).float()
    assert greedy(scores, torch.tensor([5, 4])) == [[0, 0, 1], [1, 1]]


def test_utterances_of_another_rate_are_not_measured(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(800, np.int16), 44_100)
    (tmp_path / "tune.tsv").write_text("file\tseconds\ttext\na.wav\t1\t你\n", encoding="utf-8")

    with pytest.raises(AudioFileError, match="expected mono at 16000 Hz, found 1 channels at 44100 Hz"):
        load_utterances(tmp_path / "tune.tsv")


def test_an_utterance_is_spelled_and_made_features(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.arange(-800, 800, dtype=np.int16), 16_000)
    (tmp_path / "tune.tsv").write_text("file\tseconds\ttext\na.wav\t1\t你好\n", encoding="utf-8")

    (utterance,) = load_utterances(tmp_path / "tune.tsv", 1)

    assert (utterance.id, utterance.reference) == ("a.wav", ("ni3", "hao3"))
    assert utterance.example.features.shape == (11, 80)
