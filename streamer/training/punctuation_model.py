"""The punctuation network: characters and the pauses after them in, the mark after each character out."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from streamer.training.language_model import (
    IMPOSSIBLE,
    MOST_SYLLABLES,
    AttentionLayer,
    ContextLayer,
    SpanDropout,
    positions,
)
from streamer.training.language_settings import ModelSettings
from streamer.training.spoken_form import MARKS

STYLES: Final = ("meetings", "dialogues", "written")
"""Ways of punctuating; known in training, ``meetings`` in use."""


class PunctuationModel(nn.Module):
    """Scores of the marks of :data:`streamer.training.spoken_form.MARKS` after each character."""

    def __init__(self, settings: ModelSettings, classes: int) -> None:
        """Random weights.

        Args:
            settings: the shape.
            classes: highest language id + 1; id 0 stands for characters outside the table.
        """
        super().__init__()
        self.settings = settings
        self.characters = nn.Embedding(classes, settings.width)
        self.styles = nn.Embedding(len(STYLES), settings.width)
        self.pauses = nn.Linear(2, settings.width)
        self.dropout = SpanDropout(settings.dropout)
        self.context_layers = nn.ModuleList([ContextLayer(settings) for _ in range(2)])
        self.layers = nn.ModuleList([AttentionLayer(settings) for _ in range(settings.layers)])
        self.norm = nn.LayerNorm(settings.width)
        self.out = nn.Linear(settings.width, len(MARKS))
        cosines, sines = positions(MOST_SYLLABLES, settings.width // settings.heads)
        self.register_buffer("cosines", cosines, persistent=False)
        self.register_buffer("sines", sines, persistent=False)
        nn.init.normal_(self.characters.weight, std=0.5)

    def forward(self, characters: Tensor, pauses: Tensor, style: Tensor, embedding: Tensor | None = None) -> Tensor:
        """Scores before the softmax.

        Args:
            characters: (batch, n) language ids, negative where nothing.
            pauses: (batch, n) seconds of silence after each character; 0 where unknown or none.
            style: (batch,) index into ``STYLES``.
            embedding: (classes, width) vectors of the characters, if they are not the model's own table.

        Returns:
            (batch, n, marks).
        """
        present = (characters >= 0).float()
        table = self.characters.weight if embedding is None else embedding
        states = functional.embedding(characters.clamp(min=0), table).float() + self.styles(style).unsqueeze(1)
        heard = torch.stack([(pauses > 0).float(), torch.log1p(4 * pauses.clamp(0, 3))], dim=-1)
        states = self.dropout((states + self.pauses(heard)) * present.unsqueeze(-1))
        for context in self.context_layers:
            states = context(states, present)
        mask = (1 - present)[:, None, None, :] * IMPOSSIBLE
        count = characters.shape[1]
        turns = self.get_buffer("cosines")[:count], self.get_buffer("sines")[:count]
        for layer in self.layers:
            states = layer(states, mask, turns)
        scores: Tensor = self.out(self.norm(states))
        return scores


class ExportedPunctuationModel(nn.Module):
    """The network in the style of meetings, with a fitted bias per mark, for ONNX."""

    def __init__(self, model: PunctuationModel, bias: Tensor) -> None:
        super().__init__()
        self.model = model
        self.register_buffer("bias", bias)
        self.register_buffer("embedding", model.characters.weight.detach().half())

    def forward(self, characters: Tensor, pauses: Tensor) -> Tensor:
        """int32 (1, n), float32 (1, n) → log-probabilities float32 (1, n, marks)."""
        style = torch.zeros(1, dtype=torch.int64)
        scores = self.model(characters, pauses, style, self.get_buffer("embedding")) + self.get_buffer("bias")
        return functional.log_softmax(scores, dim=-1)
