"""Kokoro-82M as a synthesiser of spelled sentences, in batches of equal length, on a processor or a GPU."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from streamer.training.kokoro_symbols import symbol_ids
from streamer.training.kokoro_voices import Voice
from streamer.training.resampler import Resampler
from streamer.training.sentences import Sentence
from streamer.training.zhtts_speaker import Utterance

LONGEST_FRAMES = 400
"""Ten seconds: what would become longer is left unsaid."""
_FRAME = 400
"""Samples at 16 kHz in a frame (25 ms), the unit of the predicted lengths."""
_ROUND_FRAMES = 8
"""Clips are held at their end to a multiple of so many frames, so that there are others of equal length."""
_ROWS = 32
"""Sentences in a batch whose lengths are predicted."""
_BATCH_FRAMES = {"cpu": 400}
_GPU_BATCH_FRAMES = 3200
"""Frames in a batch whose sound is made: 80 s on a GPU (1.4 GB); a processor gains nothing by more than one clip."""
_PEAK = 0.98


class Network(Protocol):
    """What :class:`streamer.training.kokoro_network.KokoroNetwork` does."""

    def lengths(self, symbols: Tensor, styles: Tensor, speeds: Tensor) -> tuple[Tensor, Tensor]:
        """Lengths of symbols in frames, and states."""

    def waves(self, frames: Tensor, styles: Tensor) -> Tensor:
        """The sound of states in frames, at 24 kHz."""


@dataclass(frozen=True, slots=True)
class Request:
    """A sentence without letters, and how to say it."""

    id: str
    """Of the clip."""
    sentence: Sentence
    symbols: list[int]
    """Kokoro's, without the zeros at the ends."""
    spans: list[tuple[int, int]]
    """First and last-plus-one symbol of each token."""
    style: npt.NDArray[np.float32]
    """``(256,)`` of the voice, for so many symbols."""
    speed: float

    @classmethod
    def of(cls, clip_id: str, sentence: Sentence, voice: Voice, *, speed: float, rng: random.Random) -> Request:
        """Spell a sentence; ``rng`` decides sandhi and phrasing."""
        symbols, owners = symbol_ids(sentence, rng)
        places = [[at for at, owner in enumerate(owners) if owner == token] for token in range(len(sentence.tokens))]
        spans = [(own[0], own[-1] + 1) for own in places]
        return cls(clip_id, sentence, symbols, spans, voice[len(symbols)], speed)


@dataclass(frozen=True, slots=True)
class _Timed:
    """A request whose lengths are known."""

    request: Request
    lengths: list[int]
    """Frames of each symbol, and of the zeros at the ends."""
    frames: Tensor
    """States ``(1152, frames)``, the last one held to a round number of them."""
    style: Tensor


class Kokoro:
    """Speaks sentences as they come, not in their order: those of equal length together.

    The same request gives the same sound, whatever is spoken beside it, up to the rounding of a batch.
    """

    def __init__(self, network: Network, device: str = "cpu") -> None:
        self._network, self._device = network, device
        self._resample = Resampler(device)
        self._batch_frames = _BATCH_FRAMES.get(device, _GPU_BATCH_FRAMES)
        self._spelled: dict[int, list[Request]] = {}
        self._timed: dict[int, list[_Timed]] = {}

    def speak(self, requests: Iterable[Request]) -> Iterator[tuple[Request, Utterance]]:
        """The sound of each request that is not too long."""
        for request in requests:
            waiting = self._spelled.setdefault(len(request.symbols), [])
            waiting.append(request)
            if len(waiting) == _ROWS:
                self._time(self._spelled.pop(len(request.symbols)))
                yield from self._ready(last=False)
        for waiting in self._spelled.values():
            self._time(waiting)
        self._spelled.clear()
        yield from self._ready(last=True)

    def _time(self, requests: list[Request]) -> None:
        """Predict the lengths of requests with equally many symbols."""
        symbols = torch.tensor([[0, *request.symbols, 0] for request in requests], device=self._device)
        styles = torch.from_numpy(np.stack([request.style for request in requests])).to(self._device)
        speeds = torch.tensor([request.speed for request in requests], device=self._device)
        predicted, states = self._network.lengths(symbols, styles, speeds)
        for request, lengths, own, style in zip(requests, predicted.tolist(), states, styles, strict=True):
            missing = -sum(lengths) % _ROUND_FRAMES
            total = sum(lengths) + missing
            if total <= LONGEST_FRAMES:
                repeats = torch.tensor([*lengths[:-1], lengths[-1] + missing], device=self._device)
                frames = own.repeat_interleave(repeats, dim=1, output_size=total)
                self._timed.setdefault(total, []).append(_Timed(request, lengths, frames, style))

    def _ready(self, *, last: bool) -> Iterator[tuple[Request, Utterance]]:
        """Speak what fills a batch, and, at last, what is left."""
        for total, waiting in list(self._timed.items()):
            rows = max(1, self._batch_frames // total)
            while len(waiting) >= (1 if last else rows):
                batch, waiting[:rows] = waiting[:rows], []
                yield from self._finish(batch)
            if not waiting:
                del self._timed[total]

    def _finish(self, batch: list[_Timed]) -> Iterator[tuple[Request, Utterance]]:
        frames, styles = (torch.stack(each) for each in zip(*((one.frames, one.style) for one in batch), strict=True))
        waves = self._resample(self._network.waves(frames, styles))
        peaks = waves.abs().amax(1, keepdim=True)
        sound = (waves * (_PEAK * 32767 / peaks.clamp(min=_PEAK))).round().to(torch.int16).cpu().numpy()
        for one, pcm, peak in zip(batch, sound, peaks.flatten().tolist(), strict=True):
            if not np.isfinite(peak):
                raise ArithmeticError(f"{one.request.id}: the sound is not finite ({one.request.sentence.text})")
            edges = [0, *(_FRAME * int(end) for end in np.cumsum(one.lengths))]
            # The first length is that of the zero before the symbols.
            spans = [(edges[first + 1], edges[after + 1]) for first, after in one.request.spans]
            yield one.request, Utterance(pcm[: edges[-1]], spans)
