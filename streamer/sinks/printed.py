"""Standard output of commands that print: what fails there is told from what fails in files and on the network."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from streamer.errors import SinkError


class _Watched(io.FileIO):
    """A descriptor that remembers why it could not be written."""

    failure: OSError | None = None

    def write(self, data: Any) -> int:
        """Write; as :meth:`io.FileIO.write`."""
        try:
            return super().write(data)
        except OSError as error:
            self.failure = error
            raise


class _Lossy(io.TextIOWrapper):
    """Says once that the encoding lacks a character: in a file nobody sees the question marks before it is too late."""

    is_told = False

    def write(self, text: str) -> int:
        """Write; as :meth:`io.TextIOWrapper.write`."""
        if not self.is_told:
            try:
                text.encode(self.encoding)
            except UnicodeEncodeError as error:
                self.is_told = True
                lacking = f"{self.encoding}, which lacks {text[error.start]!a}"
                sys.stderr.write(
                    f"streamer: standard output is in {lacking}: such characters become question marks; PYTHONUTF8=1 "
                    "or a UTF-8 locale (LC_ALL=C.UTF-8) keeps them\n"
                )
        return super().write(text)


@contextmanager
def printing() -> Iterator[None]:
    """Around a command that prints: a standard output that is full is one message, whatever was printing.

    What its encoding does not have, as an emoji where a terminal has GBK, is a question mark; of a file or a pipe that
    is said.

    Raises:
        SinkError: something could not be printed, for another reason than that its reader has gone.
    """
    before = sys.stdout
    if not isinstance(before, io.TextIOWrapper):  # closed, or taken by whoever calls
        yield
        return
    watched = _Watched(before.fileno(), "w", closefd=False)
    sys.stdout = (io.TextIOWrapper if watched.isatty() else _Lossy)(
        io.BufferedWriter(watched),
        encoding=before.encoding,
        # Without a locale it is surrogateescape, which stands no Chinese either.
        errors="replace" if before.errors in {"strict", "surrogateescape"} else before.errors,
        line_buffering=before.line_buffering,
    )
    try:
        with _flushed(sys.stdout):
            yield
    except OSError as error:
        if watched.failure is not error:
            raise
        _forget(watched.fileno())
        if isinstance(error, BrokenPipeError):  # as click ends a command whose reader has gone while it prints
            sys.exit(1)
        raise unwritable(error) from error


def unwritable(error: OSError) -> SinkError:
    """What a person is told where standard output takes nothing."""
    reason = error.strerror or error
    return SinkError(f"standard output: {reason}; make room where it is written, or write it elsewhere")


@contextmanager
def _flushed(output: IO[str]) -> Iterator[None]:
    """What is still in memory is written when a command ends, as Python would do it later, when nobody can tell."""
    try:
        yield
    except SystemExit:
        output.flush()
        raise
    output.flush()


def _forget(descriptor: int) -> None:
    """Let what was not written go: at its exit Python would try again, and tell of it in its own words."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
