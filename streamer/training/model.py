"""The acoustic model: a Conformer that gives token scores every 40 ms."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from streamer.training.composition import ComposedScores
from streamer.training.dropout import ChannelDropout
from streamer.training.settings import ModelSettings
from streamer.training.stem import Stem

FEED_FORWARD_SHARE: Final = 0.5
"""What each of the two feed-forward layers of a block counts."""
_NEVER = -1e4
_MOST_STEPS = 126


@dataclass(frozen=True, slots=True)
class Scores:
    """What the model says of a batch."""

    final: Tensor
    """Unnormalised token scores, ``(batch, outputs, tokens + 1) float``, blank last."""
    middle: Tensor | None
    """The same after the middle block, if that is trained."""


class Conformer(nn.Module):
    """Features to token scores.

    Everything beyond an utterance's ``length`` is masked after every convolution, so that padding changes nothing.
    Where nothing is padded, the masks are left out: they cost a twentieth of the time.
    """

    cosine: Tensor
    sine: Tensor

    def __init__(self, settings: ModelSettings, tokens: list[str]) -> None:
        super().__init__()
        self.stem = Stem(settings.stem, settings.width, settings.dropout)
        self.blocks = nn.ModuleList(Block(settings) for _ in range(settings.blocks))
        self.norm = nn.LayerNorm(settings.width)
        self.pair = nn.Linear(settings.width, 2 * settings.head)
        self.pair_norm = nn.LayerNorm(settings.head)
        self.scores = ComposedScores(tokens, settings.head)
        self.middle_block = settings.middle_ctc
        self.middle_pair = nn.Linear(settings.width, 2 * settings.head) if settings.middle_ctc else None
        cosine, sine = _rotations(settings.width // settings.heads)
        self.register_buffer("cosine", cosine, persistent=False)
        self.register_buffer("sine", sine, persistent=False)

    def forward(self, features: Tensor, length: Tensor) -> Scores:
        """Score a batch.

        Args:
            features: ``(batch, frames, 80)``.
            length: ``(batch,)`` feature frames before padding, divided by 4.

        Returns:
            Scores at 40 ms a step, ``2 * ceil(frames / 8)`` steps.
        """
        hidden, keep = self.stem(features, length)
        middle = None
        for number, state in enumerate(self._states(hidden, keep), 1):
            hidden = state
            if self.middle_pair is not None and number == self.middle_block and self.training:
                middle = self.scores(self._halves(self.middle_pair(hidden)))
        return Scores(self.scores(self._halves(self.pair(self.norm(hidden)))), middle)

    def encoded(self, features: Tensor, length: Tensor | None = None) -> Tensor:
        """What the token scores are computed from, ``(batch, outputs, head)``; see :meth:`forward`.

        Args:
            features: ``(batch, frames, 80)``.
            length: as there; None: nothing is padded, ``frames`` is a multiple of 4.
        """
        hidden, keep = self.stem(features, length)
        *_, hidden = self._states(hidden, keep)
        return self._halves(self.pair(self.norm(hidden)))

    def take_shares_in(self) -> None:
        """Let the weights of the feed-forward layers hold what they count: the same numbers, in fewer operators."""
        for layer in self.modules():
            if isinstance(layer, Block):
                layer.take_share_in()

    def _states(self, hidden: Tensor, keep: Tensor | None) -> Iterator[Tensor]:
        """The output of every block."""
        steps = hidden.shape[1]
        bias = None if keep is None else (1.0 - keep[:, None, None, :]) * _NEVER
        column = None if keep is None else keep[:, :, None]
        cosine, sine = self.cosine[:steps], self.sine[:steps]
        for block in self.blocks:
            hidden = block(hidden, column, bias, cosine, sine)
            yield hidden

    def _halves(self, pairs: Tensor) -> Tensor:
        """Two outputs of every step, one after the other."""
        batch, steps, width = pairs.shape
        halves: Tensor = self.pair_norm(pairs.reshape(batch, 2 * steps, width // 2))
        return halves


class Block(nn.Module):
    """A Conformer block: half feed-forward, self-attention, convolution, half feed-forward, normalisation."""

    def __init__(self, settings: ModelSettings) -> None:
        super().__init__()
        self.before = FeedForward(settings)
        self.attention = Attention(settings)
        self.convolution = Convolution(settings)
        self.after = FeedForward(settings)
        self.norm = nn.LayerNorm(settings.width)
        self.holds_share = False

    def forward(self, hidden: Tensor, keep: Tensor | None, bias: Tensor | None, cosine: Tensor, sine: Tensor) -> Tensor:
        """``(batch, steps, width)`` to the same shape."""
        hidden = hidden + self._shared(self.before(hidden))
        hidden = hidden + self.attention(hidden, bias, cosine, sine)
        hidden = hidden + self.convolution(hidden, keep)
        hidden = hidden + self._shared(self.after(hidden))
        normalised: Tensor = self.norm(hidden)
        return normalised

    @torch.no_grad()
    def take_share_in(self) -> None:
        """See :meth:`Conformer.take_shares_in`."""
        for layer in (self.before, self.after):
            for weights in layer.narrow.parameters():
                weights.mul_(FEED_FORWARD_SHARE)
        self.holds_share = True

    def _shared(self, fed: Tensor) -> Tensor:
        return fed if self.holds_share else FEED_FORWARD_SHARE * fed


class FeedForward(nn.Module):
    """Two linear layers around SiLU."""

    def __init__(self, settings: ModelSettings) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(settings.width)
        self.widen = nn.Linear(settings.width, settings.feed_forward)
        self.narrow = nn.Linear(settings.feed_forward, settings.width)
        self.dropout = ChannelDropout(settings.dropout)

    def forward(self, hidden: Tensor) -> Tensor:
        """``(batch, steps, width)`` to the same shape."""
        inner = self.dropout(functional.silu(self.widen(self.norm(hidden))))
        narrowed: Tensor = self.dropout(self.narrow(inner))
        return narrowed


class Attention(nn.Module):
    """Multi-head self-attention with rotary positions."""

    def __init__(self, settings: ModelSettings) -> None:
        super().__init__()
        self.heads = settings.heads
        self.half_width = settings.width // settings.heads // 2
        self.norm = nn.LayerNorm(settings.width)
        self.inward = nn.Linear(settings.width, 3 * settings.width)
        self.outward = nn.Linear(settings.width, settings.width)
        self.dropout = ChannelDropout(settings.dropout)

    def forward(self, hidden: Tensor, bias: Tensor | None, cosine: Tensor, sine: Tensor) -> Tensor:
        """``(batch, steps, width)`` to the same shape; ``bias (batch, 1, 1, steps)`` shuts padding out, if there is."""
        batch, steps, width = hidden.shape
        parts = self.inward(self.norm(hidden)).reshape(batch, steps, 3 * self.heads, width // self.heads)
        # Queries and keys are turned together: of short sound, operators cost more than what they compute.
        turned, value = torch.split(parts.transpose(1, 2), [2 * self.heads, self.heads], dim=1)
        query, key = torch.split(self._rotated(turned, cosine, sine), [self.heads, self.heads], dim=1)
        weights = query @ key.transpose(-1, -2) / math.sqrt(width // self.heads)
        weights = weights if bias is None else weights + bias.to(weights.dtype)
        shares = torch.softmax(weights, dim=-1).to(value.dtype)
        mixed = (shares @ value).transpose(1, 2).reshape(batch, steps, width)
        attended: Tensor = self.dropout(self.outward(mixed))
        return attended

    def _rotated(self, vectors: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
        """Vectors ``(…, steps, width of a head)`` turned by their position."""
        first, second = torch.split(vectors, [self.half_width, self.half_width], dim=-1)
        swapped = torch.cat([second, first], dim=-1)
        return vectors * cosine.to(vectors.dtype) + swapped * sine.to(vectors.dtype)


class Convolution(nn.Module):
    """Gated pointwise, depthwise, pointwise convolutions over time."""

    def __init__(self, settings: ModelSettings) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(settings.width)
        self.gate = nn.Linear(settings.width, 2 * settings.width)
        self.depthwise = nn.Conv1d(
            settings.width, settings.width, settings.kernel, padding=settings.kernel // 2, groups=settings.width
        )
        self.inner_norm = nn.LayerNorm(settings.width)
        self.outward = nn.Linear(settings.width, settings.width)
        self.dropout = ChannelDropout(settings.dropout)

    def forward(self, hidden: Tensor, keep: Tensor | None) -> Tensor:
        """``(batch, steps, width)`` to the same shape; ``keep (batch, steps, 1)`` is zero on padding, if there is."""
        gated = functional.glu(self.gate(self.norm(hidden)), dim=-1)
        local = self._mixed(gated if keep is None else gated * keep.to(hidden.dtype))
        convolved: Tensor = self.dropout(self.outward(functional.silu(self.inner_norm(local))))
        return convolved

    def _mixed(self, gated: Tensor) -> Tensor:
        """Each channel over time, ``(batch, steps, width)`` to the same shape."""
        if not torch.onnx.is_in_onnx_export():
            mixed: Tensor = self.depthwise(gated.transpose(1, 2)).transpose(1, 2)
            return mixed
        # The same as a picture one column wide, channels last: onnxruntime has a quick kernel for those, which takes
        # half of the time, and turns the picture while it copies it.
        weight, bias, around = (
            self.depthwise.weight.unsqueeze(3),
            self.depthwise.bias,
            self.depthwise.kernel_size[0] // 2,
        )
        picture = gated.unsqueeze(2).permute(0, 3, 1, 2)
        column = functional.conv2d(picture, weight, bias, padding=(around, 0), groups=len(weight))
        return column.permute(0, 2, 3, 1).squeeze(2)


def _rotations(width: int) -> tuple[Tensor, Tensor]:
    """Cosines and sines ``(126, width)`` of the rotary positions, the sines of the first half negative."""
    speeds = 10_000.0 ** (-torch.arange(0, width, 2) / width)
    angles = torch.arange(_MOST_STEPS)[:, None] * speeds[None, :]
    cosine, sine = torch.cos(angles), torch.sin(angles)
    return torch.cat([cosine, cosine], dim=1), torch.cat([-sine, sine], dim=1)
