"""Settings of the Ascend runner."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec


class AscendSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[recognizer.ascend]``: how offline models (``.om``) run, and what happens when the NPU fails."""

    device_id: Annotated[int, msgspec.Meta(ge=0, le=255)] = 0
    """Which NPU, counted after ``ASCEND_RT_VISIBLE_DEVICES``."""
    memory_policy: Literal["huge_first", "huge_only", "normal_only"] = "huge_first"
    """Pages of device memory: 2 MiB where there are some, only those, or none of those."""
    timeout_ms: Annotated[int, msgspec.Meta(ge=100, le=600_000)] = 5000
    """Milliseconds after which one run of a model counts as failed."""
    start_timeout_s: Annotated[int, msgspec.Meta(ge=1, le=600)] = 120
    """Seconds that starting the device and loading a model may take; the first start on a machine is slow."""
    retries: Annotated[int, msgspec.Meta(ge=0, le=10)] = 2
    """How often an utterance is decoded again, each time in a new worker process, after the device failed."""
    retry_pause_ms: Annotated[int, msgspec.Meta(ge=0, le=60_000)] = 500
    """Milliseconds before a worker process is replaced; doubles with each try."""
    fallback_pack: str = ""
    """ONNX pack that decodes while the NPU is away; empty for none: then the recogniser fails."""
    return_after_s: Annotated[int, msgspec.Meta(ge=1, le=86_400)] = 300
    """Seconds on the fallback pack before the NPU is tried again, once; doubles, up to an hour, until it is back."""
