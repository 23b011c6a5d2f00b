"""Errors of a command as it was typed, in the language of the terminal's locale."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer

from streamer.sinks.messages import CHINESE, messages_for

UsageError: Any = typer.BadParameter.__base__  # click's, under whichever name typer brings it along


@contextmanager
def usage_told() -> Iterator[None]:
    """Around what takes a command line apart: what typer shows of an error is in that language."""
    try:
        yield
    except UsageError as error:
        if messages_for(os.environ) is CHINESE and type(error).__name__ != "NoArgsIsHelpError":
            _put_into_chinese(error)
        raise


def _put_into_chinese(error: Any) -> None:
    from typer import rich_utils  # noqa: PLC0415 - all of rich, which typer takes only for errors and help, too

    from streamer.sinks.failures.usage import USAGE  # noqa: PLC0415 - many patterns, seldom needed

    told = USAGE.chinese(error.format_message())
    error.format_message = lambda: told
    rich_utils.ERRORS_PANEL_TITLE = "错误"
    rich_utils.RICH_HELP = "运行 [blue]'{command_path} {help_option}'[/] 查看帮助。"
