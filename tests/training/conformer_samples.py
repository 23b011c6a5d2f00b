"""A Conformer that trains in a moment, and its four tokens."""

from __future__ import annotations

from streamer.training.settings import ModelSettings

TINY = ModelSettings(width=16, blocks=2, heads=2, feed_forward=16, kernel=5, stem=4, head=8)
TOKENS = ["ba1", "ma1", "ma3", "A"]
