"""Settings of the metrics that Prometheus collects."""

from __future__ import annotations

from typing import Annotated

import msgspec


class MetricsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[metrics]``: figures of the running program over HTTP."""

    port: Annotated[int, msgspec.Meta(ge=0, le=65_535)] = 0
    """TCP port of ``/metrics``; 0: none."""
    host: Annotated[str, msgspec.Meta(min_length=1)] = "127.0.0.1"
    """Address to listen on; the figures are not secret, but the loopback address keeps them on this computer."""
