"""How many files the system lets this program have open at once."""

from __future__ import annotations

import resource

from streamer.errors import OpenFilesError

OF_PROGRAM = 32
"""Models while they load, the terminal, the store and the log of it take half as many."""
OF_ROOM = 12
"""Sound, minutes, a connection to the broker, and a process that listens to a microphone; 24 rooms took 8 each."""
_USUAL = 1024


def allow_open_files(needed: int) -> None:
    """See that so many may be open: what the system allows a program to ask for is asked for.

    Raises:
        OpenFilesError: the system does not allow it.
    """
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if _suffices(allowed, needed):
        return
    if _suffices(most, needed):
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, most))
        return
    raised = max(needed, _USUAL)
    raise OpenFilesError(
        f"only {most} files may be open at once, expected {needed} or more: raise the limit, as root with "
        f"`ulimit -n {raised}` before this command, for a user in /etc/security/limits.conf, for a service with "
        f"LimitNOFILE={raised}"
    )


def _suffices(limit: int, needed: int) -> bool:
    return limit >= needed or limit == resource.RLIM_INFINITY
