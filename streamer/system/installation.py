"""How this streamer was installed, and what installs more of it."""

from __future__ import annotations

import json
import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from importlib.metadata import Distribution

_NAME = "streamer"


def install_command(extra: str) -> str:
    """The command that adds an extra to this very installation.

    The name alone would not do: PyPI's ``streamer`` is another program. So the command names the checkout, archive or
    repository that pip noted when it installed this one, else the packages of the extra themselves. It calls pip by
    this Python, because another ``pip`` may come first on the PATH.
    """
    what = _sources(extra)
    return f"{_pip_install()} {' '.join(what)}"


def package_command(package: str) -> str:
    """The command that adds one package of the index beside this streamer."""
    return f"{_pip_install()} {shlex.quote(package)}"


def _pip_install() -> str:
    return f"{shlex.quote(sys.executable)} -m pip install"


def _sources(extra: str) -> list[str]:
    from importlib import metadata  # noqa: PLC0415 - half a megabyte, for a message that hardly anybody sees

    try:
        distribution = metadata.distribution(_NAME)
    except metadata.PackageNotFoundError:  # run from a checkout that nobody installed
        return _of_folder(Path(__file__).parents[2], extra)
    noted = _noted(distribution)
    url = str(noted.get("url", ""))
    if "dir_info" in noted:
        folder = Path(unquote(urlsplit(url).path))
        if (folder / "pyproject.toml").is_file():
            return _of_folder(folder, extra, is_editable=bool(noted["dir_info"].get("editable")))
    elif "vcs_info" in noted:
        vcs = noted["vcs_info"]
        revision = f"@{vcs['requested_revision']}" if vcs.get("requested_revision") else ""
        return [shlex.quote(f"{_NAME}[{extra}] @ {vcs['vcs']}+{url}{revision}")]
    elif url and (not url.startswith("file:") or Path(unquote(urlsplit(url).path)).is_file()):
        return [shlex.quote(f"{_NAME}[{extra}] @ {url}")]
    return [shlex.quote(each) for each in _packages(distribution, extra)]


def _of_folder(folder: Path, extra: str, *, is_editable: bool = True) -> list[str]:
    return [*(["-e"] if is_editable else []), shlex.quote(f"{folder}[{extra}]")]


def _noted(distribution: Distribution) -> dict[str, dict[str, str]]:
    """What pip noted of where it came from (PEP 610); nothing where it came from a package index."""
    text = distribution.read_text("direct_url.json")
    found = json.loads(text) if text else {}
    return found if isinstance(found, dict) else {}


def _packages(distribution: Distribution, extra: str) -> list[str]:
    """The requirements of an extra, without the condition that names it."""
    wanted = re.compile(rf"""\s*(?:and\s+)?\(?extra\s*==\s*['"]{re.escape(extra)}['"]\)?\s*$""")
    found = []
    for requirement in distribution.requires or ():
        package, _, condition = requirement.partition(";")
        if wanted.search(condition):
            rest = wanted.sub("", condition).strip()
            found.append(f"{package.strip()}; {rest}" if rest else package.strip())
    return found
