"""Sounds that are taken for one another: what may have been said where the acoustic model heard something else.

A model knows the voices that it was trained with. Speakers of other regions say ing nearly as in and zh nearly as z,
rooms and microphones take from p and b what tells them from t and d, and who speaks Mandarin says the letter D as the
syllable dì. The model is sure of what it heard all the same, so that no language model can correct it. Therefore what
it hears counts, in part, for what may have been said as well, by Bayes' rule: a token is as likely as what was heard,
times how much less often it is said, times the share of those who say it that way. (A lexicon with pronunciation
variants does this for words: Strik and Cucchiarini 1999, "Modeling pronunciation variation for ASR".)
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from streamer.asr.ctc import LogProbs
from streamer.asr.hearings import open_steps
from streamer.asr.modelpack import ModelPack
from streamer.asr.search.acoustic_prior import load_acoustic_prior
from streamer.asr.text_tables import entries
from streamer.asr.tokens import TokenTable
from streamer.errors import PackError
from streamer.settings.search import SearchSettings

_NOTICED: Final = np.float32(np.log(1e-3))
"""Tokens that are nowhere as probable as this count for no other: a few dozen of 1,737 remain."""
_NEVER: Final = np.float32(1e-37)
"""Of single precision nearly the smallest number, which has a logarithm."""

_Ids = npt.NDArray[np.intp]


class Alikes:
    """Which tokens may have been said where others were heard."""

    def __init__(self, heard: _Ids, said: _Ids, log_shares: npt.NDArray[np.float32]) -> None:
        """Take pairs of tokens.

        Args:
            heard: ``(pairs,)`` columns of what the model hears.
            said: ``(pairs,)`` columns of what may have been said then.
            log_shares: ``(pairs,)`` natural logarithms: how many times as probable the second is as the first.
        """
        order = said.argsort(kind="stable")
        self._heard, self._said, self._log_shares = heard[order], said[order], log_shares[order]

    @classmethod
    def of(cls, pairs: Iterable[tuple[int, int, float]], prior: npt.NDArray[np.float32]) -> Self:
        """From what was heard, what may have been said, and the share of those that say it so.

        Args:
            pairs: columns and shares, above 0.
            prior: ``(columns,)`` natural logarithms of how often each is said, up to a constant.
        """
        heard, said, shares = (np.array(each) for each in zip(*pairs, strict=True))
        return cls(heard, said, (np.log(shares) + prior[said] - prior[heard]).astype(np.float32))

    def hear(self, log_probs: LogProbs, blank_id: int) -> LogProbs:
        """What the model heard, and what may have been said instead.

        Args:
            log_probs: ``(steps, columns)`` natural logarithms; is left as it is.
            blank_id: column of the blank.

        Returns:
            The same shape. Steps that are not surely blank sum up to more than 1: nothing is taken from what was heard.
        """
        steps = open_steps(log_probs, blank_id)
        if not len(steps):
            return log_probs
        open_rows = log_probs[steps]
        pairs = (open_rows.max(axis=0) > _NOTICED)[self._heard].nonzero()[0]
        if not len(pairs):
            return log_probs
        said = self._said[pairs]
        firsts = np.flatnonzero(np.diff(said, prepend=-1))
        columns = said[firsts]
        instead = np.exp(open_rows[:, self._heard[pairs]] + self._log_shares[pairs])
        probable = np.exp(open_rows[:, columns]) + np.add.reduceat(instead, firsts, axis=1)
        found = log_probs.copy()
        found[steps[:, None], columns] = np.log(np.maximum(probable, _NEVER))
        return found


def weighted_alikes(pack: ModelPack, table: TokenTable, settings: SearchSettings | None) -> Alikes | None:
    """What a search with these settings adds to what is heard; None where it does not, or the pack has no table.

    Args:
        pack: with the table ``alikes`` among its resources; how often each token is said is its acoustic prior's.
        table: of the acoustic model.
        settings: of the search.

    Raises:
        PackError: the table cannot be read, or names tokens that the model does not have; or the acoustic prior is bad.
    """
    path, prior_path = pack.resource("alikes"), pack.resource("acoustic_prior")
    if path is None or settings is None or not settings.alikes_weight:
        return None
    blank_id = pack.manifest.acoustic.blank_id
    prior = np.zeros(table.first_id + len(table) + 1, np.float32)
    if prior_path is not None:
        prior = load_acoustic_prior(prior_path, tokens=len(table), blank_id=blank_id)
    pairs = read_alikes(path, table)
    return Alikes.of([(heard, said, settings.alikes_weight * share) for heard, said, share in pairs], prior)


def read_alikes(path: Path, table: TokenTable) -> list[tuple[int, int, float]]:
    """Read a table: UTF-8, what is heard, what may have been said, and its share a line; ``#`` lines are skipped.

    Args:
        path: the file, separated by tabs.
        table: whose tokens it names.

    Returns:
        Ids of both, and the share of those who say the second that it is heard as the first: above 0, at most 1.

    Raises:
        PackError: the file is missing, not UTF-8 or empty, or a line is none.
    """
    pairs: list[tuple[int, int, float]] = []
    for number, line in entries(path, "table of alike sounds"):
        try:
            heard, said, share = line.split("\t")
            pairs.append((table.ids[heard], table.ids[said], float(share)))
        except (ValueError, KeyError):
            pairs.append((0, 0, 0.0))
        if not 0.0 < pairs[-1][2] <= 1.0:
            raise PackError(
                f"table of alike sounds {path}, line {number}: expected two tokens of the acoustic table and a share "
                f"above 0, at most 1, separated by tabs, got {line!r}"
            )
    if not pairs:
        raise PackError(f"table of alike sounds {path} is empty: take alikes out of the pack's [resources]")
    return pairs
