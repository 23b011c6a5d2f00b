"""The machine that is looked at; a test lays another one into a folder."""

from __future__ import annotations

import grp
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


def _own_groups() -> frozenset[str]:
    names = {group.gr_gid: group.gr_name for group in grp.getgrall()}
    return frozenset(names.get(each, str(each)) for each in {*os.getgroups(), os.getegid()})


@dataclass(frozen=True, slots=True)
class Machine:
    """What checks may look at."""

    root: Path = Path("/")
    """Where the file system begins."""
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    """Environment variables."""
    groups: frozenset[str] = field(default_factory=_own_groups)
    """Names of the user's groups."""
    python: tuple[int, int] = field(default_factory=lambda: (sys.version_info[0], sys.version_info[1]))
    """Version of this Python."""

    def path(self, absolute: str) -> Path:
        """A path of this machine."""
        return self.root / absolute.lstrip("/")

    def program(self, name: str) -> str | None:
        """Where a program is, by the PATH."""
        return shutil.which(name, path=self.environment.get("PATH", ""))
