"""Nothing of the evaluation lists is in the training passages of the real corpora."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamer.training import text_corpus
from streamer.training.language_settings import read_language_settings
from streamer.training.text_corpus import EvaluationTexts, bare_characters, read_passages

CONFIG = Path(__file__).parents[2] / "config" / "train-language.toml"
DATA = Path(__file__).parents[3] / "shared" / "data"


@pytest.mark.slow
@pytest.mark.skipif(not DATA.is_dir(), reason="the project's shared data are not here")
def test_training_passages_hold_no_evaluation_text(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pypinyin")
    # Readings are not looked at, and take ten times as long as all else.
    monkeypatch.setattr(text_corpus, "spell", lambda clause: ["a1"] * len(clause))
    settings = read_language_settings(CONFIG)
    lists = (DATA / "dev").glob("*.tsv")
    texts = {line.split("\t")[2] for path in lists for line in path.read_text(encoding="utf-8").splitlines()[1:]}
    spoken = {text for text in map(bare_characters, texts) if len(text) > 1}
    evaluation = EvaluationTexts.read(DATA / "dev")
    news = next(corpus for corpus in settings.corpora if corpus.name == "news_commands")

    trained = {passage.characters for passage in read_passages(news, evaluation=evaluation)}

    assert len(trained) > 10_000
    assert not trained & spoken
