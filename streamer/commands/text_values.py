"""Values of the command line that are text, not paths: they have to be UTF-8."""

from __future__ import annotations

import os
from typing import Any

import typer

from streamer.commands.command_tree import with_subcommands

_TEXT = frozenset({"str", "text"})
"""What typer and click call the type of text."""
_MAY_BE_PATHS = frozenset({"source"})
"""Parameters that take a word or the path of a file, whose name may be any bytes."""


def require_utf8(command: Any) -> Any:
    """The same command (a click command, or a group of them), which refuses text that is no UTF-8.

    Python keeps such bytes as lone surrogates, which no store, topic or screen takes: a terminal with another encoding
    (GBK, as older Chinese systems have it) would end in a traceback, or in a meeting without its hotwords.
    """
    for parameter in (parameter for one in with_subcommands(command) for parameter in one.params):
        if parameter.type.name in _TEXT and parameter.callback is None and parameter.name not in _MAY_BE_PATHS:
            parameter.callback = _checked
    return command


def _checked(context: Any, parameter: Any, value: Any) -> Any:
    for text in value if isinstance(value, list | tuple) else (value,):
        if isinstance(text, str) and not _is_utf8(text):
            shown = os.fsencode(text).decode("utf-8", "backslashreplace")
            problem = f"'{shown}' is not UTF-8: let the terminal, or what wrote this command, use UTF-8"
            raise typer.BadParameter(problem, ctx=context, param=parameter)
    return value


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
