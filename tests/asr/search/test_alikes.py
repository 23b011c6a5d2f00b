"""Alike sounds: what is heard counts for what may have been said, and nothing else changes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from streamer.asr.modelpack import ModelPack, load_pack
from streamer.asr.packwriter import seal_pack
from streamer.asr.search.acoustic_prior import save_acoustic_prior
from streamer.asr.search.alikes import Alikes, read_alikes, weighted_alikes
from streamer.asr.tokens import TokenTable
from streamer.errors import PackError
from streamer.settings.search import SearchSettings
from tests.tonepack import write_tone_pack

BLANK = 4
TABLE = TokenTable(("in1", "ing1", "di4", "D"), first_id=0)
ALIKES = Alikes.of([(0, 1, 0.5), (2, 3, 1.0)], np.zeros(BLANK + 1, np.float32))


def logarithms(*rows: tuple[float, ...]) -> npt.NDArray[np.float32]:
    return np.log(np.array(rows, np.float32))


def test_what_is_heard_counts_in_part_for_what_may_have_been_said() -> None:
    found = ALIKES.hear(logarithms((0.6, 0.1, 0.2, 0.05, 0.05)), BLANK)

    np.testing.assert_allclose(np.exp(found), [[0.6, 0.1 + 0.5 * 0.6, 0.2, 0.05 + 0.2, 0.05]], rtol=1e-5)


def test_what_is_seldom_said_is_seldom_meant() -> None:
    prior = np.log(np.array([0.4, 0.1, 0.25, 0.25, 1.0], np.float32))

    found = Alikes.of([(0, 1, 0.5)], prior).hear(logarithms((0.6, 0.1, 0.2, 0.05, 0.05)), BLANK)

    assert np.exp(found[0, 1]) == pytest.approx(0.1 + 0.5 * 0.6 * 0.1 / 0.4)


def test_all_that_it_may_have_been_heard_as_adds_up() -> None:
    alikes = Alikes.of([(2, 3, 1.0), (1, 0, 0.1), (0, 3, 0.5)], np.zeros(BLANK + 1, np.float32))

    found = alikes.hear(logarithms((0.4, 0.2, 0.2, 0.1, 0.1)), BLANK)

    np.testing.assert_allclose(np.exp(found), [[0.4 + 0.1 * 0.2, 0.2, 0.2, 0.1 + 0.2 + 0.5 * 0.4, 0.1]], rtol=1e-5)


def test_steps_that_are_surely_blank_stay_and_so_does_what_is_given() -> None:
    given_one = logarithms((0.02, 0.02, 0.02, 0.02, 0.92), (0.6, 0.1, 0.2, 0.05, 0.05))
    before = given_one.copy()

    found = ALIKES.hear(given_one, BLANK)

    np.testing.assert_array_equal(given_one, before)
    np.testing.assert_array_equal(found[0], before[0])
    assert found[1, 1] > before[1, 1]


def test_what_is_nowhere_probable_counts_for_nothing() -> None:
    heard = logarithms((0.0009, 0.8, 0.0009, 0.1, 0.1))

    np.testing.assert_array_equal(ALIKES.hear(heard, BLANK), heard)


def test_nothing_heard_is_nothing() -> None:
    nothing = np.empty((0, BLANK + 1), np.float32)

    assert ALIKES.hear(nothing, BLANK).shape == (0, BLANK + 1)


def test_impossible_tokens_may_have_been_said() -> None:
    with np.errstate(divide="ignore"):
        heard = logarithms((0.9, 0.0, 0.0, 0.0, 0.1), (0.0, 0.9, 0.0, 0.0, 0.1))

    found = ALIKES.hear(heard, BLANK)

    assert np.exp(found[0, 1]) == pytest.approx(0.45)
    assert np.exp(found[1, 1]) == pytest.approx(0.9)


@given(arrays(np.float32, st.tuples(st.integers(1, 6), st.just(BLANK + 1)), elements=st.floats(-20, 0, width=32)))
def test_nothing_becomes_less_probable_and_what_has_no_pair_stays(heard: npt.NDArray[np.float32]) -> None:
    found = ALIKES.hear(heard, BLANK)

    assert (found >= heard - 1e-4).all()
    np.testing.assert_array_equal(found[:, [0, 2, BLANK]], heard[:, [0, 2, BLANK]])


def test_a_table_is_read(tmp_path: Path) -> None:
    path = tmp_path / "alikes.tsv"
    path.write_text("# heard, said, share\nin1\ting1\t0.1\n\ndi4\tD\t1\n", encoding="utf-8")

    assert read_alikes(path, TABLE) == [(0, 1, 0.1), (2, 3, 1.0)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot read table of alike sounds .*alikes.tsv: No such file"),
        (b"\xff", "alikes.tsv is not UTF-8"),
        (b"# nothing\n", "alikes.tsv is empty: take alikes out of"),
        (b"in1\ting1\t0.1\nin1\ting1\n", r"line 2: expected two tokens .* got 'in1\\ting1'"),
        (b"in1\tong1\t0.1\n", "line 1: expected two tokens"),
        (b"in1\ting1\t0\n", "line 1: expected two tokens"),
        (b"in1\ting1\t1.1\n", "line 1: expected two tokens"),
        (b"in1\ting1\tnan\n", "line 1: expected two tokens"),
        (b"in1\ting1\tmuch\n", "line 1: expected two tokens"),
    ],
)
def test_a_bad_table_is_refused(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "alikes.tsv"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(PackError, match=message):
        read_alikes(path, TABLE)


def tone_pack(folder: Path, *roles: str) -> ModelPack:
    """A tone pack with a table of alike sounds and an acoustic prior, as far as its manifest names their roles."""
    manifest = write_tone_pack(folder) / "pack.toml"
    files = {"alikes": "alikes.tsv", "acoustic_prior": "prior.npy"}
    (folder / files["alikes"]).write_text("bo1\tpo2\t0.5\n", encoding="utf-8")
    save_acoustic_prior(folder / files["acoustic_prior"], np.array([0.4, 0.1, 0.2, 0.2, 0.1]))
    named = "\n".join(f'{role} = "{files[role]}"' for role in roles)
    text = manifest.read_text(encoding="utf-8").replace("[files]", f"[resources]\n{named}\n\n[files]")
    manifest.write_text(text, encoding="utf-8")
    seal_pack(folder)
    return load_pack(folder)


def test_a_packs_table_is_weighed_and_knows_how_often_each_is_said(tmp_path: Path) -> None:
    pack = tone_pack(tmp_path / "tones", "alikes", "acoustic_prior")

    found = weighted_alikes(pack, pack.syllables(), SearchSettings(alikes_weight=0.8))

    assert found is not None
    heard = np.log(np.array([[0.6, 0.1, 0.1, 0.1, 0.05, 0.05]], np.float32))
    assert np.exp(found.hear(heard, 5)[0, 1]) == pytest.approx(0.1 + 0.8 * 0.5 * 0.6 * 0.1 / 0.4)


def test_a_pack_may_have_no_prior(tmp_path: Path) -> None:
    pack = tone_pack(tmp_path / "tones", "alikes")

    found = weighted_alikes(pack, pack.syllables(), SearchSettings(alikes_weight=1.0))

    assert found is not None
    heard = np.log(np.array([[0.6, 0.1, 0.1, 0.1, 0.05, 0.05]], np.float32))
    assert np.exp(found.hear(heard, 5)[0, 1]) == pytest.approx(0.1 + 0.5 * 0.6)


def test_without_weight_table_or_search_nothing_is_added(tmp_path: Path) -> None:
    pack, bare = tone_pack(tmp_path / "tones", "alikes"), tone_pack(tmp_path / "bare")

    assert weighted_alikes(pack, pack.syllables(), SearchSettings(alikes_weight=0.0)) is None
    assert weighted_alikes(pack, pack.syllables(), None) is None
    assert weighted_alikes(bare, bare.syllables(), SearchSettings(alikes_weight=1.0)) is None
