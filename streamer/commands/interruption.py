"""What a command says that is ended before its end, by Ctrl-C or by SIGTERM."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import typer

from streamer.sinks.printable import printable
from streamer.sinks.prose import prose

_ENDING = (signal.SIGTERM, signal.SIGHUP)


class _Ended(BaseException):
    """A signal that would otherwise end the process where it stands, with files half written."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def interruptible(told: Callable[[], str]) -> Iterator[None]:
    """Around what takes long: interrupted, it gives back what it holds, and says what became of it.

    ``told``: asked then, for one line.

    Raises:
        typer.Exit: with 128 and the signal's number, as shells have it.
    """
    # One that a parent had ignored, as `nohup` does SIGHUP, stays so.
    before = {one: signal.getsignal(one) for one in _ENDING if signal.getsignal(one) not in {signal.SIG_IGN, None}}
    try:
        for one in before:
            signal.signal(one, _end)
        yield
    except KeyboardInterrupt:
        raise _said(told(), signal.SIGINT) from None
    except _Ended as ended:
        raise _said(told(), ended.number) from None
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _end(number: int, _frame: FrameType | None) -> None:
    raise _Ended(number)


def _said(text: str, number: int) -> typer.Exit:
    typer.echo(prose(printable(text), sys.stderr), err=True)
    return typer.Exit(128 + number)
