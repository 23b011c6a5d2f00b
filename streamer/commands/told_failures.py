"""Errors in the language of the terminal's locale."""

from __future__ import annotations

import os

from streamer.sinks.messages import ENGLISH, messages_for


def in_locale(failure: str) -> str:
    """An error's text in that language: what is known of it; anything else as it is."""
    messages = messages_for(os.environ)
    if messages is ENGLISH:
        return failure
    from streamer.sinks.failures.failure import told_failure  # noqa: PLC0415 - hundreds of patterns, seldom needed

    return told_failure(failure, messages)
