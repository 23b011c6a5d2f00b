"""A network under another trigram: the same results as if it had been exported with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from streamer.errors import SettingsError
from streamer.training.language_export import export_language
from streamer.training.language_graft import take_network
from tests.training.language_samples import run_exported, tiny_model
from tests.training.lattice_samples import SETTINGS, lattice

pytest.importorskip("onnxruntime")

_PINYIN = np.array([[3, 0, 2, 2, 4, 1, 0]], np.int32)


def test_the_network_is_that_of_the_one_and_the_trigram_that_of_the_other(tmp_path: Path) -> None:
    learned, other = tiny_model(3), lattice(replace(SETTINGS, trigram=0.9))
    with torch.no_grad():
        for parameter in learned.parameters():  # in random weights, many constants are one
            parameter.add_(0.1 * torch.randn_like(parameter))
    export_language(learned, tmp_path / "wanted.onnx", lattice=other)
    export_language(learned, tmp_path / "source.onnx", lattice=lattice())
    export_language(tiny_model(8), tmp_path / "fresh.onnx", lattice=other)
    before = run_exported(tmp_path / "fresh.onnx", _PINYIN)

    take_network(tmp_path / "fresh.onnx", tmp_path / "source.onnx")

    after, wanted = (run_exported(tmp_path / name, _PINYIN) for name in ("fresh.onnx", "wanted.onnx"))
    assert not np.array_equal(before[1], wanted[1])
    np.testing.assert_array_equal(after[1], wanted[1])


def test_a_file_without_a_trigram_is_refused(tmp_path: Path) -> None:
    export_language(tiny_model(3), tmp_path / "plain.onnx")
    export_language(tiny_model(3), tmp_path / "joined.onnx", lattice=lattice())

    with pytest.raises(SettingsError, match=r"plain\.onnx has no trigram"):
        take_network(tmp_path / "joined.onnx", tmp_path / "plain.onnx")
