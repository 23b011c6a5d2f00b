"""Settings of the recogniser."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from streamer.settings.ascend import AscendSettings
from streamer.settings.search import SearchSettings


class RecognizerSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[recognizer]``: which pack, and how it is executed."""

    pack: str = "zh"
    """Name of an installed pack, or the path of a pack folder."""
    threads: Annotated[int, msgspec.Meta(ge=1, le=64)] = 1
    """Threads of one model call; what decodes a whole sound (``transcribe``, ``recover``, ``redo``) has so many."""
    providers: tuple[str, ...] = ("CPUExecutionProvider",)
    """ONNX Runtime execution providers, best first; those that are not installed are passed over."""
    decoding: Literal["pack", "greedy", "beam"] = "pack"
    """How log-probabilities become syllables: as the pack was tuned for, the best token at every step, or a beam search
    with the keys of ``search``. Packs without log-probabilities give ids and need no search."""
    dereverberation: Literal["pack", "never"] = "pack"
    """Whether the late reverberation of a room is taken away before the models hear: as the pack was tuned for, or
    never. Dry speech is heard as it is in any case."""
    search: SearchSettings = SearchSettings()
    """``[recognizer.search]``: used where ``decoding = "beam"``."""
    min_token_score: Annotated[float, msgspec.Meta(ge=-1000, le=0)] = -100.0
    """Log-probability that a token's best step must reach, else the token is dropped; −100 keeps all."""
    min_mean_score: Annotated[float, msgspec.Meta(ge=-1000, le=0)] = -100.0
    """Mean of the tokens' log-probabilities that a hypothesis must reach, else it is empty; −100 keeps all."""
    ascend: AscendSettings = AscendSettings()
    """``[recognizer.ascend]``: for packs of offline models (``runner = "ascend"``)."""
