"""Settings of the recogniser."""

from __future__ import annotations

from typing import Annotated

import msgspec


class RecognizerSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[recognizer]``: which pack, and how it is executed."""

    pack: str = "zh"
    """Name of an installed pack, or the path of a pack folder."""
    threads: Annotated[int, msgspec.Meta(ge=1, le=64)] = 1
    """Threads of one model call."""
    providers: tuple[str, ...] = ("CPUExecutionProvider",)
    """ONNX Runtime execution providers, best first."""
