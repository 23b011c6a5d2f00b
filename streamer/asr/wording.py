"""What is written for syllables: the language stage's characters, hotwords, and the choice among several sequences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from streamer.asr.heard import LanguageOutput
from streamer.asr.hotwords import HotwordMatch, HotwordScorer
from streamer.asr.models import LoadedModels
from streamer.asr.search.agreement import common_ends
from streamer.asr.search.lattice import PrefixHypothesis
from streamer.settings.search import SearchSettings

_REACH: Final = 2
"""Syllables beside those that differ from what was written for which the language stage may write other characters, or
find them likelier. Of test.tsv at two tempos a third fewer sequences are written, and 5 of 803 utterances differ."""

_Scores = Sequence[float]


class Wording:
    """Writes with one pack's language stage. Keeps nothing of an utterance that was forgotten."""

    def __init__(self, models: LoadedModels, settings: SearchSettings) -> None:
        """``settings``: how much characters count in the choice, and what a hotword may cost."""
        self._models = models
        self._settings = settings
        self._newest: tuple[tuple[int, ...], LanguageOutput] | None = None
        """The syllables written out last: of growing utterances, many snapshots hear the same ones."""

    def write(self, syllables: tuple[int, ...]) -> LanguageOutput:
        """The characters that the language stage gives these syllables.

        Raises:
            RecognizerError: it failed.
        """
        if self._newest is None or self._newest[0] != syllables:
            self._newest = syllables, self._models.write(syllables)
        return self._newest[1]

    def forget(self) -> None:
        """Forget what was written: an utterance has ended."""
        self._newest = None

    def choose(
        self, found: Sequence[PrefixHypothesis], hotwords: HotwordScorer | None
    ) -> tuple[tuple[int, ...], LanguageOutput]:
        """The syllables with the best joint score, and their characters.

        Args:
            found: the syllables that an utterance may hold, best first; at least one sequence.
            hotwords: what is favoured.

        Raises:
            RecognizerError: the language stage failed.
        """
        settings = self._settings
        best, written = found[0], self.write(found[0].ids)
        tried = [(best.ids, self._scores(best.ids, written, hotwords))]
        best_score = best.score + self._worth(tried[0][1])
        for heard in found[1:]:
            if heard.score < found[0].score - settings.n_best_margin:
                break
            # No character is more probable than 1: what cannot win any more need not be written out.
            certain = set[int]() if hotwords is None else hotwords.covered(heard.ids)
            least = min(_known(heard.ids, ids, scores, certain) for ids, scores in tried)
            most = max(0.0, settings.language_bonus * len(heard.ids)) + settings.language_weight * least
            if heard.score + most <= best_score:
                continue
            characters = self.write(heard.ids)
            tried.append((heard.ids, self._scores(heard.ids, characters, hotwords)))
            score = heard.score + self._worth(tried[-1][1])
            if score > best_score:
                best, written, best_score = heard, characters, score
        return best.ids, written

    def _scores(self, ids: tuple[int, ...], written: LanguageOutput, hotwords: HotwordScorer | None) -> _Scores | None:
        """The characters' log-probabilities, those of hotwords taken to be certain; None where there are none.

        The language stage finds names strange, whatever it writes for them.
        """
        found = written.scores
        if found is None or hotwords is None:
            return found
        scores = list(found)
        for match in self.hotwords(ids, written, hotwords):
            stop = min(match.stop, len(scores))
            scores[match.start : stop] = [0.0] * (stop - match.start)
        return scores

    def _worth(self, scores: _Scores | None) -> float:
        """What characters of these log-probabilities add to the score of their syllables."""
        settings = self._settings
        return sum([settings.language_weight * score + settings.language_bonus for score in scores or ()])

    def hotwords(
        self, ids: tuple[int, ...], written: LanguageOutput, hotwords: HotwordScorer | None
    ) -> tuple[HotwordMatch, ...]:
        """Hotwords in these syllables that are written instead of what the language stage gave."""
        return () if hotwords is None else tuple(hotwords.matches(ids, lambda match: self._cost(match, written)))

    def texts(self, count: int, written: LanguageOutput, hotwords: Sequence[HotwordMatch]) -> tuple[str, ...]:
        """A character for each of ``count`` syllables, hotwords in place; empty where the language stage gave none."""
        language = self._models.pack.manifest.language
        silent = (language.start_id, language.end_id)
        characters = self._models.characters
        texts = [characters.text(each) if characters.holds(each) and each not in silent else "" for each in written.ids]
        texts += [""] * (count - len(texts))
        for match in hotwords:
            texts[match.start : match.stop] = match.hotword.text
        return tuple(texts)

    def _cost(self, match: HotwordMatch, written: LanguageOutput) -> float:
        """How much less probable a hotword's characters are than those of the language stage; 0 where it has no scores.

        Infinity where that is more than it can live with. Characters that its table does not hold cost nothing: it
        could never have written them.
        """
        if written.log_probs is None:
            return 0.0
        lost = 0.0
        characters = self._models.characters
        for place, character in enumerate(match.hotword.text, start=match.start):
            if place < len(written.ids) and character in characters:
                row = written.log_probs[place]
                lost += float(row[written.ids[place]] - row[characters.id(character)])
        most = self._settings.hotword_writing * match.hotword.weight * len(match.hotword.text)
        return lost if lost <= most else math.inf


def _known(ids: tuple[int, ...], tried: tuple[int, ...], scores: _Scores | None, certain: set[int]) -> float:
    """The sum of those scores of a sequence that was written out which another one's characters will have, too.

    They are those of syllables that both have, so far from where they differ that it cannot be heard there.

    Args:
        ids: of the other sequence.
        tried: of the one that was written out.
        scores: of its characters.
        certain: places of the other whose characters may be taken to be certain.
    """
    if scores is None or len(scores) < len(tried):
        return 0.0
    before, behind = common_ends(ids, tried)
    more, last = len(ids) - len(tried), len(tried) - max(0, behind - _REACH)
    first = [score for place, score in enumerate(scores[: max(0, before - _REACH)]) if place not in certain]
    return sum(first) + sum([score for place, score in enumerate(scores[last:], last) if place + more not in certain])
