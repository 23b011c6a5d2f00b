"""What the recognisers of all rooms make of the same hotwords: of a long list it takes a second and fifty megabytes."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from streamer.asr.hotword_list import Hotword
from streamer.asr.hotwords import FavouredHotwords
from streamer.errors import PackError


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
        self._refused: Sequence[Hotword] | None = None
        """The newest list of which nothing can be made."""
        self._thread: threading.Thread | None = None

    def find(self, words: Sequence[Hotword]) -> MadeHotwords | None:
        """What was made of these very words; None where it was not, or others have come since."""
        return next((made for known, made in tuple(self._made) if known is words), None)

    def is_ready(self, words: Sequence[Hotword], make: Callable[[], MadeHotwords]) -> bool:
        """Whether nothing is left to be made of these words; where it is, it is being made in a thread.

        Args:
            words: a list.
            make: makes it; raises PackError, which whoever needs the words meets again.
        """
        if words is self._refused or self.find(words) is not None:
            return True
        if self._thread is None or not self._thread.is_alive():  # one list at a time: another may have come meanwhile
            self._thread = threading.Thread(
                target=self._make, args=(words, make), name="streamer-hotwords", daemon=True
            )
            self._thread.start()
        return False

    def keep(self, words: Sequence[Hotword], made: MadeHotwords) -> None:
        """Others may need it, too."""
        self._made.append((words, made))

    def _make(self, words: Sequence[Hotword], make: Callable[[], MadeHotwords]) -> None:
        try:
            self.keep(words, make())
        except PackError:
            self._refused = words
