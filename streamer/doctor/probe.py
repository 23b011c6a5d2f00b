"""Looks at pyACL in a process of its own, which a broken library may crash: ``python -m streamer.doctor.probe``."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from typing import Any

from streamer.doctor.finding import Finding, bad, good

_SECONDS = 60
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
    command = [sys.executable, "-m", "streamer.doctor.probe"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        return bad("pyACL", f"importing it took more than {_SECONDS} s", "check `npu-smi info` and the driver's logs")
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        return bad(
            "pyACL", f"importing it ended the process ({done.returncode})", "driver and CANN do not fit together"
        )
    seen = json.loads(lines[-1])
    if "error" in seen:
        return bad("pyACL", seen["error"], "install CANN's toolkit and source its set_env.sh in this shell or service")
    if not seen["is_pyacl"]:
        return bad("pyACL", f"{seen['file']} is another module named acl", _CLASH)
    return good("pyACL", f"{seen['file']}{', ' + seen['soc'] if seen['soc'] else ''}")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(look()) + "\n")
