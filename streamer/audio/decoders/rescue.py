"""A sound file that libsndfile gives up in the middle: ffmpeg finds the sound behind the damage."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from streamer.audio.decoders.libsndfile import DamageError, LibsndfileReader
from streamer.audio.decoders.sound_reader import AroundReader, Samples, SoundReader
from streamer.errors import AudioFileError

_LEAST_S = 0.05
"""Seconds behind the damage that are worth a word; of less the other decoder only ends its last frame."""


class RescuedReader(AroundReader):
    """Reads a file as libsndfile does, and what it does not give as another decoder does; a ``SoundReader``."""

    def __init__(self, reader: LibsndfileReader, open_rest: Callable[[int], SoundReader]) -> None:
        """Take over an open file.

        Args:
            reader: where reading begins; closed with this.
            open_rest: opens the file for the other decoder, which leaves out so many samples of each channel; raises
                AudioFileError where that finds no sound.
        """
        super().__init__(reader)
        self._open_rest = open_rest
        self._rest: SoundReader | None = None
        self._damage: DamageError | None = None
        self._rescued = 0

    def read(self) -> Samples:
        """The next piece.

        Raises:
            AudioFileError: the file is damaged or too short; all that can be decoded of it was given.
        """
        if self._damage is None:
            try:
                return self._reader.read()
            except DamageError as error:
                self._damage = error
                self._rest = self._opened_rest(error)
        block = self._rescue(self._rest) if self._rest is not None else None
        if block is None or not len(block):
            raise AudioFileError(self._told(self._damage)) from self._damage
        self._rescued += len(block)
        return block

    def close(self) -> None:
        """Release the file and what decodes it. Safe to call twice."""
        if self._rest is not None:
            self._rest.close()
        super().close()

    def _opened_rest(self, damage: DamageError) -> SoundReader | None:
        try:
            rest = self._open_rest(damage.taken)
        except AudioFileError:
            return None
        if (rest.rate, rest.channels) == (self.rate, self.channels):
            return rest
        rest.close()
        return None

    @staticmethod
    def _rescue(rest: SoundReader) -> Samples:
        try:
            return rest.read()
        except AudioFileError:  # the damage is told in any case
            return np.empty((0, rest.channels), np.float32)

    def _told(self, damage: DamageError) -> str:
        rescued = self._rescued / self.rate
        if rescued < _LEAST_S:
            return str(damage)
        return f"{damage}; behind that ffmpeg found {rescued:.1f} s, which were read; their times may be early"
