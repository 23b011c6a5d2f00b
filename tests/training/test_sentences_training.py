from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("pypinyin")
pytest.importorskip("jieba")
pytest.importorskip("onnx")

from streamer.asr.runners import open_runner  # noqa: E402
from streamer.asr.search.prefix_tree import prefix_tree  # noqa: E402 - behind importorskip, as below
from streamer.asr.search.sentences import SentenceModel  # noqa: E402
from streamer.errors import SettingsError  # noqa: E402
from streamer.settings.recognizer import RecognizerSettings  # noqa: E402
from streamer.training.language_corpus import load_language_corpus, prepare_language  # noqa: E402
from streamer.training.language_settings import ModelSettings, read_language_settings  # noqa: E402
from streamer.training.language_spans import EncodedText  # noqa: E402
from streamer.training.sentence_network import SentenceNetwork, sentence_loss  # noqa: E402
from streamer.training.sentences_training import (  # noqa: E402
    CHECKPOINT,
    SentenceState,
    export_sentences,
    perplexity,
    train_sentences,
)
from tests.training.language_samples import tiny_project  # noqa: E402

pytestmark = [pytest.mark.train, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
TOKENS = ["ba1", "ma1", "ma3", "A"]
TINY = ModelSettings(width=16, layers=1, heads=2, feed_forward=16, context=2, dropout=0.0)


def network() -> SentenceNetwork:
    torch.manual_seed(3)
    model = SentenceNetwork(TINY, TOKENS)
    torch.nn.init.normal_(model.out.weight)
    return model.eval()


def test_a_syllable_is_judged_by_those_before_it_only() -> None:
    one, other = (network().log_scores(torch.tensor([ids])) for ids in ([0, 1, 2, 3], [0, 1, 3, 0]))

    assert torch.equal(one[0, :2], other[0, :2])
    assert not torch.isclose(one[0, 2], other[0, 2])


def test_a_sequence_is_judged_alike_beside_longer_ones() -> None:
    alone = network().log_scores(torch.tensor([[0, 1]]))
    beside = network().log_scores(torch.tensor([[0, 1, -1, -1], [2, 3, 0, 1]]))

    assert torch.allclose(beside[0], torch.cat([alone[0], torch.zeros(2)]), atol=1e-6)


def test_a_tree_of_prefixes_is_judged_as_its_sequences() -> None:
    model = network()
    # 0 1 2 3, then 0 1 3, then 2 2.
    edges = {(-1, 0): 0, (0, 1): 1, (1, 2): 2, (2, 3): 3, (1, 3): 4, (-1, 2): 5, (5, 2): 6}
    tree = prefix_tree(edges, model.reach)
    given = [torch.from_numpy(each) for each in (tree.windows, tree.depths, tree.ancestors)]
    scores = model.tree(*given, torch.from_numpy(tree.parents), torch.from_numpy(tree.syllables), model.table())

    expected = model.log_scores(torch.tensor([[0, 1, 2, 3], [0, 1, 3, -1], [2, 2, -1, -1]])).sum(dim=1)
    paths = [0, 1, 2, 3], [0, 1, 4], [5, 6]
    assert torch.allclose(torch.stack([scores[path].sum() for path in paths]), expected, atol=1e-5)


def test_learning_lowers_the_entropy_and_the_normaliser() -> None:
    model = network().train()
    syllables = torch.tensor([[0, 1, 2, 3, 0, 1], [0, 1, 2, 3, -1, -1]])
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    first, entropy = sentence_loss(model, syllables, drift=0.1)
    for _ in range(60):
        loss, _ = sentence_loss(model, syllables, drift=0.1)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    last, learnt = sentence_loss(model, syllables, drift=0.1)

    assert learnt < entropy / 4
    assert last < first / 4
    # Scores that are nearly log-probabilities without normalisation.
    assert torch.isclose(-model.log_scores(syllables).sum() / 10, learnt, atol=0.1)


def tiny(tmp_path: Path) -> Path:
    config, settings = tiny_project(tmp_path)
    shape = dataclasses.asdict(TINY)
    lines = [f"{key} = {value}" for key, value in shape.items()]
    course = "tokens_per_batch = 64\nsteps = 4\nwarm_up = 1\nbfloat16 = false"
    text = config.read_text(encoding="utf-8")
    config.write_text("\n".join([text, "[sentences]", *lines, "[sentence_training]", course]), encoding="utf-8")
    prepare_language(settings)
    return config


def test_training_starts_with_the_averaged_weights_of_another(tmp_path: Path) -> None:
    config = tiny(tmp_path)
    train_sentences(config)
    done = tmp_path / "work" / CHECKPOINT
    first = torch.load(done, weights_only=True)["average"]
    done.rename(tmp_path / "old.pt")
    settings = read_language_settings(config)
    state = SentenceState.new(settings, load_language_corpus(settings).acoustic)

    assert not state.resume(done, None)
    assert state.resume(done, tmp_path / "old.pt")
    assert state.step == 0
    assert all(torch.equal(first[key], value) for key, value in state.model.state_dict().items())
    assert all(torch.equal(first[key], value) for key, value in state.average.state_dict().items())
    with pytest.raises(SettingsError, match=r"no checkpoint at .*gone\.pt"):
        state.resume(done, tmp_path / "gone.pt")


def test_training_stops_at_its_steps_and_resumes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tiny(tmp_path)
    train_sentences(config)
    config.write_text(config.read_text(encoding="utf-8").replace("steps = 4", "steps = 7"), encoding="utf-8")
    train_sentences(config)

    settings = read_language_settings(config)
    state = SentenceState.new(settings, load_language_corpus(settings).acoustic)
    state.load(settings.work_folder / CHECKPOINT)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["step"] for line in lines if "tune_perplexity" in line] == [4, 7]
    assert state.step == 7


def test_the_exported_model_scores_as_the_network(tmp_path: Path) -> None:
    config = tiny(tmp_path)
    train_sentences(config)
    export_sentences(config, tmp_path / "sentences.onnx")

    settings = read_language_settings(config)
    corpus = load_language_corpus(settings)
    state = SentenceState.new(settings, corpus.acoustic)
    state.load(settings.work_folder / CHECKPOINT)
    expected = state.average.log_scores(torch.tensor([[1, 2, 0, 1], [0, 1, -1, -1]])).sum(dim=1).tolist()
    runner = open_runner("onnx", tmp_path / "sentences.onnx", RecognizerSettings())
    with SentenceModel(runner, first_id=0) as model:
        # 1 2 0 1, then 0 1.
        edges = {(-1, 1): 0, (0, 2): 1, (1, 0): 2, (2, 1): 3, (-1, 0): 4, (4, 1): 5}
        (found,) = model.scores_of_all([edges])

    assert np.allclose([sum(found[:4]), sum(found[4:])], expected, atol=0.3)  # matrices are int8


def test_perplexity_is_that_of_a_syllable_whatever_the_scores_add_up_to() -> None:
    model = network()
    torch.nn.init.zeros_(model.out.weight)
    torch.nn.init.zeros_(model.out.bias)
    torch.nn.init.constant_(model.bias, -math.log(2))
    ids = np.array([0, 1, 2, 3, 0], np.int16)
    text = EncodedText(ids, ids, np.zeros(5, np.int8), np.array([0, 2, 5]), np.array([0, 1]))

    found, normaliser = perplexity(model, text)

    assert math.isclose(found, len(TOKENS), rel_tol=1e-5)
    assert math.isclose(normaliser, math.log(len(TOKENS) / 2), rel_tol=1e-5)
