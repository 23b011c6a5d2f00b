"""Looks at pyACL in a process of its own, which a broken library may crash."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from typing import Any

from streamer.doctor.finding import Finding, bad, good
from streamer.system.processes import command_of

_SECONDS = 60
_SEEN = "streamer has seen: "
"""Begins the line with the answer."""
_CLASH = "PyPI has unrelated packages of this name: pip uninstall acl pyacl, and source CANN's set_env.sh"


def look() -> dict[str, Any]:
    """What importing ``acl`` gives; nothing is initialised and no device is touched."""
    try:
        acl = importlib.import_module("acl")
    except ImportError as error:
        return {"error": str(error)}
    has = hasattr(acl, "init") and hasattr(acl, "rt") and hasattr(acl, "mdl")
    return {
        "file": getattr(acl, "__file__", "built in"),
        "is_pyacl": has,
        "soc": (acl.get_soc_name() or "") if has and hasattr(acl, "get_soc_name") else "",
    }


def check_acl() -> Finding:
    """Whether ``acl`` can be imported, and is Ascend's."""
    command = command_of("streamer.doctor.probe")
    try:
        # The libraries behind it print what they like, while they load and when they end.
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, encoding="utf-8", errors="replace", timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return bad("pyACL", f"importing it took more than {_SECONDS} s", "check `npu-smi info` and the driver's logs")
    seen = next((line for line in done.stdout.splitlines() if line.startswith(_SEEN)), "")
    if done.returncode or not seen:
        return bad(
            "pyACL", f"importing it ended the process ({done.returncode})", "driver and CANN do not fit together"
        )
    acl = json.loads(seen.removeprefix(_SEEN))
    if "error" in acl:
        return bad("pyACL", acl["error"], "install CANN's toolkit and source its set_env.sh in this shell or service")
    if not acl["is_pyacl"]:
        return bad("pyACL", f"{acl['file']} is another module named acl", _CLASH)
    return good("pyACL", f"{acl['file']}{', ' + acl['soc'] if acl['soc'] else ''}")


def main() -> None:
    """Say what there is."""
    sys.stdout.write(f"\n{_SEEN}{json.dumps(look())}\n")
