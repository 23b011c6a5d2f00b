"""The command line of the language stage and its figures."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from streamer.training.language_cli import app
from streamer.training.language_corpus import load_language_corpus
from streamer.training.language_report import exported_error_rates, trigram_error_rates
from tests.training.language_samples import tiny_project

pytest.importorskip("pypinyin")
pytest.importorskip("torch")


def test_the_commands_lead_from_texts_to_figures(tmp_path: Path) -> None:
    config, settings = tiny_project(tmp_path)
    model = tmp_path / "transformer.onnx"
    for arguments in (["prepare"], ["train"], ["export", str(model)], ["syllables", str(tmp_path / "s.npz")]):
        answer = CliRunner().invoke(app, [*arguments, "--config", str(config)])
        assert answer.exit_code == 0, answer.output
    answer = CliRunner().invoke(app, ["evaluate", str(model), "--config", str(config)])
    corpus = load_language_corpus(settings)

    assert "exported: character errors by share of wrong syllables: 0%: " in answer.output
    assert 0.0 <= exported_error_rates(model, corpus, [0.0])[0.0] <= 1.0
    # The test meeting begins with 是市, the training texts with 市是: the same syllables.
    assert trigram_error_rates(corpus, [0.0]) == {0.0: 1.0}
