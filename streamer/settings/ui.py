"""Settings of what is shown on the terminal."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec


class UiSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[ui]``: the terminal."""

    language: Literal["auto", "zh", "en"] = "auto"
    """Language of labels and warnings; auto: that of LC_ALL, LC_MESSAGES or LANG."""
    frames_per_second: Annotated[int, msgspec.Meta(ge=1, le=30)] = 8
    """How often level, lag and clock are drawn again at most; text is drawn when it comes."""
    doubt_below: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.5
    """Characters of finals less likely to be right than this are underlined; 0: none."""
