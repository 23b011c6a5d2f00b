"""A sound file, opened to be read; or why it cannot be."""

from __future__ import annotations

import errno
import os
import re
import stat
from pathlib import Path

from streamer.errors import AudioFileError

_REASONS = {
    errno.ENOENT: "there is no such file",
    errno.EACCES: "no permission to read it",
    errno.EPERM: "no permission to read it",
    errno.EISDIR: "it is a folder",
    errno.ENAMETOOLONG: "the name is too long",
}


def open_descriptor(path: Path) -> int:
    """Open a regular file that is not empty; whoever gets it closes it.

    Raises:
        AudioFileError: it is missing, unreadable, empty or no regular file.
    """
    try:
        # Without O_NONBLOCK, opening a named pipe would wait for a writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError) as error:
        known = _REASONS.get(error.errno or 0) if isinstance(error, OSError) else None
        raise AudioFileError(f"{path}: {_address_told(path) or known or error}") from error
    status = os.fstat(descriptor)
    reason = None
    if stat.S_ISDIR(status.st_mode):
        reason = _REASONS[errno.EISDIR]
    elif not stat.S_ISREG(status.st_mode):
        reason = "it is no regular file; `streamer run --source -` reads raw PCM from a pipe"
    elif status.st_size == 0:
        reason = "the file is empty (0 bytes)"
    if reason is not None:
        os.close(descriptor)
        raise AudioFileError(f"{path}: {reason}")
    return descriptor


def _address_told(path: Path) -> str:
    """What to do where somebody takes an address for a file; empty for anything else."""
    found = re.fullmatch(r"([a-z][a-z0-9+]+):/(.+)", str(path))  # a path keeps one slash of two
    if found is None:
        return ""
    command = (
        f"ffmpeg -nostdin -v error -i {found[1]}://{found[2]} -f s16le -ar 16000 -ac 1 - | streamer run --source -"
    )
    return f"it is an address, and sounds are read from files; `{command}` listens to it"
