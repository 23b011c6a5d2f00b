"""The punctuation network: characters and the pauses after them in, the mark after each character out.

What follows a character hangs on the words beside it. Runs of two to four characters have vectors of their own, kept
in hash tables, so that frequent words are known from few examples; context layers and attention do the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from streamer.training.dropout import ChannelDropout
from streamer.training.language_model import (
    IMPOSSIBLE,
    MOST_SYLLABLES,
    AttentionLayer,
    ContextLayer,
    positions,
)
from streamer.training.language_settings import ModelSettings
from streamer.training.spoken_form import MARKS

STYLES: Final = ("meetings", "dialogues", "written")
"""Ways of punctuating; known in training, ``meetings`` in use."""

RUNS: Final = (2, 3, 4)
"""Lengths of the runs of characters that have vectors of their own."""
RUN_WIDTH: Final = 16
"""Channels of a run's vector."""

_FACTORS: Final = (1_000_003, 998_244_353, 1_299_709, 15_485_863)
_MOST_LEVELS: Final = 127


@dataclass(frozen=True, slots=True)
class StoredVectors:
    """Vectors in fewer bytes, as the ONNX file has them."""

    characters: Tensor
    """(classes, width) half precision."""
    runs: Tensor | None
    """(runs, rows, ``RUN_WIDTH``) int8; None for a model without runs."""
    steps: Tensor | None
    """(runs,) what one level of ``runs`` is."""

    @classmethod
    def of(cls, model: PunctuationModel) -> StoredVectors:
        """Those of a model."""
        characters = model.characters.weight.detach().half()
        if model.runs is None:
            return cls(characters, None, None)
        tables = torch.stack(list(model.runs.tables)).detach()
        steps = tables.abs().amax(dim=(1, 2)) / _MOST_LEVELS
        return cls(characters, torch.round(tables / steps[:, None, None]).to(torch.int8), steps)

    def run_vectors(self, index: int, rows: Tensor) -> Tensor:
        """Vectors of runs of the length ``RUNS[index]``: (…) rows → (…, ``RUN_WIDTH``)."""
        if self.runs is None or self.steps is None:
            raise ValueError("vectors of runs were asked of a model without them")
        vectors: Tensor = self.runs[index][rows].float() * self.steps[index]
        return vectors


class RunTables(nn.Module):
    """Vectors of the runs of characters that begin at each position; runs share a row where their hashes meet."""

    def __init__(self, rows: int, width: int, dropout: float = 0.0) -> None:
        """Random vectors.

        Args:
            rows: rows of each table, best a prime number.
            width: channels of the sum.
            dropout: share of characters whose runs are not seen in training.
        """
        super().__init__()
        self.rows = rows
        self.dropout = dropout
        self.tables = nn.ParameterList([torch.randn(rows, RUN_WIDTH) * 0.2 for _ in RUNS])
        self.out = nn.Linear(RUN_WIDTH * len(RUNS), width)

    def forward(self, characters: Tensor, stored: StoredVectors | None = None) -> Tensor:
        """(batch, n) ids, 0 or more → (batch, n, width).

        Args:
            characters: language ids.
            stored: the vectors, if they are not the module's own.
        """
        rest = max(RUNS) - 1
        padded = functional.pad(characters.long(), (0, rest)) + 1
        # Ends counted from the last are constants in an exported graph; from the first, each is computed.
        shifted = [padded[:, at : at - rest or None] for at in range(rest + 1)]
        vectors: list[Tensor] = []
        for index, (run, table) in enumerate(zip(RUNS, self.tables, strict=True)):
            keys = shifted[0] * (_FACTORS[0] * run)
            for at in range(1, run):
                keys = keys + shifted[at] * (_FACTORS[at] * (at + run))
            rows = keys % self.rows
            vectors.append(functional.embedding(rows, table) if stored is None else stored.run_vectors(index, rows))
        joined = torch.cat(vectors, dim=-1)
        if self.training:
            kept = torch.rand(*joined.shape[:2], 1, device=joined.device) >= self.dropout
            joined = joined * kept / (1 - self.dropout)
        states: Tensor = self.out(joined)
        return states


def heard_pauses(pauses: Tensor) -> Tensor:
    """(…,) seconds of silence → (…, 2): whether there is any, and how long it seems."""
    return torch.stack([(pauses > 0).float(), torch.log1p(4 * pauses.clamp(0, 3))], dim=-1)


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
        self.runs = RunTables(settings.memory, settings.width, settings.run_dropout) if settings.memory else None
        self.styles = nn.Embedding(len(STYLES), settings.width)
        self.pauses = nn.Linear(2, settings.width)
        self.dropout = ChannelDropout(settings.dropout)
        self.context_layers = nn.ModuleList([ContextLayer(settings) for _ in range(2)])
        self.layers = nn.ModuleList([AttentionLayer(settings) for _ in range(settings.layers)])
        self.norm = nn.LayerNorm(settings.width)
        self.out = nn.Linear(settings.width, len(MARKS))
        cosines, sines = positions(MOST_SYLLABLES, settings.width // settings.heads)
        self.register_buffer("cosines", cosines, persistent=False)
        self.register_buffer("sines", sines, persistent=False)
        nn.init.normal_(self.characters.weight, std=0.5)

    def forward(self, characters: Tensor, pauses: Tensor, style: Tensor, stored: StoredVectors | None = None) -> Tensor:
        """Scores before the softmax.

        Args:
            characters: (batch, n) language ids, negative where nothing.
            pauses: (batch, n) seconds of silence after each character; 0 where unknown or none.
            style: (batch,) index into ``STYLES``.
            stored: vectors of characters and runs, if they are not the model's own.

        Returns:
            (batch, n, marks).
        """
        present = (characters >= 0).float()
        table = self.characters.weight if stored is None else stored.characters
        known = characters.clamp(min=0)
        states = functional.embedding(known, table).float() + self.styles(style).unsqueeze(1)
        if self.runs is not None:
            states = states + self.runs(known, stored)
        states = self.dropout((states + self.pauses(heard_pauses(pauses))) * present.unsqueeze(-1))
        for context in self.context_layers:
            states = context(states, present)
        mask = (1 - present)[:, None, None, :] * IMPOSSIBLE
        count = characters.shape[1]
        turns = self.get_buffer("cosines")[:count], self.get_buffer("sines")[:count]
        for layer in self.layers:
            states = layer(states, mask, turns)
        scores: Tensor = self.out(self.norm(states))
        return scores
