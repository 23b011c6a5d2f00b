"""Other processes of this program."""

from __future__ import annotations

import sys
from pathlib import Path

_PACKAGE_PARENT = str(Path(__file__).resolve().parents[2])


def command_of(module: str, *arguments: str, call: str = "main()") -> list[str]:
    """The command line of a process that calls ``main`` of a module.

    The package is found at the end of the path, and the current folder is not on it: neither can hide another module.

    Args:
        module: the module's full name.
        arguments: what the process finds in ``sys.argv``.
        call: how its ``main`` is called.
    """
    start = f"import sys; sys.path.append({_PACKAGE_PARENT!r}); from {module} import main; {call}"
    return [sys.executable, "-P", "-c", start, *arguments]
