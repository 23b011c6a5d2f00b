"""Settings of the written form."""

from __future__ import annotations

import msgspec


class TextSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[text]``: what is made of the characters that were heard."""

    punctuation: bool = True
    """Whether marks are written."""
    numbers: bool = True
    """Whether finals have numbers, dates and amounts in digits."""
    fillers: bool = True
    """Whether minutes keep hesitations (嗯, 呃); the store always does."""
