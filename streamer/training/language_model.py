"""The language stage's network: toned pinyin in, one character per syllable out.

Syllables are embedded by their parts (initial, final, tone) plus a part of their own, so that those that sound alike
lie close together, which is what repairs errors. Characters are classified against vectors made of the parts of their
readings plus a part of their own. Two context layers mix neighbouring syllables, then attention layers with rotary
positions see the whole utterance (relative positions: nothing is learned for a place in the utterance).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from streamer.text.pinyin import FINALS, INITIALS, LETTERS, TONES, parse_syllable
from streamer.training.dropout import ChannelDropout
from streamer.training.language_memory import CODE, PairMemory, character_codes
from streamer.training.language_settings import ModelSettings
from streamer.training.language_tokens import END_ID, FIRST_CHARACTER_ID, START_ID

MOST_SYLLABLES = 256
"""Longest input; the model contract has 251."""
IMPOSSIBLE = -1e4
"""Score of a token that cannot stand at a place; finite, so that sums of scores stay finite."""


class SoundEmbedding(nn.Module):
    """A vector for each acoustic token: the sum of its parts' vectors and one of its own."""

    def __init__(self, tokens: Sequence[str], width: int) -> None:
        super().__init__()
        sounds = [None if token in LETTERS else parse_syllable(token) for token in tokens]
        parts = [
            (len(INITIALS), len(FINALS), 0)
            if sound is None
            else (INITIALS.index(sound.initial), FINALS.index(sound.final), sound.tone)
            for sound in sounds
        ]
        self.register_buffer("parts", torch.tensor(parts), persistent=False)
        self.initial = nn.Embedding(len(INITIALS) + 1, width)
        self.final = nn.Embedding(len(FINALS) + 1, width)
        self.tone = nn.Embedding(len(TONES) + 1, width)
        self.own = nn.Embedding(len(tokens), width)
        for table in (self.initial, self.final, self.tone, self.own):
            nn.init.normal_(table.weight, std=0.3)

    def table(self) -> Tensor:
        """(tokens, width): the vectors of all tokens."""
        parts = self.get_buffer("parts")
        summed: Tensor = self.initial(parts[:, 0]) + self.final(parts[:, 1]) + self.tone(parts[:, 2]) + self.own.weight
        return summed


class ContextLayer(nn.Module):
    """Mixes each position with its neighbours: a convolution written as one matrix product."""

    def __init__(self, settings: ModelSettings) -> None:
        super().__init__()
        self.reach = settings.context // 2
        self.norm = nn.LayerNorm(settings.width)
        self.mix = nn.Linear(settings.context * settings.width, 2 * settings.width)
        self.out = nn.Linear(settings.width, settings.width)
        self.dropout = ChannelDropout(settings.dropout)

    def forward(self, states: Tensor, present: Tensor) -> Tensor:
        """(batch, n, width) → the same shape; absent positions count as zeros."""
        padded = functional.pad(self.norm(states) * present.unsqueeze(-1), (0, 0, self.reach, self.reach))
        rest = 2 * self.reach
        # Ends counted from the last are constants in an exported graph; from the first, each is computed.
        neighbours = torch.cat([padded[:, shift : shift - rest or None] for shift in range(rest + 1)], dim=-1)
        value, gate = self.mix(neighbours).chunk(2, dim=-1)
        mixed: Tensor = states + self.dropout(self.out(value * functional.silu(gate)).float())
        return mixed


class AttentionLayer(nn.Module):
    """Self-attention with rotary positions, then a feed-forward layer; both pre-norm."""

    def __init__(self, settings: ModelSettings) -> None:
        super().__init__()
        self.heads = settings.heads
        self.half_width = settings.width // settings.heads // 2
        self.attention_norm = nn.LayerNorm(settings.width)
        self.query_key_value = nn.Linear(settings.width, 3 * settings.width)
        self.attention_out = nn.Linear(settings.width, settings.width)
        self.feed_norm = nn.LayerNorm(settings.width)
        self.feed_in = nn.Linear(settings.width, settings.feed_forward)
        self.feed_out = nn.Linear(settings.feed_forward, settings.width)
        self.dropout = ChannelDropout(settings.dropout)

    def forward(self, states: Tensor, mask: Tensor, turns: tuple[Tensor, Tensor]) -> Tensor:
        """(batch, n, width) → the same shape.

        Args:
            states: the positions' vectors.
            mask: (batch, 1, 1, n) added to the attention scores: 0 or ``IMPOSSIBLE``.
            turns: of :func:`positions`, for the positions at hand.
        """
        batch, count, width = states.shape
        normed = self.attention_norm(states)
        parts = self.query_key_value(normed).view(batch, count, 3 * self.heads, width // self.heads)
        # Queries and keys are turned together: of a short text, operators cost more than what they compute.
        turned, value = torch.split(parts.transpose(1, 2), [2 * self.heads, self.heads], dim=1)
        query, key = torch.split(self._rotated(turned, turns), [self.heads, self.heads], dim=1)
        scores = (query @ key.transpose(-1, -2)).float() * (width // self.heads) ** -0.5 + mask
        heard = functional.softmax(scores, dim=-1).to(value.dtype) @ value
        states = states + self.dropout(self.attention_out(heard.transpose(1, 2).reshape(batch, count, width)).float())
        fed = self.feed_out(functional.silu(self.feed_in(self.feed_norm(states))))
        fed_states: Tensor = states + self.dropout(fed.float())
        return fed_states

    def _rotated(self, vectors: Tensor, turns: tuple[Tensor, Tensor]) -> Tensor:
        """Turn (…, n, channels of a head) by their positions."""
        left, right = torch.split(vectors, [self.half_width, self.half_width], dim=-1)
        rotated = vectors * turns[0] + torch.cat([right, left], dim=-1) * turns[1]
        return rotated.to(vectors.dtype)


class LanguageModel(nn.Module):
    """Acoustic ids to scores of characters."""

    def __init__(self, settings: ModelSettings, tokens: Sequence[str], readings: Tensor) -> None:
        """Random weights.

        Args:
            settings: the shape.
            tokens: the acoustic token table.
            readings: (language ids, k) acoustic ids of each character's readings, −1 where none.
        """
        super().__init__()
        self.settings = settings
        self.classes = readings.shape[0]
        self.sounds = SoundEmbedding(tokens, settings.width)
        self.memory = PairMemory(settings.memory, len(tokens)) if settings.memory else None
        if self.memory is not None:
            self.memory_in = nn.Linear(2 * CODE, settings.width)
            self.memory_gates = nn.Linear(settings.width, 2)
            nn.init.zeros_(self.memory_in.weight)
            nn.init.constant_(self.memory_gates.bias, 3.0)
            codes = torch.from_numpy(character_codes(self.classes)) / CODE
            self.register_buffer("character_codes", codes, persistent=False)
        self.context_layers = nn.ModuleList([ContextLayer(settings) for _ in range(2)])
        self.layers = nn.ModuleList([AttentionLayer(settings) for _ in range(settings.layers)])
        self.norm = nn.LayerNorm(settings.width)
        self.character_sounds = SoundEmbedding(tokens, settings.width)
        self.own = nn.Embedding(self.classes, settings.width)
        self.bias = nn.Parameter(torch.zeros(self.classes))
        self.dropout = ChannelDropout(settings.dropout)
        known = (readings >= 0).float()
        self.register_buffer("readings", readings.clamp(min=0), persistent=False)
        self.register_buffer("shares", known / known.sum(1, keepdim=True).clamp(min=1), persistent=False)
        cosines, sines = positions(MOST_SYLLABLES, settings.width // settings.heads)
        self.register_buffer("cosines", cosines, persistent=False)
        self.register_buffer("sines", sines, persistent=False)
        nn.init.normal_(self.own.weight, std=0.02)
        for table in (
            self.character_sounds.initial,
            self.character_sounds.final,
            self.character_sounds.tone,
            self.character_sounds.own,
        ):
            nn.init.normal_(table.weight, std=0.03)

    def forward(self, syllables: Tensor, embedding: Tensor | None = None) -> Tensor:
        """Vectors before the classifier.

        Args:
            syllables: (batch, n) acoustic ids, negative where nothing.
            embedding: the vectors of all acoustic tokens, if they were computed before.

        Returns:
            (batch, n, width), with a memory (batch, n, width + CODE).
        """
        present = (syllables >= 0).float()
        table = self.sounds.table() if embedding is None else embedding
        states = functional.embedding(syllables.clamp(min=0), table).float() * present.unsqueeze(-1)
        recalled = self.memory(syllables) if self.memory is not None else None
        if recalled is not None:
            states = states + self.memory_in(torch.cat(recalled, dim=-1)) * present.unsqueeze(-1)
        states = self.dropout(states)
        for context in self.context_layers:
            states = context(states, present)
        mask = (1 - present)[:, None, None, :] * IMPOSSIBLE
        count = syllables.shape[1]
        turns = self.get_buffer("cosines")[:count], self.get_buffer("sines")[:count]
        for layer in self.layers:
            states = layer(states, mask, turns)
        normed: Tensor = self.norm(states)
        if recalled is None:
            return normed
        gates = functional.softplus(self.memory_gates(normed)).float()
        return torch.cat([normed, recalled[0] * gates[..., :1] + recalled[1] * gates[..., 1:]], dim=-1)

    def classifier(self) -> tuple[Tensor, Tensor]:
        """Weights (classes, width of what :meth:`forward` gives) and biases (classes,) of the last layer."""
        sounds = self.character_sounds.table()
        readings, shares = self.get_buffer("readings"), self.get_buffer("shares")
        weights = self.own.weight + (sounds[readings] * shares.unsqueeze(-1)).sum(1)
        special = torch.zeros(self.classes, dtype=weights.dtype, device=weights.device)
        special[:FIRST_CHARACTER_ID] = IMPOSSIBLE
        if self.memory is not None:
            weights = torch.cat([weights, self.get_buffer("character_codes")], dim=1)
        return weights, self.bias + special

    def log_probabilities(self, syllables: Tensor) -> Tensor:
        """The model contract's second output: (batch, n) ids → (batch, n + 1, classes) log-probabilities.

        Ids are acoustic ones, negative where nothing. The first row stands for ``S``; from the first absent syllable
        on, all is ``/S``.
        """
        weights, bias = self.classifier()
        scores = functional.log_softmax(self(syllables) @ weights.T + bias, dim=-1)
        return frame(scores, syllables >= 0)


def frame(scores: Tensor, present: Tensor) -> Tensor:
    """Put ``S`` before the scores (batch, n, classes) and ``/S`` where nothing is present (batch, n)."""
    end = torch.where(torch.arange(scores.shape[-1], device=scores.device) == END_ID, 0.0, IMPOSSIBLE)
    ended = torch.where(present.float().unsqueeze(-1) > 0, scores, end)  # older CANN cannot reshape truth values
    return torch.cat([start_row(scores), ended], dim=1)


def start_row(scores: Tensor) -> Tensor:
    """The row of ``S`` that stands before scores (batch, n, classes): (batch, 1, classes)."""
    start = torch.where(torch.arange(scores.shape[-1], device=scores.device) == START_ID, 0.0, IMPOSSIBLE)
    return start.expand(scores.shape[0], 1, -1)


def positions(count: int, channels: int) -> tuple[Tensor, Tensor]:
    """Cosines and sines of rotary positions, (count, channels) each; the sines of the first half negative."""
    frequencies = 2000.0 ** (-torch.arange(0, channels, 2).float() / channels)
    angles = torch.arange(count).float()[:, None] * frequencies
    sines = torch.sin(angles)
    return torch.cos(angles).repeat(1, 2), torch.cat([-sines, sines], dim=1)
