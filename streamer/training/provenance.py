"""The wall between training and evaluation: no dev text, no dev speaker, in anything that is trained on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from streamer.errors import SettingsError
from streamer.training.recordings_table import read_table

HELD_OUT_SPEAKER = "S0252"
"""The evaluation speaker; an id that contains it may not appear in a training list."""
SHARED_RUN = 8
"""A training text that shares so many characters on end with an evaluation text is left out: news repeats itself."""
_SHORTEST_SENTENCE = 4
_SPOKEN = re.compile(r"[^\u4e00-\u9fffA-Za-z]+")


def spoken_characters(text: str) -> str:
    """What is left of a text for comparison: ideographs and letters, upper case."""
    return _SPOKEN.sub("", text).upper()


class DevTexts:
    """The evaluation transcripts, and whether a training text comes too near to one.

    A text is refused if it shares any run of eight characters with an evaluation sentence, or contains a whole
    evaluation sentence of at least four characters, or equals one.
    """

    def __init__(self, sentences: Iterable[str]) -> None:
        self._sentences = {spoken_characters(sentence) for sentence in sentences} - {""}
        self._parts = {run for sentence in self._sentences for run in runs(sentence, _SHORTEST_SENTENCE)}
        """What shares none of these is clear of all but the sentences without one; most texts are."""
        self._runs = {run for sentence in self._sentences for run in runs(sentence, SHARED_RUN)}
        short = {sentence for sentence in self._sentences if _SHORTEST_SENTENCE <= len(sentence) < SHARED_RUN}
        self._short = {length: {s for s in short if len(s) == length} for length in {len(s) for s in short}}

    @classmethod
    def load(cls, folder: Path) -> DevTexts:
        """Read the ``text`` column of every ``*.tsv`` in the evaluation folder.

        Raises:
            SettingsError: the folder holds no list, so that nothing could be excluded.
        """
        lists = sorted(folder.glob("*.tsv"))
        if not lists:
            raise SettingsError(
                f"{folder} holds no *.tsv: training needs the evaluation lists, to keep clear of their texts"
            )
        return cls(row.text for path in lists for row in read_table(path))

    def overlaps(self, text: str) -> bool:
        """Whether a training text must be left out."""
        spoken = spoken_characters(text)
        if spoken in self._sentences:
            return True
        if self._parts.isdisjoint(runs(spoken, _SHORTEST_SENTENCE)):
            return False
        if any(run in self._runs for run in runs(spoken, SHARED_RUN)):
            return True
        return any(run in same for length, same in self._short.items() for run in runs(spoken, length))


@dataclass(frozen=True, slots=True)
class TrainingText:
    """One line of the training manifest."""

    id: str
    """Where it comes from: a recording's file name, or the synthesiser and a number."""
    text: str
    """What is said, as hanzi and letters, or as one spelled syllable."""


def violations(manifest: Iterable[TrainingText], dev: DevTexts) -> list[TrainingText]:
    """Entries of a manifest that break the wall (empty if all is well)."""
    return [entry for entry in manifest if HELD_OUT_SPEAKER in entry.id or dev.overlaps(entry.text)]


def read_manifest(path: Path) -> list[TrainingText]:
    """Read a manifest written by :func:`write_manifest`."""
    entries = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return [TrainingText(entry["id"], entry["text"]) for entry in entries]


def write_manifest(path: Path, entries: Iterable[TrainingText]) -> None:
    """Write one JSON object a line: everything that a training run may see."""
    lines = (json.dumps({"id": entry.id, "text": entry.text}, ensure_ascii=False) + "\n" for entry in entries)
    path.write_text("".join(lines), encoding="utf-8")


def runs(text: str, length: int) -> Iterable[str]:
    """Every ``length`` characters on end."""
    return (text[start : start + length] for start in range(len(text) - length + 1))
