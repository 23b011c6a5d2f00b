"""From hypotheses to segments: stable partials, and seams without lost or doubled syllables."""

from __future__ import annotations

from streamer.stitcher.stitcher import Stitcher

__all__ = ["Stitcher"]
