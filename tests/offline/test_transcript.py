from __future__ import annotations

import json
from datetime import UTC, datetime
from io import StringIO

import pysubs2
import pytest

from streamer.offline.transcript import TranscriptFormat, transcript_writer
from streamer.types import Segment, Token

TOKENS = (Token("你", "ni3", 16_000, 20_000, -0.12345678, 0.9), Token("好", "hao3", 20_000, 24_000, None, None))
HELLO = Segment(1, 0, 16_000, 40_000, datetime(2026, 11, 20, tzinfo=UTC), "你好。", "你好", 2, TOKENS, is_final=True)
LATE = Segment(2, 0, 16_000 * 3_661, 16_000 * 3_663, datetime(2026, 11, 20, tzinfo=UTC), "再见。", "再见", 2)


def written(kind: TranscriptFormat, *segments: Segment) -> str:
    writer = transcript_writer(kind, "会议.wav")
    return writer.head + "".join(writer.line(segment) for segment in segments)


def test_text_has_times() -> None:
    assert written(TranscriptFormat.TXT, HELLO, LATE) == "[0:00:01.0] 你好。\n[1:01:01.0] 再见。\n"


def test_text_cannot_command_a_terminal() -> None:
    evil = Segment(1, 0, 0, 320, HELLO.started_at, "\x1b]0;x\x07你\n好", "你好", 2)

    assert written(TranscriptFormat.TXT, evil) == "[0:00:00.0] ]0;x你 好\n"


@pytest.mark.parametrize("kind", [TranscriptFormat.SRT, TranscriptFormat.VTT])
def test_subtitles_are_what_players_read(kind: TranscriptFormat) -> None:
    events = pysubs2.SSAFile.from_file(StringIO(written(kind, HELLO, LATE)), format_=kind.value)

    assert [event.plaintext for event in events] == ["你好。", "再见。"]
    assert [event.start for event in events] == [1_000, 3_661_000]


def test_json_is_an_object_a_line_with_tokens() -> None:
    first, second = written(TranscriptFormat.JSON, HELLO, LATE).splitlines()

    assert json.loads(first) == {
        "file": "会议.wav",
        "start": 1.0,
        "end": 2.5,
        "text": "你好。",
        "spoken": "你好",
        "confidence": 0.9,
        "tokens": [
            {"text": "你", "syllable": "ni3", "start": 1.0, "end": 1.25, "score": -0.1235, "confidence": 0.9},
            {"text": "好", "syllable": "hao3", "start": 1.25, "end": 1.5, "score": None, "confidence": None},
        ],
    }
    assert json.loads(second)["confidence"] is None


def test_json_survives_a_name_that_is_no_text() -> None:
    assert json.loads(transcript_writer(TranscriptFormat.JSON, "a\udcff.wav").line(HELLO))["file"] == "a?.wav"


@pytest.mark.parametrize(("kind", "head"), [("txt", ""), ("srt", ""), ("vtt", "WEBVTT\n\n"), ("json", "")])
def test_no_segments_leave_the_head(kind: str, head: str) -> None:
    assert written(TranscriptFormat(kind)) == head
