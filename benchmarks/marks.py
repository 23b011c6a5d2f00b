"""How well a pack's model puts ，。？！、 into meetings that it has never seen."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from benchmarks.live_marks import live_marks, marks_in_hindsight, utterances
from streamer.errors import SettingsError
from streamer.interfaces import ModelRunner
from streamer.settings.segmenter import SegmenterSettings
from streamer.text.punctuation import CONTEXT, MARKS, UNKNOWN_ID, Punctuator
from streamer.training.pauses import simulated_pauses
from streamer.training.text_corpus import Corpus, EvaluationTexts, Passage, read_passages

MEETINGS: Final = ("meetings.txt", "meetings_2.txt")
"""Files of the text data that hold meetings."""
_CONFIG: Final = Path(__file__).resolve().parent.parent / "config" / "train-language.toml"
_JUDGED: Final = 80

Judge = Callable[[Sequence[str], Sequence[float]], npt.NDArray[np.float32]]
"""Characters and the pauses after them to scores (n, marks)."""


@dataclass(frozen=True, slots=True)
class MarkScore:
    """How often a mark is where it belongs."""

    mark: str
    said: int
    """How often the reference has it."""
    precision: float
    recall: float
    f1: float


def held_out_meetings(folder: Path) -> list[Passage]:
    """The meetings that ``config/train-language.toml`` keeps for reported figures.

    Raises:
        SettingsError: the folder does not hold them.
    """
    missing = [name for name in MEETINGS if not (folder / name).is_file()]
    if missing:
        raise SettingsError(
            f"--texts {folder} has no {missing[0]}; expected the folder with the meetings (VCSum), ../shared/data/text"
        )
    wanted = tomllib.loads(_CONFIG.read_text(encoding="utf-8"))["test_meetings"]
    found = [
        passage
        for name in MEETINGS
        for passage in read_passages(
            Corpus(name, folder / name, "meetings"), evaluation=EvaluationTexts([]), meetings=wanted, keep_meetings=True
        )
    ]
    if not found:
        raise SettingsError(f"--texts {folder} holds none of the meetings {', '.join(wanted)}")
    return found


def judge_with(runner: ModelRunner, ids: Mapping[str, int]) -> Judge:
    """The scores of a pack's model, each character with context on both sides."""

    def judge(characters: Sequence[str], pauses: Sequence[float]) -> npt.NDArray[np.float32]:
        rows = []
        for first in range(0, len(characters), _JUDGED):
            before = max(0, first - CONTEXT)
            shown = slice(before, first + _JUDGED + CONTEXT)
            known = [ids.get(character, UNKNOWN_ID) for character in characters[shown]]
            feeds = {"characters": np.array([known], np.int32), "pauses": np.array([pauses[shown]], np.float32)}
            rows.append(runner.run(feeds)["log_probs"][0][first - before : first - before + _JUDGED])
        return np.concatenate(rows)

    return judge


def mark_scores(judge: Judge, passages: Sequence[Passage], *, pauses: bool) -> list[MarkScore]:
    """Scores where each character is judged with much text on both sides.

    Args:
        judge: the model.
        passages: of meetings, in order. The end of a passage without a mark is not judged.
        pauses: whether pauses are simulated; otherwise the model sees characters only.
    """
    characters, labels, is_judged = _joined(passages)
    silence = simulated_pauses(labels, np.random.default_rng(0)) if pauses else np.zeros(len(labels), np.float32)
    return _scores(judge(characters, silence.tolist()).argmax(axis=1), labels, is_judged)


def live_scores(punctuator: Punctuator, passages: Sequence[Passage]) -> list[MarkScore]:
    """Scores of what a live meeting writes, with simulated pauses.

    Args:
        punctuator: with the pack's model.
        passages: of meetings, in order. The end of a passage without a mark is not judged.
    """
    characters, labels, is_judged = _joined(passages)
    silence = simulated_pauses(labels, np.random.default_rng(0))
    answers = live_marks(punctuator, characters, silence, utterances(silence, SegmenterSettings()))
    return _scores(answers, labels, is_judged)


def minutes_scores(punctuator: Punctuator, passages: Sequence[Passage]) -> list[MarkScore]:
    """Scores of what minutes and transcripts have, with simulated pauses; arguments as of :func:`live_scores`."""
    characters, labels, is_judged = _joined(passages)
    silence = simulated_pauses(labels, np.random.default_rng(0))
    answers = marks_in_hindsight(punctuator, characters, silence, utterances(silence, SegmenterSettings()))
    return _scores(answers, labels, is_judged)


def _joined(passages: Sequence[Passage]) -> tuple[list[str], npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Characters, their marks as indices into ``MARKS``, and which places are judged."""
    characters = [character for passage in passages for character in passage.characters]
    labels = np.array([MARKS.index(mark) for passage in passages for mark in passage.marks])
    ends = np.cumsum([len(passage.characters) for passage in passages]) - 1
    is_judged = np.ones(len(labels), bool)
    is_judged[ends[labels[ends] == 0]] = False
    return characters, labels, is_judged


def _scores(
    answers: npt.NDArray[np.int64], labels: npt.NDArray[np.int64], is_judged: npt.NDArray[np.bool_]
) -> list[MarkScore]:
    """Every mark on its own, then ， and 、 as one, then whether there is a mark at all (``any``)."""
    answers, labels = answers[is_judged], labels[is_judged]
    groups = {mark: [index] for index, mark in enumerate(MARKS) if mark}
    groups |= {"，、": [MARKS.index("，"), MARKS.index("、")], "any": list(range(1, len(MARKS)))}
    return [_score(name, np.isin(answers, group), np.isin(labels, group)) for name, group in groups.items()]


def _score(name: str, answers: npt.NDArray[np.bool_], labels: npt.NDArray[np.bool_]) -> MarkScore:
    hits, written, said = int((answers & labels).sum()), int(answers.sum()), int(labels.sum())
    return MarkScore(name, said, hits / max(1, written), hits / max(1, said), 2 * hits / max(1, written + said))
