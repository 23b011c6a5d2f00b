from __future__ import annotations

import random
from pathlib import Path

import pytest

pytest.importorskip("pypinyin")

from streamer.text.pinyin import LETTERS, parse_syllable
from streamer.training.provenance import DevTexts
from streamer.training.sentences import choose_sentences, clauses, made_up

DEV = DevTexts(["绿是阳春烟景大块文章的底色"])


def corpus(folder: Path, text: str) -> Path:
    path = folder / "corpus.txt"
    path.write_text(text, encoding="utf-8")
    return path


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def test_clauses_hold_ideographs_and_letters_only(tmp_path: Path) -> None:
    path = corpus(tmp_path, "# 13_0\n今天很高兴，我是最后一个！2024年上映\n讲okok 。\n请CEO上台\n")
    found = list(clauses(lines(path)))
    assert "请CEO上台" in found
    assert not [clause for clause in found if "2024" in clause or "ok" in clause or "#" in clause]
    assert "今天很高兴" in "".join(found)


def test_sentences_are_spelled_and_clear_of_the_evaluation_texts(tmp_path: Path) -> None:
    path = corpus(tmp_path, "绿是阳春烟景大块文章的底色\n四月的林峦更是鲜活\n我们开会讨论\n")
    chosen = choose_sentences([(lines(path), 1.0)], DEV, 48, seed=1)
    texts = {sentence.text for sentence in chosen}
    assert {"四月的林峦更是鲜活", "我们开会讨论"} <= texts
    assert not any(DEV.overlaps(text) for text in texts)
    assert all(len(sentence.tokens) == len(sentence.text) for sentence in chosen)


def test_the_same_seed_draws_the_same(tmp_path: Path) -> None:
    path = corpus(tmp_path, "".join(f"{chr(0x4E00 + n)}我们开会讨论\n" for n in range(40)))
    assert choose_sentences([(lines(path), 1.0)], DEV, 20, seed=2) == choose_sentences(
        [(lines(path), 1.0)], DEV, 20, seed=2
    )


@pytest.mark.parametrize("seed", range(30))
def test_made_up_sentences_can_be_spoken(seed: int) -> None:
    sentence = made_up(random.Random(seed))  # noqa: S311 - reproducible
    assert sentence.tokens
    for token in sentence.tokens:
        assert token in LETTERS or parse_syllable(token)
