"""Marks between characters: which of ，。？！、 follows each one, by a small model of the pack.

The model reads characters, and the silence after them where it is known. What the marks mean for an utterance is
decided here: the end of an utterance by silence gets what the model thinks of that silence, a forced cut none, and a
growing utterance only marks that enough following characters have settled, so that they do not flicker.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from streamer.errors import PackError
from streamer.interfaces import ModelRunner

MARKS: Final = ("", "，", "。", "？", "！", "、")
"""Marks that may follow a character; the index is the model's class."""

ENDING_MARKS: Final = ("", "，", "。", "？", "！")
"""What an utterance can end with where silence ends it: speakers pause within their sentences, too."""

ENDING_PAUSE_S: Final = 0.5
"""Seconds of silence that the model is told of after an utterance that silence ended: so long it was at least."""

Ending = Literal["silence", "forced", "open"]
"""How the text ends: the speaker paused; the utterance was cut at its longest; it may still grow."""

UNKNOWN_ID: Final = 0
"""Id of characters outside the table."""
CONTEXT: Final = 40
"""Characters before the utterance that the model is shown."""
LONGEST: Final = 256
"""Characters that the model takes at once, context included."""
HORIZON: Final = 4
"""Characters that must follow a mark in a growing utterance before it is shown."""


class Punctuator:
    """Chooses marks with the pack's model. Called from the inference thread."""

    def __init__(self, runner: ModelRunner, ids: Mapping[str, int]) -> None:
        """Use a loaded model.

        Args:
            runner: executes the model: ``characters`` int32 [1, N] and ``pauses`` float32 [1, N] to ``log_probs``
                float32 [1, N, 6].
            ids: character → id of the language table.

        Raises:
            PackError: the model has other inputs or outputs.
        """
        found = {spec.name for spec in runner.inputs}, {spec.name for spec in runner.outputs}
        if not ({"characters", "pauses"} <= found[0] and "log_probs" in found[1]):
            raise PackError(
                f"the punctuation model has inputs {sorted(found[0])} and outputs {sorted(found[1])}, "
                "expected characters, pauses and log_probs: reinstall the model pack"
            )
        self._runner = runner
        self._ids = ids
        self._newest: tuple[tuple[list[int], list[float]], npt.NDArray[np.float32]] | None = None
        """What the model was given last, and what it gave: many snapshots of an utterance hear the same words."""

    def marks(
        self,
        characters: Sequence[str],
        ending: Ending,
        *,
        context: Sequence[str] = (),
        pauses: Sequence[float] | None = None,
    ) -> list[str]:
        """The mark after each character, ``""`` where none.

        Args:
            characters: the utterance, one ideograph or Latin letter each.
            ending: how it ends.
            context: characters said before it, without marks; the last ``CONTEXT`` of them are used.
            pauses: seconds of silence after each character, where they are known; what is said of the last one does not
                count where silence ends the text.
        """
        if ending == "open" and len(characters) <= HORIZON:
            return [""] * len(characters)  # none is settled, whatever the model says
        if not characters:
            return []
        if ending == "silence":
            pauses = [*(pauses or [0.0] * len(characters))[:-1], ENDING_PAUSE_S]
        shown = list(context[max(0, len(context) - min(CONTEXT, max(0, LONGEST - len(characters)))) :])
        rows: list[npt.NDArray[np.float32]] = []
        for start in range(0, len(characters), LONGEST - CONTEXT):
            part = characters[start : start + LONGEST - CONTEXT]
            quiet = None if pauses is None else pauses[start : start + len(part)]
            rows.append(self._log_probs(shown[-CONTEXT:], part, quiet))
            shown = list(part)
        return choose_marks(np.concatenate(rows), ending)

    def marks_between(self, shown: Sequence[tuple[str, float]], first: int, stop: int) -> list[str]:
        """The mark after each of some characters that stand between others.

        Args:
            shown: (character, seconds of silence after it), without marks; where the last one is asked for, nothing
                follows it, and what is said of its silence does not count.
            first: the first character that is asked for.
            stop: the character after the last one that is asked for.

        Raises:
            RecognizerError: the model failed.
        """
        told = list(shown)
        is_last = first < stop == len(told)
        if is_last:
            told[-1] = (told[-1][0], ENDING_PAUSE_S)
        marks: list[str] = []
        part = LONGEST - 2 * CONTEXT
        for start in range(first, stop, part):
            end, before = min(stop, start + part), max(0, start - CONTEXT)
            characters, pauses = zip(*told[before : end + CONTEXT], strict=True)
            log_probs = self._scores(self._ids_of(characters), pauses)[start - before : end - before]
            marks += [MARKS[index] for index in log_probs.argmax(axis=1)]
            if is_last and end == stop:
                marks[-1] = choose_marks(log_probs[-1:], "silence")[0]
        return marks

    def _log_probs(
        self, context: Sequence[str], characters: Sequence[str], pauses: Sequence[float] | None
    ) -> npt.NDArray[np.float32]:
        ids = self._ids_of((*context, *characters))
        quiet = [0.0] * len(context) + list(pauses or [0.0] * len(characters))
        if self._newest is None or self._newest[0] != (ids, quiet):
            self._newest = (ids, quiet), self._scores(ids, quiet)
        return self._newest[1][len(context) :]

    def _ids_of(self, characters: Sequence[str]) -> list[int]:
        return [self._ids.get(character, UNKNOWN_ID) for character in characters]

    def _scores(self, ids: Sequence[int], pauses: Sequence[float]) -> npt.NDArray[np.float32]:
        """(characters, marks) log-probabilities."""
        feeds = {"characters": np.array([ids], np.int32), "pauses": np.array([pauses], np.float32)}
        log_probs: npt.NDArray[np.float32] = self._runner.run(feeds)["log_probs"][0]
        return log_probs


def choose_marks(log_probs: npt.NDArray[np.float32], ending: Ending) -> list[str]:
    """Marks from their log-probabilities.

    Args:
        log_probs: (characters, marks).
        ending: how the text ends.
    """
    chosen = [MARKS[index] for index in log_probs.argmax(axis=1)]
    if ending == "open":
        settled = max(0, len(chosen) - HORIZON)
        return chosen[:settled] + [""] * (len(chosen) - settled)
    if chosen:
        chosen[-1] = max(ENDING_MARKS, key=lambda mark: log_probs[-1, MARKS.index(mark)]) if ending == "silence" else ""
    return chosen


def punctuate(characters: Sequence[str], marks: Sequence[str]) -> str:
    """The text with its marks."""
    return "".join(character + mark for character, mark in zip(characters, marks, strict=True))
