"""Sentences of a meeting, as they may be picked for a summary. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from streamer.summary.values import Item, SummaryLine

_FEWEST_CHARACTERS = 6
"""Shorter ones (好的, 对对对) say nothing alone."""
_MOST_LINES = 3
"""Of a sentence that nothing ends, as where the speaker hesitates again and again."""
_ENDED = re.compile(r"[^。？！]*[。？！]+|[^。？！]+$")
_MARKS = "。？！"
_OPENER = re.compile(
    "(?:好的?|很好|嗯|呃|对|是的|行|没问题|谢谢大家|那么?|然后|大家(?:早上|上午|下午|晚上)?好|最后一件事"
    "|(?:[那我]|这边|这里|先|再|来|也|想|就)*(?:补充|说|讲|汇报|介绍)(?:一|1)?[句下点件](?:事)?)$"
)
"""A clause that only begins what is said."""
_TELLING = re.compile("建议|决定|同意|批准|通过了|负责|任务|必须|定在|改到|放到|推迟|提前|之前|截止|下次会议")
"""What people read minutes for: who does what until when."""


def sentences_of(lines: Sequence[SummaryLine]) -> list[Item]:
    """Lines as sentences: a line that ends with a comma goes on in the next one; without any marks each line is one."""
    if not any(mark in line.text for line in lines for mark in _MARKS):
        return [Item(line.text, lines=(line.id,)) for line in lines]
    return list(_joined(lines))


def worth_picking(sentences: Sequence[Item]) -> list[Item]:
    """Those that say something alone. What is said again stands for the same others, and would be picked again."""
    first: dict[str, Item] = {}
    for sentence in sentences:
        said = content_of(sentence.text)
        if len(said) >= _FEWEST_CHARACTERS:
            first.setdefault(said, sentence)
    return list(first.values())


def content_of(text: str) -> str:
    """Letters and digits of a sentence, small ones, without the clauses that only begin it."""
    clauses = [said for clause in re.split("[，、。？！]", text) if (said := _said(clause))]
    while clauses and _OPENER.match(clauses[0]):
        clauses.pop(0)
    return "".join(clauses)


def is_telling(sentence: Item) -> bool:
    """Whether it seems to say who does what until when, and does not ask."""
    return _TELLING.search(sentence.text) is not None and not sentence.text.endswith("？")


def _joined(lines: Sequence[SummaryLine]) -> Iterator[Item]:
    text, ids = "", list[int]()
    for line in lines:
        for part in _ENDED.findall(line.text):
            text += part
            ids = [*ids, *([line.id] if line.id not in ids else [])]
            if part[-1] in _MARKS or len(ids) == _MOST_LINES:
                yield Item(text, lines=tuple(ids))
                text, ids = "", []
    if ids:
        yield Item(text, lines=tuple(ids))


def _said(text: str) -> str:
    return "".join(one for one in text.lower() if one.isalnum())
