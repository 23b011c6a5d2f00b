"""How a benchmark ends that lacks something: one sentence and an exit code, whichever it is."""

from __future__ import annotations

import signal
import sys
from types import TracebackType

from streamer.errors import StreamerError
from streamer.system.installation import install_command
from streamer.system.signals import INTERRUPTED

_MISSING = 2
"""Exit code where a package is not installed, as of ``MissingDependencyError``."""


def explain(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Say what an error means that nobody took; defects keep their traceback. For ``sys.excepthook``.

    Raises:
        SystemExit: the error is said; Python ends with this code.
    """
    if isinstance(error, StreamerError):
        print(f"benchmarks: {error}", file=sys.stderr)
        raise SystemExit(error.exit_code)
    if isinstance(error, KeyboardInterrupt):
        print(INTERRUPTED, file=sys.stderr)
        raise SystemExit(128 + signal.SIGINT)
    if isinstance(error, ModuleNotFoundError) and (error.name or "").partition(".")[0] not in {
        "benchmarks",
        "streamer",
    }:
        print(f"benchmarks: {error.name} is not installed: {install_command('test')}", file=sys.stderr)
        raise SystemExit(_MISSING)
    sys.__excepthook__(kind, error, trace)
