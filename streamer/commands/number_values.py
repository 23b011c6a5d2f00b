"""Values of the command line that are numbers: where something else is typed, what is expected is said."""

from __future__ import annotations

import copy
from typing import Any

import typer

from streamer.commands.command_tree import with_subcommands

_NUMBERS = {
    "int": "a whole number",
    "integer": "a whole number",
    "int range": "a whole number",
    "integer range": "a whole number",
    "float": "a number",
    "float range": "a number",
}
"""What typer and click call the types of numbers, and what people call them."""


def name_numbers(command: Any) -> Any:
    """The same command (a click command, or a group of them), which says of a number what is expected.

    Typer would say that "abc" is no valid int range, or that 0 is not in the range x>=1.
    """
    for parameter in (parameter for one in with_subcommands(command) for parameter in one.params):
        if parameter.type.name in _NUMBERS:
            parameter.type = _telling(parameter.type)
    return command


def _telling(kind: Any) -> Any:
    """The same type of numbers, in other words where it refuses one."""
    telling, convert = copy.copy(kind), kind.convert

    def convert_or_tell(value: Any, parameter: Any, context: Any) -> Any:
        try:
            return convert(value, parameter, context)
        except typer.BadParameter:
            problem = f"{str(value)!r}; expected {_expected(kind)}"
            raise typer.BadParameter(problem, ctx=context, param=parameter) from None

    telling.convert = convert_or_tell
    return telling


def _expected(kind: Any) -> str:
    lowest, highest = getattr(kind, "min", None), getattr(kind, "max", None)
    number = _NUMBERS[kind.name]
    if lowest is None:
        return number if highest is None else f"{number}, at most {highest}"
    return f"{number}, at least {lowest}" if highest is None else f"{number} from {lowest} to {highest}"
