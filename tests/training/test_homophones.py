from __future__ import annotations

import torch

from streamer.training.homophones import Homophones
from streamer.training.language_spans import EncodedText
from streamer.training.text_corpus import Passage
from tests.training.language_samples import tables


def test_a_misheard_character_sounds_the_same() -> None:
    text = EncodedText.of([Passage("银行是市", ("yin2", "hang2", "shi4", "shi4"), ("", "，", "", "。"))] * 20, tables())
    other = EncodedText.of([Passage("市妈", ("shi4", "ma1"), ("", "。"))], tables())
    homophones, uniform = Homophones([text, other]), (torch.arange(40) + 0.5) / 40
    drawn = [homophones.draw(torch.full((40,), place), uniform).tolist() for place in (0, 1, 2, 3, 80, 81)]
    silver, row, am, market, mother = (tables().characters[character] for character in "银行是市妈")

    assert drawn == [[silver] * 40, [row] * 40, [am, market] * 20, [am, market] * 20, [market] * 40, [mother] * 40]
