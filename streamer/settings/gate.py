"""Settings of the evidence gate."""

from __future__ import annotations

from typing import Annotated

import msgspec


class GateSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[gate]``: what an utterance must show to become text, so that silence, noise and music give none."""

    min_level_dbfs: Annotated[float, msgspec.Meta(ge=-120, le=0)] = -66.0
    """Decibels below full scale that the loudest twentieth of an utterance's frames must reach."""
    min_level_range_db: Annotated[float, msgspec.Meta(ge=0, le=60)] = 2.0
    """Decibels that must lie between its softest and its loudest tenth; hum and fans hold one level."""
    min_voiced_frames: Annotated[int, msgspec.Meta(ge=0, le=50)] = 3
    """So many frames in a row must have the pitch of a voice; breath, clicks and hiss have none."""
    max_steady_share: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.29
    """At most this share of its pitch may be held without gliding; instruments hold their notes. 1 lets all pass."""
    steady_steps: Annotated[int, msgspec.Meta(ge=1, le=500)] = 40
    """Frames with a pitch from which that share counts: a single drawn-out syllable holds its pitch too."""
    max_sparse_steady_share: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.18
    """The same for utterances with few syllables: a tune is read as one now and then. 1 lets all pass."""
    sparse_steady_steps: Annotated[int, msgspec.Meta(ge=1, le=500)] = 10
    """Frames with a pitch from which that share counts: a short word may hold its few."""
    sparse_syllables_per_s: Annotated[float, msgspec.Meta(ge=0, le=5)] = 1.6
    """Syllables a second below which they are few."""
    repeated_syllables_per_s: Annotated[float, msgspec.Meta(ge=0, le=5)] = 1.8
    """Syllables a second below which they are few if they are the same again and again. 0: there is no such rule."""
    repeated_different_per_s: Annotated[float, msgspec.Meta(ge=0, le=5)] = 0.5
    """Different syllables a second, tones aside, below which they are: drums and notes are read as the same few."""
    min_mean_score: Annotated[float, msgspec.Meta(ge=-100, le=0)] = -100.0
    """Mean log-probability that the tokens must reach; −100 lets all pass. Ignored for packs without scores."""
    murmur_range_db: Annotated[float, msgspec.Meta(ge=0, le=60)] = 13.0
    """Decibels between an utterance's softest and loudest tenth below which it is a murmur: many voices far away, or a
    voice hardly above other noise. 0: nothing is."""
    murmur_syllables_per_s: Annotated[float, msgspec.Meta(ge=0, le=10)] = 1.8
    """Syllables a second that a murmur must give, …"""
    murmur_syllables_per_db: Annotated[float, msgspec.Meta(ge=0, le=5)] = 0.3
    """… and so many more for every decibel that its range lies below ``murmur_range_db``."""
    murmur_syllables: Annotated[int, msgspec.Meta(ge=0, le=100)] = 8
    """A murmur of fewer syllables is short."""
    murmur_mean_score: Annotated[float, msgspec.Meta(ge=-100, le=0)] = -1.4
    """Mean log-probability that a short murmur must reach. Ignored for packs without scores."""
    murmur_long_mean_score: Annotated[float, msgspec.Meta(ge=-100, le=0)] = -1.7
    """Mean log-probability that any other murmur must reach. Ignored for packs without scores."""
    voice_syllables: Annotated[int, msgspec.Meta(ge=0, le=100)] = 12
    """Or it gives so many syllables, and enough evidence: one voice in loud noise. 0: there is no such way. Packs
    without scores have none."""
    voice_evidence: Annotated[float, msgspec.Meta(ge=0, le=20)] = 3.8
    """Enough: its syllables a second, and .6 of its mean log-probability, and .2 for each decibel of its range."""
    voice_mean_score: Annotated[float, msgspec.Meta(ge=-100, le=0)] = -2.3
    """Mean log-probability that it must reach, whatever else is there. −100 lets all pass."""
    early_syllables: Annotated[int, msgspec.Meta(ge=0, le=10)] = 2
    """Syllables that an utterance must have before any of it is shown ahead of its final. 0: no ``early_…`` rule."""
    early_syllables_per_s: Annotated[float, msgspec.Meta(ge=0, le=10)] = 2.4
    """Syllables a second that it must have from the first one on."""
    early_steady_share: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.2
    """At most this share of its pitch may be held by then."""
    early_steady_steps: Annotated[int, msgspec.Meta(ge=1, le=500)] = 12
    """Frames with a pitch from which that share counts."""
    early_range_db: Annotated[float, msgspec.Meta(ge=0, le=60)] = 15.0
    """Decibels between its softest and its loudest tenth from which one hypothesis is enough."""
    early_ms: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 600
    """Milliseconds after the first syllable during which one is enough: speech has shown itself by then."""
    early_agreed_syllables: Annotated[int, msgspec.Meta(ge=1, le=20)] = 2
    """Otherwise two hypotheses in a row must agree on so many first syllables."""
    early_agreed_range_db: Annotated[float, msgspec.Meta(ge=0, le=60)] = 16.0
    """Such an utterance must have at least this range."""
    early_agreed_score: Annotated[float, msgspec.Meta(ge=-100, le=0)] = -1.5
    """Such an utterance must reach this mean log-probability. Ignored for packs without scores."""
    early_unknown_ms: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 1000
    """Utterances that begin so soon after the meeting's beginning always need two: how the room sounds is not known."""
    early_unknown_score: Annotated[float, msgspec.Meta(ge=-100, le=0)] = -0.45
    """The mean log-probability that these must reach. Ignored for packs without scores."""
