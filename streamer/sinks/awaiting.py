"""The notice that a meeting's microphone is waited for."""

from __future__ import annotations

from datetime import tzinfo

from streamer.sinks.messages import Messages
from streamer.sinks.sound_reasons import told_reason
from streamer.types import MICROPHONE_AWAITED, DeviceAwaited, Notice, Severity


def awaited_notice(event: DeviceAwaited, messages: Messages, timezone: tzinfo | None) -> Notice:
    """What a person is told.

    Args:
        event: what is waited for.
        messages: the language.
        timezone: of the time since when; None: the computer's.
    """
    since = f"{event.since.astimezone(timezone):%Y-%m-%d %H:%M:%S}"
    device = f" {event.device}" if event.device else ""
    text = messages.awaited.format(device=device, since=since, reason=told_reason(event.reason, messages))
    return Notice(MICROPHONE_AWAITED, Severity.WARNING, text)
