"""Hash tables of n-grams against the n-gram itself."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from streamer.training.language_tables import BACKOFF_STEPS, SCORE_STEPS, NgramTables, PiecedTable, hash_table
from tests.training.ngram_samples import SIZE, mixed


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 10**11), unique=True, min_size=1, max_size=300))
def test_a_key_stands_in_one_of_its_places_or_nowhere(keys: list[int]) -> None:
    table = hash_table(np.array(keys))
    placed = table.rows[table.rows >= 0].tolist()

    assert len(placed) == len(set(placed)) >= 1
    for place in np.flatnonzero(table.rows >= 0):
        assert place in [keys[table.rows[place]] % modulus for modulus in table.moduli]


def test_nearly_all_keys_find_a_place() -> None:
    table = hash_table(np.unique(np.random.default_rng(3).integers(0, 10**11, 20_000)))

    assert (table.rows >= 0).sum() > 0.999 * 20_000


def test_looked_up_scores_are_the_models_within_their_steps() -> None:
    ngram = mixed()
    tables = NgramTables(ngram)
    ids = torch.arange(1, SIZE)
    contexts = torch.arange(1, SIZE + 1)
    first, second, third = torch.meshgrid(contexts, contexts, ids, indexing="ij")
    backed_off = tables.pair_scores(first, second)[1] + tables.pair_scores(second, third)[0]
    found = tables.triple_scores([first, second, third], backed_off)
    wanted = ngram.score(first.numpy(), second.numpy(), third.numpy())
    likely = wanted > -15

    np.testing.assert_allclose(found.numpy()[likely], wanted[likely], atol=0.51 / SCORE_STEPS + 0.51 / BACKOFF_STEPS)


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 9), st.integers(1, 40), st.integers(0, 255))
def test_a_table_in_pieces_holds_what_it_was_given(rows: int, columns: int, highest: int) -> None:
    given_table = np.random.default_rng(rows).integers(0, highest + 1, (rows, columns)).astype(np.uint8)
    found = PiecedTable(given_table)(torch.arange(rows)[:, None], torch.arange(columns)[None, :])

    assert np.array_equal(found.numpy(), given_table)


def test_pieces_that_are_alike_are_kept_once() -> None:
    table = PiecedTable(np.full((50, 120), 7, np.uint8))

    assert table.get_buffer("pieces").tolist() == [7] * 12
    assert table.get_buffer("which").dtype == torch.int16


def test_a_table_of_many_different_pieces_has_wider_numbers() -> None:
    random = np.random.default_rng(1).integers(0, 256, (40_000, 12)).astype(np.uint8)
    table = PiecedTable(random)

    assert table.get_buffer("which").dtype == torch.int32
    assert np.array_equal(table(torch.arange(40_000), torch.tensor(5)).numpy(), random[:, 5])
