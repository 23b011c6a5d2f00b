"""Two decoders that read a damaged file one after the other."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from streamer.audio.decoders.libsndfile import DamageError
from streamer.audio.decoders.rescue import RescuedReader
from streamer.audio.decoders.sound_reader import Samples
from streamer.errors import AudioFileError

BLOCK = np.zeros((800, 1), np.float32)
"""A tenth of a second."""
DAMAGE = "damaged after 0.1 s: lost sync"


class Scripted:
    """Gives blocks and raises errors in order, then nothing."""

    channels = 1
    length = None
    remarks = ()

    def __init__(self, *script: Samples | Exception, rate: int = 8000) -> None:
        self.rate = rate
        self.closed = 0
        self._script = list(script)

    def read(self) -> Samples:
        step = self._script.pop(0) if self._script else BLOCK[:0]
        if isinstance(step, Exception):
            raise step
        return step

    def close(self) -> None:
        self.closed += 1


def damaged() -> Scripted:
    return Scripted(BLOCK, DamageError("lost sync", taken=800, rate=8000))


def read_all(reader: RescuedReader) -> tuple[int, str]:
    """Blocks that are given, and why it ends."""
    blocks = 0
    while True:
        try:
            blocks += len(reader.read()) > 0
        except AudioFileError as error:
            return blocks, str(error)


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        (
            lambda: Scripted(BLOCK, BLOCK),
            (3, f"{DAMAGE}; behind that ffmpeg found 0.2 s, which were read; their times may be early"),
        ),
        (
            lambda: Scripted(BLOCK, AudioFileError("ffmpeg gave up")),
            (2, f"{DAMAGE}; behind that ffmpeg found 0.1 s, which were read; their times may be early"),
        ),
        (lambda: Scripted(BLOCK[:300]), (2, DAMAGE)),
        (Scripted, (1, DAMAGE)),
        (lambda: Scripted(AudioFileError("ffmpeg gave up")), (1, DAMAGE)),
        (lambda: Scripted(BLOCK, rate=16_000), (1, DAMAGE)),
    ],
    ids=["to the end", "it breaks off", "hardly anything", "nothing there", "it breaks off at once", "another rate"],
)
def test_what_the_other_decoder_finds_behind_the_damage_is_given_and_told(
    rest: Callable[[], Scripted], expected: tuple[int, str]
) -> None:
    assert read_all(RescuedReader(damaged(), lambda _taken: rest())) == expected  # type: ignore[arg-type]


def test_where_the_other_decoder_finds_no_sound_the_damage_is_told_as_often_as_it_is_read() -> None:
    asked: list[int] = []

    def refuse(taken: int) -> Scripted:
        asked.append(taken)
        raise AudioFileError("no sound")

    reader = RescuedReader(damaged(), refuse)  # type: ignore[arg-type]

    assert read_all(reader) == (1, DAMAGE)
    assert read_all(reader) == (0, DAMAGE)
    assert asked == [800]


def test_both_decoders_are_closed_also_one_that_does_not_fit() -> None:
    for rest in (Scripted(BLOCK), Scripted(BLOCK, rate=16_000)):
        first = damaged()
        reader = RescuedReader(first, lambda _taken, rest=rest: rest)  # type: ignore[arg-type,misc]
        read_all(reader)
        reader.close()

        assert (first.closed, rest.closed) == (1, 1)
