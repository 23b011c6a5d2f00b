"""Settings of the summary."""

from __future__ import annotations

from typing import Annotated

import msgspec


class SummarySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[summary]``: who sums a meeting up."""

    base_url: str = ""
    """OpenAI-compatible endpoint, such as ``http://localhost:11434/v1``; empty: sentences are picked from the text."""
    model: str = ""
    """Name of the model at the endpoint."""
    key_env: str = "STREAMER_SUMMARY_KEY"
    """Environment variable that holds the endpoint's key; unset: none is sent."""
    timeout_s: Annotated[float, msgspec.Meta(ge=1, le=3600)] = 180.0
    """Seconds that one answer may take."""
    retries: Annotated[int, msgspec.Meta(ge=0, le=10)] = 2
    """How often a request is repeated that failed for a reason that may pass; after the wait that is asked for."""
    part_characters: Annotated[int, msgspec.Meta(ge=500, le=200_000)] = 6000
    """Characters of text in one request; longer meetings are summed up in parts, then merged."""
    sentences: Annotated[int, msgspec.Meta(ge=1, le=100)] = 10
    """Sentences that are picked where there is no endpoint; never more than a third of all."""
