"""The transcript of a sound file, written piece by piece in one of four formats. Times count from the file's start."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any, Protocol

from streamer.lengths import length_of
from streamer.minutes import line_of
from streamer.sinks.minutes.subtitles import SrtWriter, VttWriter
from streamer.sinks.printable import printable
from streamer.types import SAMPLE_RATE, Segment, Token


class TranscriptFormat(StrEnum):
    """How a transcript is written; the value is also the ending of its file."""

    TXT = "txt"
    """``[0:01:05.2] text``, a line a segment."""
    SRT = "srt"
    """Subtitles."""
    VTT = "vtt"
    """Subtitles for web browsers."""
    JSON = "json"
    """One object a line: a segment with its tokens."""


class TranscriptWriter(Protocol):
    """Writes one file's transcript: what opens it, then its segments in order."""

    head: str
    """What stands before the first segment."""

    def line(self, segment: Segment) -> str:
        """A final segment that has text, with its line end."""


def transcript_writer(kind: TranscriptFormat, file: str) -> TranscriptWriter:
    """A writer for one file. ``file``: its name, which stands in every object of the JSON format."""
    match kind:
        case TranscriptFormat.TXT:
            return TextTranscript()
        case TranscriptFormat.SRT:
            return SubtitleTranscript(SrtWriter(), "")
        case TranscriptFormat.VTT:
            return SubtitleTranscript(VttWriter(), "WEBVTT\n\n")
        case TranscriptFormat.JSON:
            return JsonTranscript(file)


class TextTranscript:
    """Plain text with times."""

    head = ""

    def line(self, segment: Segment) -> str:
        """A time and a text."""
        return f"[{_clock(segment.start_sample)}] {printable(segment.text)}\n"


class SubtitleTranscript:
    """Subtitles, cut and written as those of the minutes are."""

    def __init__(self, writer: SrtWriter | VttWriter, head: str) -> None:
        self.head = head
        self._writer = writer

    def line(self, segment: Segment) -> str:
        """The cues of a segment."""
        return self._writer.entry(line_of(segment), None)


class JsonTranscript:
    """JSON Lines."""

    head = ""

    def __init__(self, file: str) -> None:
        self._file = file

    def line(self, segment: Segment) -> str:
        """One object: times in seconds, scores as log-probabilities, confidence from 0 to 1; null where unknown."""
        written = {
            "file": self._file,
            "start": _seconds(segment.start_sample),
            "end": _seconds(segment.end_sample),
            "text": segment.text,
            "spoken": segment.spoken,
            "confidence": _rounded(segment.confidence),
            "tokens": [_token(token) for token in segment.tokens],
        }
        # A file's name may hold bytes that are no text.
        return json.dumps(written, ensure_ascii=False).encode("utf-8", "replace").decode() + "\n"


def _token(token: Token) -> dict[str, Any]:
    return {
        "text": token.text,
        "syllable": token.syllable,
        "start": _seconds(token.start_sample),
        "end": _seconds(token.end_sample),
        "score": _rounded(token.score),
        "confidence": _rounded(token.confidence),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _seconds(sample: int) -> float:
    return round(sample / SAMPLE_RATE, 3)


def _clock(sample: int) -> str:
    """``H:MM:SS.t``."""
    return f"{length_of(sample // SAMPLE_RATE)}.{sample * 10 // SAMPLE_RATE % 10}"
