"""Whether an utterance that is still growing has shown enough to be shown itself.

What the gate asks of a whole utterance it cannot ask of its first half second: a drum and the note after it are one
likely syllable, and far voices give two before they turn out to be a murmur. Speech goes on quickly, glides, and stands
out of the room; what does so less clearly has to be heard twice.
"""

from __future__ import annotations

from streamer.settings.gate import GateSettings
from streamer.types import SAMPLE_RATE, Hypothesis, Token
from streamer.vad.sound import SoundStatistics


class EarlyEvidence:
    """Follows the hypotheses of growing utterances, one utterance after another."""

    def __init__(self, settings: GateSettings) -> None:
        self._settings = settings
        self._utterance = 0
        self._before: tuple[Token, ...] = ()
        """Of the same utterance."""

    def is_convincing(self, hypothesis: Hypothesis, sound: SoundStatistics) -> bool:
        """Whether the newest hypothesis may be shown where none of its utterance was; call it for each, in order."""
        before = self._before if hypothesis.utterance_id == self._utterance else ()
        self._utterance, self._before = hypothesis.utterance_id, hypothesis.tokens
        if not hypothesis.tokens or not self._settings.early_syllables:
            return True
        if not self._goes_on(hypothesis, sound):
            return False
        is_room_known = hypothesis.start_sample * 1000 >= self._settings.early_unknown_ms * SAMPLE_RATE
        if is_room_known and self._stands_out(hypothesis, before, sound):
            return True
        least = self._settings.early_agreed_score if is_room_known else self._settings.early_unknown_score
        return sound.level_range_db >= self._settings.early_agreed_range_db and self._agrees(hypothesis, before, least)

    def _goes_on(self, hypothesis: Hypothesis, sound: SoundStatistics) -> bool:
        settings, count = self._settings, len(hypothesis.tokens)
        seconds = (hypothesis.end_sample - hypothesis.tokens[0].start_sample) / SAMPLE_RATE
        held = sound.pitch_steps >= settings.early_steady_steps and sound.steady_share > settings.early_steady_share
        return count >= max(settings.early_syllables, settings.early_syllables_per_s * seconds) and not held

    def _stands_out(self, hypothesis: Hypothesis, before: tuple[Token, ...], sound: SoundStatistics) -> bool:
        # The hypothesis before counts too: one that has just lost its beginning has not begun just now.
        first = min(tokens[0].start_sample for tokens in (hypothesis.tokens, before) if tokens)
        known_ms = (hypothesis.end_sample - first) * 1000 // SAMPLE_RATE
        return known_ms <= self._settings.early_ms and sound.level_range_db >= self._settings.early_range_db

    def _agrees(self, hypothesis: Hypothesis, before: tuple[Token, ...], least: float) -> bool:
        tokens, wanted = hypothesis.tokens, self._settings.early_agreed_syllables
        if [token.text for token in before[:wanted]] != [token.text for token in tokens[:wanted]]:
            return False
        scores = [token.score for token in tokens if token.score is not None]
        return len(tokens) >= wanted and (not scores or sum(scores) / len(scores) >= least)
