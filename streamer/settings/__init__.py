"""Settings: one model a stage, read from TOML, each key with its unit, range and effect in ``config/default.toml``."""

from __future__ import annotations

from streamer.settings.loader import Settings, load_settings

__all__ = ["Settings", "load_settings"]
