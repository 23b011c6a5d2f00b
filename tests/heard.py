"""What `streamer run --json` told of the sound that it heard."""

from __future__ import annotations

import json
import subprocess
from difflib import SequenceMatcher
from typing import Any


def events(lines: list[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines]


def finals(lines: list[str]) -> list[str]:
    return [event["text"] for event in events(lines) if event["event"] == "segment_finalized" and event["text"]]


def likeness(heard: list[str], said: list[str]) -> float:
    """1 for the same text. PulseAudio stutters on a busy computer: a syllable may be cut in two, or be heard twice."""
    return SequenceMatcher(None, "".join(heard), "".join(said), autojunk=False).ratio()


def until_quiet(process: subprocess.Popen[str]) -> list[str]:
    """Lines up to two seconds of silence after a final."""
    assert process.stdout is not None
    lines, final_at = [], None
    for line in process.stdout:
        lines.append(line)
        event = json.loads(line)
        if event["event"] == "segment_finalized":
            final_at = event["end_s"]
        is_silent = event["event"] == "status_updated" and not event["is_speech"]
        if is_silent and final_at is not None and event["position_s"] >= final_at + 2:
            return lines
    raise AssertionError("the program ended early")
