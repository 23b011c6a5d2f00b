"""What the commands of training have in common: packages of one extra, and files that their settings name."""

from __future__ import annotations

import errno
from typing import Any

from typer.core import TyperGroup

from streamer.errors import MissingDependencyError, SettingsError
from streamer.system.installation import install_command


class TrainingGroup(TyperGroup):
    """A group of commands that says what is missing, a package or a file, instead of ending in a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run one of its commands.

        Raises:
            MissingDependencyError: a package of the extra ``train`` is not installed.
            SettingsError: a file cannot be read or written.
        """
        try:
            return super().invoke(ctx)
        except ModuleNotFoundError as error:
            raise MissingDependencyError(
                f"the package {error.name} is missing; install streamer's extra: {install_command('train')}"
            ) from error
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                where = error.filename or "where the settings have sound and checkpoints written"
                raise SettingsError(f"{where}: {error.strerror}; free some, then give the command again") from error
            if error.filename is None:
                raise
            raise SettingsError(
                f"{error.filename}: {error.strerror} (paths of the settings count from the folder in which the command "
                "runs)"
            ) from error
