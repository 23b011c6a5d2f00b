"""Frozen TensorFlow graphs to ONNX.

TensorFlow pins older versions of what streamer uses, so it may live in an environment of its own:
``STREAMER_CONVERT_PYTHON`` names an interpreter that has streamer's dependencies and the extra ``convert``.
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest

from streamer.asr.contract import MAX_TOKENS
from streamer.asr.ctc import greedy
from streamer.asr.modelpack import load_pack
from streamer.asr.models import load_models
from streamer.errors import MissingDependencyError, PackError
from streamer.packs.frozen import import_frozen
from streamer.packs.static import static_models
from streamer.packs.writer import PackFacts
from streamer.settings.recognizer import RecognizerSettings
from streamer.system.installation import install_command
from tests.packs.frozen_graphs import CHARACTERS, TOKENS

ROOT = Path(__file__).parents[2]


def converting_python() -> str:
    """The interpreter with TensorFlow; without one these tests are skipped, but never in CI."""
    given = os.environ.get("STREAMER_CONVERT_PYTHON", "")
    if given:
        return given
    if importlib.util.find_spec("tf2onnx") is not None:
        return sys.executable
    if os.environ.get("CI"):
        pytest.fail("CI must set STREAMER_CONVERT_PYTHON or install the extra `convert`")
    pytest.skip("needs the extra `convert`, or STREAMER_CONVERT_PYTHON")


def python(*arguments: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3", "OMP_NUM_THREADS": "1"}
    command = [converting_python(), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=ROOT)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what a user downloads: small graphs with the published names, and tables."""
    folder = tmp_path_factory.mktemp("published")
    made = python("-m", "tests.packs.frozen_graphs", folder)
    assert made.returncode == 0, made.stderr
    write_tables(folder)
    return folder


def write_tables(folder: Path, tokens: int = TOKENS) -> None:
    (folder / "am_tokens.txt").write_text("\n".join(["S", "/S", *(f"t{n}" for n in range(tokens - 2))]) + "\n")
    (folder / "lm_tokens.txt").write_text("\n".join(["S", "/S", *(f"c{n}" for n in range(CHARACTERS - 2))]) + "\n")


def import_pb(folder: Path, out: Path) -> subprocess.CompletedProcess[str]:
    return python(
        *("-m", "streamer", "models", "import-pb"),
        *("--conformer", folder / "frozen_graph_conform.pb", "--transformer", folder / "frozen_graph_transform.pb"),
        *("--am-tokens", folder / "am_tokens.txt", "--lm-tokens", folder / "lm_tokens.txt"),
        *("--name", "published", "--out", out),
    )


@pytest.fixture(scope="module")
def imported(published: Path) -> Path:
    done = import_pb(published, published / "pack")
    assert done.returncode == 0, done.stderr
    assert "log-probabilities differ from TensorFlow's by at most" in done.stdout
    return published / "pack"


pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_the_pack_follows_the_contract_and_offers_scores(imported: Path) -> None:
    with load_models(load_pack(imported), RecognizerSettings()) as models:
        features = np.random.default_rng(1).standard_normal((700, 80)).astype(np.float32)
        heard = models.hear(features)

        assert heard.log_probs is not None
        assert heard.log_probs.shape == (250, TOKENS + 1)
        np.testing.assert_allclose(np.exp(heard.log_probs).sum(axis=1), 1, atol=1e-4)
        assert len(heard.ids) > 10
        assert models.has_language_scores
        assert len(models.write(heard.ids).ids) == len(heard.ids)


def test_the_hosts_greedy_decoding_gives_the_ids_of_the_graph(imported: Path) -> None:
    session = ort.InferenceSession(imported / "conformer.onnx", providers=["CPUExecutionProvider"])
    features = np.random.default_rng(2).standard_normal((1, 1001, 80, 1)).astype(np.float32)
    for length in (0, 1, 60, 250):
        ids, log_probs = session.run(
            ["ids", "log_probs"], {"features": features, "length": np.array([[length]], np.int32)}
        )
        expected = greedy(log_probs[0, :length], TOKENS).ids
        assert ids.shape == (1, MAX_TOKENS)
        assert tuple(ids[0, : len(expected)]) == expected
        assert (ids[0, len(expected) :] == -1).all()


def test_the_ids_are_those_of_tensorflow(imported: Path, published: Path) -> None:
    features = np.random.default_rng(5).standard_normal((1, 1001, 80, 1)).astype(np.float32)
    np.save(published / "features.npy", features)
    done = python(
        "-c",
        "import numpy, sys, tensorflow as tf; folder = sys.argv[1]; graph = tf.compat.v1.GraphDef();"
        "graph.ParseFromString(open(f'{folder}/frozen_graph_conform.pb', 'rb').read());"
        "tf.compat.v1.disable_eager_execution(); tf.import_graph_def(graph, name='');"
        "ids = tf.compat.v1.Session().run('Identity:0', {'features:0': numpy.load(f'{folder}/features.npy'),"
        "'length:0': [[200]]}); numpy.save(f'{folder}/ids.npy', ids)",
        published,
    )
    assert done.returncode == 0, done.stderr

    session = ort.InferenceSession(imported / "conformer.onnx", providers=["CPUExecutionProvider"])
    [found] = session.run(["ids"], {"features": features, "length": np.array([[200]], np.int32)})
    expected = np.load(published / "ids.npy")
    np.testing.assert_array_equal(found[:, : expected.shape[1]], expected)
    assert (expected >= 0).sum() > 20


def test_the_pack_can_be_converted_by_atc(imported: Path) -> None:
    assert [model.input_shape for model in static_models(load_pack(imported))] == [
        "features:1,1001,80,1;length:1,1",
        "inputs:1,251",
    ]


def test_a_table_of_another_size_is_refused(published: Path, tmp_path: Path) -> None:
    for path in published.glob("*.pb"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    write_tables(tmp_path, TOKENS + 1)
    done = import_pb(tmp_path, tmp_path / "pack")

    assert done.returncode != 0
    assert "scores have the shape [251, 1, 13], expected [≤ 251, 1, 14]" in done.stderr
    assert not (tmp_path / "pack").exists()


ODD = {
    "decoder='none'": "expected one CTCGreedyDecoder (greedy CTC inside the graph), found 0",
    "shifted=True": "after CTCGreedyDecoder come",
}


@pytest.mark.parametrize("case", ODD)
def test_a_graph_that_is_not_understood_is_refused(case: str, tmp_path: Path) -> None:
    program = "from pathlib import Path; from tests.packs.frozen_graphs import write_graphs"
    made = python("-c", f"{program}; write_graphs(Path({str(tmp_path)!r}), {case})")
    assert made.returncode == 0, made.stderr
    write_tables(tmp_path)

    assert ODD[case] in import_pb(tmp_path, tmp_path / "pack").stderr


@pytest.mark.parametrize("content", [b"no graph", b""])
def test_a_file_that_is_no_graph_is_refused(content: bytes, published: Path, tmp_path: Path) -> None:
    for path in published.glob("*.*"):
        (tmp_path / path.name).write_bytes(path.read_bytes() if path.is_file() else b"")
    (tmp_path / "frozen_graph_conform.pb").write_bytes(content)

    assert "is no frozen TensorFlow graph" in import_pb(tmp_path, tmp_path / "pack").stderr


@pytest.mark.skipif(importlib.util.find_spec("tensorflow") is not None, reason="TensorFlow is installed here")
def test_without_tensorflow_the_extra_is_named(published: Path, tmp_path: Path) -> None:
    facts = PackFacts("published", published / "am_tokens.txt", published / "lm_tokens.txt")
    graph = published / "frozen_graph_conform.pb"
    with pytest.raises(MissingDependencyError, match=re.escape(install_command("convert"))):
        import_frozen(facts, graph, graph, tmp_path / "pack", print)


def test_a_missing_table_is_an_error_before_anything_is_converted(published: Path, tmp_path: Path) -> None:
    facts = PackFacts("published", tmp_path / "none.txt", published / "lm_tokens.txt")
    with pytest.raises(PackError, match="cannot read token table"):
        import_frozen(facts, Path("a.pb"), Path("b.pb"), tmp_path / "pack", print)
