"""The sentence model: which of several syllable sequences is a likelier sentence, judged over all that was said.

The trigram in the beam sees two syllables back; this small network of the pack sees the utterance from its start. Its
scores are nearly log-probabilities (the network was trained to need no normalisation).
"""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Final, Self

import numpy as np

from streamer.asr.search.prefix_tree import Edges, PrefixTree, prefix_tree
from streamer.errors import PackError, RecognizerError
from streamer.interfaces import ModelRunner

_INPUTS: Final = {"windows", "depths", "ancestors", "parents", "syllables"}


class SentenceModel:
    """Judges syllable sequences. Called from the inference thread."""

    def __init__(self, runner: ModelRunner, first_id: int) -> None:
        """Use a loaded model, which is closed with this.

        Args:
            runner: executes the model, which takes a :class:`~streamer.asr.search.prefix_tree.PrefixTree` by the
                names of its fields, int64 but for the ancestors, to ``scores`` float32 [edges].
            first_id: id of the first token of the acoustic table; the model counts from 0.

        Raises:
            PackError: the model has other inputs or outputs.
        """
        found = {spec.name: spec for spec in runner.inputs}, {spec.name for spec in runner.outputs}
        if (set(found[0]), found[1]) != (_INPUTS, {"scores"}):
            runner.close()
            raise PackError(
                f"the sentence model has inputs {sorted(found[0])} and outputs {sorted(found[1])}, expected "
                f"{sorted(_INPUTS)} and scores: reinstall the model pack"
            )
        self._runner = runner
        self._first_id = first_id
        self._context = found[0]["windows"].shape[1] or 1

    @property
    def reach(self) -> int:
        """Syllables back that it sees most clearly: those further back only through what it made of them."""
        return self._context

    def scores_of_all(self, utterances: Sequence[Edges]) -> list[list[float]]:
        """The score of each edge of each utterance: of its syllable after those before it, a natural logarithm.

        The model runs while it is in the processor's cache, with nothing in between.

        Args:
            utterances: of each what several sequences of at most 251 syllables hold, ids of the acoustic table.

        Raises:
            RecognizerError: the model failed, or gave scores that are no numbers.
        """
        trees = [prefix_tree(edges, self._context) if edges else None for edges in utterances]
        return [[] if tree is None else self._edge_scores(tree) for tree in trees]

    def _edge_scores(self, tree: PrefixTree) -> list[float]:
        scores = self._runner.run(
            {
                "windows": np.maximum(tree.windows - self._first_id, -1), "depths": tree.depths,
                "ancestors": tree.ancestors, "parents": tree.parents, "syllables": tree.syllables - self._first_id,
            }
        )["scores"]  # fmt: skip
        if np.isnan(scores).any():
            raise RecognizerError(
                "the sentence model gave scores that are no numbers, expected log-probabilities: reinstall the model "
                "pack, or take sentences out of its [resources]"
            )
        found: list[float] = scores.tolist()
        return found

    def close(self) -> None:
        """Release the model. Safe to call twice."""
        self._runner.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
