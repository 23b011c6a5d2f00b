"""Settings of the evidence gate."""

from __future__ import annotations

from typing import Annotated

import msgspec


class GateSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[gate]``: what an utterance must show to become text, so that silence, noise and music give none."""

    min_level_dbfs: Annotated[float, msgspec.Meta(ge=-120, le=0)] = -66.0
    """Decibels below full scale that the loudest tenth of an utterance's frames must reach."""
    min_mean_score: Annotated[float, msgspec.Meta(ge=-100, le=0)] = -100.0
    """Mean log-probability that the tokens must reach; −100 lets all pass. Ignored for packs without scores."""
