"""Whether PyTorch is there: the commands are listed without it."""

from __future__ import annotations

from importlib.util import find_spec

from streamer.errors import MissingDependencyError
from streamer.system.installation import install_command


def need_torch() -> None:
    """Go on only with it.

    Raises:
        MissingDependencyError: PyTorch (extra ``train``) is not installed.
    """
    if find_spec("torch") is None:
        raise MissingDependencyError(f"PyTorch is missing; install streamer's extra: {install_command('train')}")
