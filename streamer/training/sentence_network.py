"""The sentence model's network: how probable a row of toned syllables is, whatever it sounds like.

Each syllable is predicted from those before it. Syllables are embedded by their parts (initial, final, tone) plus a
part of their own, and predicted against the same vectors, so that rare ones learn from those that look alike. The
scores are trained to be log-probabilities without normalisation (Devlin et al., "Fast and Robust Neural Network Joint
Models", ACL 2014): at run time only the syllables in question are scored, not all of the table.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from streamer.training.dropout import ChannelDropout
from streamer.training.language_model import (
    IMPOSSIBLE,
    AttentionLayer,
    SoundEmbedding,
    positions,
)
from streamer.training.language_settings import ModelSettings

MOST_SYLLABLES = 256
"""Longest input; an utterance has at most 251."""


class SentenceNetwork(nn.Module):
    """Acoustic ids to a state before each of them, from which it is predicted."""

    def __init__(self, settings: ModelSettings, tokens: Sequence[str]) -> None:
        """Random weights.

        Args:
            settings: shape; ``context`` is the number of syllables before that the first layer sees.
            tokens: of the acoustic table, in the order of their ids.
        """
        super().__init__()
        self.reach = settings.context
        self.sounds = SoundEmbedding(tokens, settings.width)
        self.start = nn.Parameter(torch.randn(settings.width) * 0.3)
        self.context_layers = nn.ModuleList([nn.Linear(settings.context * settings.width, 2 * settings.width)])
        self.dropout = ChannelDropout(settings.dropout)
        self.layers = nn.ModuleList(AttentionLayer(settings) for _ in range(settings.layers))
        self.norm = nn.LayerNorm(settings.width)
        self.out = nn.Linear(settings.width, settings.width)
        nn.init.normal_(self.out.weight, std=0.1 * settings.width**-0.5)  # all syllables are about as probable at first
        self.bias = nn.Parameter(torch.zeros(len(tokens)))
        cosines, sines = positions(MOST_SYLLABLES, settings.width // settings.heads)
        self.register_buffer("cosines", cosines, persistent=False)
        self.register_buffer("sines", sines, persistent=False)
        self.register_buffer("future", torch.triu(torch.full((MOST_SYLLABLES,) * 2, IMPOSSIBLE), 1), persistent=False)

    def forward(self, syllables: Tensor, table: Tensor) -> Tensor:
        """States before each syllable.

        Args:
            syllables: ``(batch, n)`` acoustic ids, negative where nothing.
            table: of :meth:`table`.

        Returns:
            ``(batch, n, width)``; the state at a place knows the syllables before that place only.
        """
        batch, count = syllables.shape
        spoken = functional.embedding(syllables.clamp(min=0), table)
        start = self.start.expand(batch, self.reach, -1)
        before = torch.cat([start, spoken[:, :-1]], dim=1)
        windows = torch.stack([before[:, place : place + count] for place in range(self.reach)], dim=2)
        turns = self.get_buffer("cosines")[:count], self.get_buffer("sines")[:count]
        return self._states(windows, self.get_buffer("future")[:count, :count], turns)

    def tree(
        self, windows: Tensor, depths: Tensor, ancestors: Tensor, parents: Tensor, syllables: Tensor, table: Tensor
    ) -> Tensor:
        """Scores of syllables that follow prefixes which many sequences share, each prefix computed once.

        Args:
            windows: ``(p, context)`` the newest syllables of each prefix, the newest last; negative before its start.
            depths: ``(p,)`` its length.
            ancestors: ``(p, p)`` true where the column's prefix begins the row's, or is the same.
            parents: ``(e,)`` the prefix that each syllable follows.
            syllables: ``(e,)`` acoustic ids.
            table: of :meth:`table`, in any precision.

        Returns:
            ``(e,)``, as :meth:`log_scores`.
        """
        known = functional.embedding(windows.clamp(min=0), table).float()
        vectors = torch.where(windows[..., None] >= 0, known, self.start)
        turns = self.get_buffer("cosines")[depths], self.get_buffer("sines")[depths]
        states = self._states(vectors[None], torch.where(ancestors, 0.0, IMPOSSIBLE), turns)[0]
        scores: Tensor = (states[parents] * functional.embedding(syllables, table).float()).sum(-1)
        return scores + self.bias[syllables]

    def _states(self, windows: Tensor, mask: Tensor, turns: tuple[Tensor, Tensor]) -> Tensor:
        """States of prefixes, ``(batch, p, width)``; ``windows (batch, p, context, width)``: their newest vectors."""
        value, gate = self.context_layers[0](windows.flatten(2)).chunk(2, dim=-1)
        states = windows[:, :, -1] + self.dropout((value * functional.silu(gate)).float())
        for layer in self.layers:
            states = layer(states, mask, turns)
        predicted: Tensor = self.out(self.norm(states))
        return predicted

    def table(self) -> Tensor:
        """``(tokens, width)``: vectors of the syllables, on both sides of the network."""
        return self.sounds.table()

    def log_scores(self, syllables: Tensor) -> Tensor:
        """``(batch, n)``: score of each syllable after those before it, nearly a log-probability; 0 where none is."""
        table = self.table()
        states = self(syllables, table)
        known = syllables.clamp(min=0)
        scores = (states * functional.embedding(known, table)).sum(-1) + self.bias[known]
        return torch.where(syllables >= 0, scores, torch.zeros_like(scores))


def sentence_loss(model: SentenceNetwork, syllables: Tensor, drift: float) -> tuple[Tensor, Tensor]:
    """What is minimised, and the plain cross-entropy, both per syllable.

    Args:
        model: in training mode.
        syllables: ``(batch, n)`` acoustic ids, negative where nothing.
        drift: weight of the squared logarithm of the normaliser.
    """
    table = model.table()
    states = model(syllables, table)[syllables >= 0]
    spoken = syllables[syllables >= 0]
    scores = (states @ table.T.to(states.dtype)).float() + model.bias
    normaliser = scores.logsumexp(dim=-1)
    entropy = (normaliser - scores.gather(1, spoken[:, None])[:, 0]).mean()
    return entropy + drift * normaliser.square().mean(), entropy.detach()
