"""Settings of hotwords."""

from __future__ import annotations

import msgspec


class HotwordSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[hotwords]``: names and terms that recognition favours, in partials too."""

    words: tuple[str, ...] = ()
    """Each a word, optionally a space and its weight: ``张伟`` or ``张伟 2.5``."""
    file: str = ""
    """A list of more, one a line; read again whenever it has changed. Empty: none."""
