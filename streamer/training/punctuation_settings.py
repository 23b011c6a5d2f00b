"""What the punctuation model is shown in training, and whom it believes: table ``punctuation_lessons``."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

from streamer.errors import SettingsError


@dataclass(frozen=True, slots=True)
class PunctuationLessons:
    """Shares of what is drawn, for the model and its teacher, and the weight of the teacher's word."""

    meetings_first: float = 0.2
    """Share of windows of meetings at first, when much can be learned elsewhere."""
    meetings_last: float = 0.6
    """The same at the end."""
    meetings_rise: float = 0.5
    """Part of the steps after which the share begins to rise, steadily."""
    unknown_share: float = 0.05
    """Share of characters that the model cannot read."""
    marks_share: float = 0.5
    """Weight of the texts' own marks in what is minimised, if there is a teacher; the rest is the teacher's."""
    restyled_share: float = 0.5
    """Share of the windows of other texts that the teacher judges as if they were of meetings; their own marks, which
    follow other habits, are not learned."""

    ended_share: float = 0.6
    """Share of the windows with a long pause that end with one, as utterances do in a meeting."""
    ended_weight: float = 0.05
    """Weight of the marks at those ends, besides their weight among all others: there is one in a window, and the
    teacher, which learned from windows that end with sentences, is not asked about it."""

    def __post_init__(self) -> None:
        """Check the shares.

        Raises:
            SettingsError: one is none.
        """
        for field in fields(self):
            value = getattr(self, field.name)
            if not 0 <= value <= 1:
                raise SettingsError(f"[punctuation_lessons] {field.name} = {value}: expected a share from 0 to 1")

    def meetings(self, progress: float) -> float:
        """Share of windows of meetings.

        Args:
            progress: share of the steps that were made.
        """
        rest = max(1 - self.meetings_rise, 1e-9)
        risen = min(1.0, max(0.0, progress - self.meetings_rise) / rest)
        return self.meetings_first + (self.meetings_last - self.meetings_first) * risen


@dataclass(frozen=True, slots=True)
class PretrainedEncoder:
    """Where the encoder lies, and how it is trained further: table ``punctuation_encoder``."""

    path: Path
    """The folder."""
    dropout: float = 0.15
    """Share of activations dropped in training."""
    new_rate: float = 5.0
    """Times the rate of the encoder at which what is new learns."""

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            SettingsError: one is out of range.
        """
        if not 0 <= self.dropout < 1:
            raise SettingsError(f"[punctuation_encoder] dropout = {self.dropout}: expected a share from 0 to below 1")
        if self.new_rate <= 0:
            raise SettingsError(f"[punctuation_encoder] new_rate = {self.new_rate}: expected a number above 0")
