"""The compression of a recording's closed pieces."""

from __future__ import annotations

import logging

from streamer.audio.pieces import RAW, Piece, compress
from streamer.errors import RecordingError, StoreError
from streamer.memory import give_memory_back

logger = logging.getLogger(__name__)


class Compression:
    """Compresses what is still raw, and remembers what could not be. Used by one thread."""

    def __init__(self) -> None:
        self._is_refused = False
        self._unreadable: set[int] = set()
        """Where pieces begin that cannot be read: deleted or damaged, which those after them are not."""

    def compress(self, pieces: list[Piece]) -> None:
        """Put the compressed form in the place of each raw piece; a disk too full for it now is asked the next time."""
        for index, piece in enumerate(pieces):
            if piece.suffix != RAW or piece.start_sample in self._unreadable:
                continue
            try:
                pieces[index] = compress(piece)
            except RecordingError as error:
                if not self._is_refused:
                    logger.warning("%s", error)
                self._is_refused = True
                return
            except StoreError as error:
                logger.warning("%s", error)
                self._unreadable.add(piece.start_sample)
                continue
            self._is_refused = False
            give_memory_back()  # libsndfile needed 1 MB, and finals give back other threads' heaps only in part
