"""What the recognisers of all rooms make of the same hotwords: of a long list it takes a second and fifty megabytes."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from streamer.asr.hotword_list import Hotword
from streamer.asr.hotwords import FavouredHotwords


@dataclass(frozen=True, slots=True)
class MadeHotwords:
    """Hotwords, made ready with one pack's tables."""

    favoured: FavouredHotwords
    unusable: tuple[str, ...]
    """Those that cannot be favoured."""


class SharedHotwords:
    """Keeps what was made of the newest lists; recognisers that share it have the same models and settings."""

    def __init__(self) -> None:
        # Two: an utterance that waits is decoded with those before. The oldest goes first, and would be made again.
        self._made: deque[tuple[Sequence[Hotword], MadeHotwords]] = deque(maxlen=2)

    def find(self, words: Sequence[Hotword]) -> MadeHotwords | None:
        """What was made of these very words; None where it was not, or others have come since."""
        return next((made for known, made in tuple(self._made) if known is words), None)

    def keep(self, words: Sequence[Hotword], made: MadeHotwords) -> None:
        """Others may need it, too."""
        self._made.append((words, made))
