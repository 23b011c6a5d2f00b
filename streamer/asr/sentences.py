"""The sentence model: which of several syllable sequences is a likelier sentence, judged over all that was said.

The trigram in the beam sees two syllables back; this small network of the pack sees the utterance from its start. Its
scores are nearly log-probabilities (the network was trained to need no normalisation).
"""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Final, Self

import numpy as np

from streamer.errors import PackError
from streamer.interfaces import ModelRunner

PADDING_ID: Final = -1
"""Id after a sequence's end."""


class SentenceModel:
    """Judges syllable sequences. Called from the inference thread."""

    def __init__(self, runner: ModelRunner, first_id: int) -> None:
        """Use a loaded model, which is closed with this.

        Args:
            runner: executes the model: ``syllables`` int32 [S, N] to ``scores`` float32 [S].
            first_id: id of the first token of the acoustic table; the model counts from 0.

        Raises:
            PackError: the model has other inputs or outputs.
        """
        found = {spec.name for spec in runner.inputs}, {spec.name for spec in runner.outputs}
        if found != ({"syllables"}, {"scores"}):
            runner.close()
            raise PackError(
                f"the sentence model has inputs {sorted(found[0])} and outputs {sorted(found[1])}, expected syllables "
                "and scores: reinstall the model pack"
            )
        self._runner = runner
        self._first_id = first_id

    def scores(self, sequences: Sequence[tuple[int, ...]]) -> list[float]:
        """Sums of the syllables' scores, natural logarithms; 0 for an empty sequence.

        Args:
            sequences: ids of the acoustic table, at most 251 each.

        Raises:
            RecognizerError: the model failed.
        """
        longest = max((len(each) for each in sequences), default=0)
        if longest == 0:
            return [0.0] * len(sequences)
        syllables = np.full((len(sequences), longest), PADDING_ID, np.int32)
        for row, each in enumerate(sequences):
            syllables[row, : len(each)] = np.asarray(each, np.int32) - self._first_id
        scores: list[float] = self._runner.run({"syllables": syllables})["scores"].tolist()
        return scores

    def close(self) -> None:
        """Release the model. Safe to call twice."""
        self._runner.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
