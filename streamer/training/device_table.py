"""What is known of the clips that lie on a device: a table on the host."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

MOST_TOKENS = 64
"""Tokens of the longest clip that is kept."""

Whole = npt.NDArray[np.int64]
Spans = npt.NDArray[np.float32]
"""``(…, 2)``: first and last-plus-one sample; −1 where unknown."""


@dataclass(frozen=True, slots=True)
class ClipTable:
    """Clips, one row each."""

    start: Whole
    """Position of the first sample."""
    length: Whole
    """Samples."""
    tokens: Whole
    """Token ids, ``(clips, 64)``; −1 after the last."""
    spans: Spans
    """Of the tokens, from the clip's first sample on, ``(clips, 64, 2)``."""
    quiet: Whole
    """Samples before and after what is heard, ``(clips, 2)``."""

    def __len__(self) -> int:
        return len(self.start)

    def taken(self, rows: Whole) -> ClipTable:
        """Some of the clips."""
        return ClipTable(*(getattr(self, field.name)[rows] for field in fields(self)))

    def with_more(self, other: ClipTable) -> ClipTable:
        """These clips, and others behind them."""
        return ClipTable(
            *(np.concatenate([getattr(self, field.name), getattr(other, field.name)]) for field in fields(self))
        )
