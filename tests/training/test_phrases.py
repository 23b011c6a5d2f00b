from __future__ import annotations

from pathlib import Path

import numpy as np

from streamer.training.phrases import PhraseBook
from streamer.training.shards import Shard, ShardWriter


def shard(folder: Path, name: str, *words: tuple[str, str, tuple[str, ...]]) -> Shard:
    with ShardWriter(folder, name) as writer:
        for clip_id, text, tokens in words:
            pcm = (np.random.default_rng(len(text)).standard_normal(8_000) * 3000).astype(np.int16)
            writer.append(pcm, clip_id=clip_id, text=text, tokens=tokens, spans=None)
    return Shard(folder, name)


def book(folder: Path) -> PhraseBook:
    words = shard(folder, "words", ("1", "你好", ("ni3", "hao3")), ("2", "吗", ("ma5",)))
    syllables = shard(folder, "syllables", ("3", "shi4", ("shi4",)))
    return PhraseBook([words], [syllables], [("你好吗", ("ni3", "hao3", "ma5"))])


def test_a_phrase_keeps_to_one_voice(tmp_path: Path) -> None:
    phrases = book(tmp_path)
    drawn = [set(phrases.draw(np.random.default_rng(seed)).tokens) for seed in range(40)]
    assert all(tokens <= {"ni3", "hao3", "ma5"} or tokens == {"shi4"} for tokens in drawn)
    assert {"shi4"} in drawn


def test_a_sentence_is_put_together_from_its_words(tmp_path: Path) -> None:
    phrases = book(tmp_path)
    drawn = [phrases.draw(np.random.default_rng(seed)).tokens for seed in range(40)]
    assert drawn.count(("ni3", "hao3", "ma5")) > 10


def test_spans_are_in_order_inside_the_sound(tmp_path: Path) -> None:
    phrase = book(tmp_path).draw(np.random.default_rng(3))
    edges = [edge for span in phrase.spans for edge in span]
    assert len(phrase.spans) == len(phrase.tokens)
    assert edges == sorted(edges)
    assert edges[-1] <= len(phrase.pcm)


def test_a_book_without_recordings_is_empty() -> None:
    assert not PhraseBook([], [], [])
