"""What a search made of an utterance: syllables, their characters, and what is known of both."""

from __future__ import annotations

from dataclasses import dataclass

from streamer.asr.ctc import CtcPath
from streamer.asr.heard import LanguageOutput
from streamer.asr.hotwords import HotwordMatch
from streamer.asr.search.lattice import PrefixHypothesis


@dataclass(frozen=True, slots=True)
class Decoded:
    """What an utterance was decoded to."""

    ids: tuple[int, ...]
    """Syllables, in order."""
    texts: tuple[str, ...]
    """A character for each syllable, hotwords in place; empty where the language stage gave none."""
    written: LanguageOutput
    """What the language stage gave."""
    path: CtcPath | None = None
    """The syllables' place in time; None for bare packs."""
    confidences: tuple[float, ...] | None = None
    """Probability that each character is right; None where the pack was not calibrated."""
    hotwords: tuple[HotwordMatch, ...] = ()
    """Hotwords that are written instead of what the language stage gave."""
    found: tuple[PrefixHypothesis, ...] = ()
    """Of a final, the sequences that it was chosen from, best first; none where nothing was searched."""

    @property
    def scores(self) -> tuple[float | None, ...]:
        """Log-probability of each syllable and its character; None where the pack offers none."""
        if self.path is None:
            return (None,) * len(self.ids)
        written = self.written.scores or ()
        missing = (0.0,) * (len(self.ids) - len(written))
        return tuple(token.score + score for token, score in zip(self.path.tokens, (*written, *missing), strict=True))
