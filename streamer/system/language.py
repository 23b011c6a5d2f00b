"""The language of whoever runs the program, by the locale of its environment."""

from __future__ import annotations

from collections.abc import Mapping


def is_chinese(environment: Mapping[str, str]) -> bool:
    """Whether its locale is a Chinese one; any other language is spoken to in English."""
    locale = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return locale.lower().startswith("zh")
