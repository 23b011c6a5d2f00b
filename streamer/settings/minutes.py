"""Settings of the minutes."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

FormatName = Literal["markdown", "txt", "srt", "vtt", "json", "docx"]
"""The formats that minutes can have."""


class MinutesSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[minutes]``: the files that a meeting leaves in its folder."""

    formats: tuple[FormatName, ...] = ("markdown", "txt", "srt", "vtt", "json")
    """Which files are written while the meeting runs: markdown, txt, srt, vtt, json, docx (needs streamer[docx])."""
    language: Literal["zh", "en"] = "zh"
    """Language of headings and labels."""
    doubt_below: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.5
    """Characters less likely to be right than this are marked as doubtful; 0: none."""
    refresh_s: Annotated[int, msgspec.Meta(ge=60, le=3600)] = 60
    """Seconds between two versions of the JSON and DOCX files; text files follow each final."""
