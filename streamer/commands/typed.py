"""What people type with a Chinese input method where plain ASCII is expected: full-width commas, colons, digits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import partial
from itertools import takewhile
from typing import Any

from streamer.commands.command_tree import with_subcommands

_SAME = str.maketrans({"、": ",", "。": ".", "—": "-", "–": "-"})
_BETWEEN = re.compile(r"[,;\s]+")
_DASHES = "‐‑‒–—―−⸺─－"
"""What input methods and word processors make of hyphens."""
_DASHED = re.compile(f"[-{_DASHES}]*[{_DASHES}][-{_DASHES}]*")


def in_ascii(text: str) -> str:
    """The same text with full-width letters, digits, spaces and marks in their ASCII forms."""
    return unicodedata.normalize("NFKC", text.translate(_SAME))


def typed_names(text: str) -> list[str]:
    """Names with commas between, in small letters, without the dot that an ending begins with."""
    names = (name.lstrip(".").lower() for name in _BETWEEN.split(in_ascii(text)))
    return [name for name in names if name]


def name_dashes(command: Any) -> Any:
    """The same command (click's, or a group of them), which names a dash that stands where hyphens should.

    It would be taken for the text of a line, a file, or one argument too many.
    """
    for one in with_subcommands(command):
        one.parse_args = partial(_parse_args, one.parse_args)
    return command


def _parse_args(parse: Callable[[Any, list[str]], Any], context: Any, arguments: list[str]) -> Any:
    refuse_dashes(context, arguments)
    return parse(context, arguments)


def refuse_dashes(context: Any, arguments: Sequence[str]) -> None:
    """Fail where an argument is one of the command's options but for its dash."""
    for argument in takewhile("--".__ne__, arguments):
        dash = _DASHED.match(argument)
        name = re.split("[=＝]", argument[dash.end() :])[0] if dash else ""
        if dash and (meant := _options(context).get(name)):
            context.fail(
                f"'{argument}' begins with '{dash[0]}', a dash that an input method made of hyphens: expected {meant}"
            )


def _options(context: Any) -> dict[str, str]:
    """What the command's options are called, by their names without hyphens."""
    parameters = context.command.get_params(context)
    called = (option for one in parameters for option in (*one.opts, *one.secondary_opts))
    return {option.lstrip("-"): option for option in called if option.startswith("-")}
