from __future__ import annotations

import numpy as np
import pytest

from streamer.summary.likeness import links, rarity

SENTENCES = [
    list(text) for text in ("预算批准了", "预算要批准", "上线改到十二号", "", "十二号上线", "了", "批准批准预算")
]


def frequencies(sentences: list[list[str]]) -> list[dict[str, float]]:
    return [
        {term: one.count(term) / max(one.count(other) for other in one) for term in dict.fromkeys(one)}
        for one in sentences
    ]


def test_links_go_to_sentences_with_the_same_terms() -> None:
    found = links(SENTENCES, 0.1, frequencies(SENTENCES), rarity(SENTENCES))

    assert [np.flatnonzero(row).tolist() for row in found] == [
        [0, 1, 5, 6], [0, 1, 6], [2, 4], [], [2, 4], [0, 5], [0, 1, 6]
    ]  # fmt: skip
    assert found[0].tolist() == [0.25, 0.25, 0, 0, 0, 0.25, 0.25]


@pytest.mark.parametrize(
    "sentences",
    [SENTENCES, [list("同样"), list("同样")], [["a"], ["a"], ["b"]], [list("甲乙丙丁"), list("丁戊己庚")] * 9],
)
def test_the_numbers_are_those_of_sumy(sentences: list[list[str]]) -> None:
    """A release of it that computes otherwise, or elsewhere, is noticed here."""
    ranking = pytest.importorskip("sumy.summarizers.lex_rank").LexRankSummarizer()
    rarities = ranking._compute_idf(sentences)
    terms = ranking._compute_tf(sentences)

    assert rarity(sentences) == rarities
    np.testing.assert_array_equal(
        links(sentences, 0.1, terms, rarities), ranking._create_matrix(sentences, 0.1, terms, rarities)
    )
