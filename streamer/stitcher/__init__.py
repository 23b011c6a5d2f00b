"""From hypotheses to segments: stable partials, and seams without lost or doubled syllables."""

from __future__ import annotations

from streamer.stitcher.finisher import PlainFinisher
from streamer.stitcher.stitcher import Stitcher

__all__ = ["PlainFinisher", "Stitcher"]
