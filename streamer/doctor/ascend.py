"""Checks of an Ascend machine that need no pyACL: driver, devices, rights, environment."""

from __future__ import annotations

import os
import re
from pathlib import Path

from streamer.doctor.finding import Finding, bad, doubtful, good
from streamer.doctor.machine import Machine

_SET_ENV = "run `source /usr/local/Ascend/ascend-toolkit/set_env.sh` (newer CANN: /usr/local/Ascend/cann/set_env.sh)"
_SHARED_NODES = ("davinci_manager", "devmm_svm", "hisi_hdc")
_ON_BOARD_NODES = ("davinci_manager", "svm0")
"""The same where the program runs on the device's own processor (310B: Atlas 200I, OrangePi AIpro)."""
_GROUP = "HwHiAiUser"
_PYTHONS = {6: (3, 9), 7: (3, 10), 8: (3, 11)}
"""Newest Python that each major version of CANN is known to take; 9.0 documents 3.7.5 to 3.13.9 for acl.so."""
_CANN_VERSIONS = (r"\[[^:\]]*:(\d+\.\d+[\w.]*)\]", r"version_dir=(\d+\.\d+[\w.]*)", r"(\d+\.\d+[\w.]*)")
"""CANN's own version stands behind that of a part of it: ``[7.6.0.1.220:8.0.0]`` in version.cfg,
``Version=7.6.0.1.220`` and ``version_dir=8.0.0`` in version.info."""
_NEWEST_PYTHON = (3, 13)


def check_driver(machine: Machine) -> Finding:
    """The NPU driver of the host."""
    version = _version(machine.path("/usr/local/Ascend/driver/version.info"))
    tool = machine.program("npu-smi")
    if version is None:
        return bad(
            "driver",
            "no /usr/local/Ascend/driver/version.info",
            "install the Ascend driver and firmware; in a container mount the host's /usr/local/Ascend/driver",
        )
    if tool is None:
        return doubtful("driver", f"version {version}, no npu-smi", "in a container also mount /usr/local/bin/npu-smi")
    return good("driver", f"version {version}, {tool}")


def check_nodes(machine: Machine, device_id: int) -> Finding:
    """The device files, and whether this user may open them."""
    folder = machine.path("/dev")
    devices = sorted(path.name for path in folder.glob("davinci[0-9]*"))
    container = (
        f"in a container: --device /dev/davinci{device_id} --device /dev/davinci_manager --device /dev/devmm_svm "
        "--device /dev/hisi_hdc"
    )
    if not devices:
        return bad("devices", "no /dev/davinciN", f"check `npu-smi info`; {container}")
    shared = _ON_BOARD_NODES if (folder / _ON_BOARD_NODES[-1]).exists() else _SHARED_NODES
    missing = [name for name in shared if not (folder / name).exists()]
    if missing:
        return bad("devices", f"{', '.join(devices)}, but no {', '.join(missing)}", container)
    closed = [name for name in (*devices, *shared) if not os.access(folder / name, os.R_OK | os.W_OK)]
    if closed:
        in_group = _GROUP in machine.groups
        advice = (
            "the nodes belong to another group id than in this container: run with the host's gid"
            if in_group
            else f"add the user to the group: usermod -aG {_GROUP} $USER, then log in again (root in a container needs "
            "CAP_DAC_OVERRIDE)"
        )
        return bad("devices", f"no permission for {', '.join(closed)}", advice)
    return good("devices", f"{', '.join(devices)}; may be opened")


def check_environment(machine: Machine) -> Finding:
    """What set_env.sh sets; services and virtual environments do not inherit it."""
    wanted = ("ASCEND_HOME_PATH", "ASCEND_OPP_PATH")
    missing = [name for name in wanted if not machine.environment.get(name)]
    if missing:
        return bad("environment", f"{', '.join(missing)} not set", f"{_SET_ENV} before starting streamer")
    absent = [name for name in wanted if not machine.path(machine.environment[name]).is_dir()]
    if absent:
        told = ", ".join(f"{name} = {machine.environment[name]}" for name in absent)
        return bad(
            "environment", f"{told}: no such folder", f"CANN was moved or removed: {_SET_ENV} of the present one"
        )
    libraries = machine.environment.get("LD_LIBRARY_PATH", "").split(":")
    stubs = [each for each in libraries if each.rstrip("/").endswith(("/stub", "/devlib"))]
    if stubs:
        return bad("environment", f"LD_LIBRARY_PATH holds {stubs[0]}", "remove it: stub libraries fail with 100039")
    return good("environment", machine.environment["ASCEND_HOME_PATH"])


def check_cann(machine: Machine) -> Finding:
    """CANN's version, and whether this Python is one of those it was built for."""
    home = machine.environment.get("ASCEND_HOME_PATH", "")
    python = ".".join(map(str, machine.python))
    names = ("version.cfg", "version.info", "runtime/version.info", "compiler/version.info")
    versions = [_cann_version(machine.path(f"{home}/{name}")) for name in names] if home else []
    version = next((each for each in versions if each), None)
    if version is None:
        return doubtful("CANN", f"version unknown, Python {python}", f"{_SET_ENV}; CANN 8.0 or newer takes Python 3.11")
    newest = _PYTHONS.get(int(version.split(".")[0]), _NEWEST_PYTHON)
    told = f"{version}, Python {python}"
    if machine.python > newest:
        limit = ".".join(map(str, newest))
        return doubtful("CANN", told, f"this CANN is known to take Python up to {limit}: use that, or a newer CANN")
    return good("CANN", told)


def _cann_version(path: Path) -> str | None:
    """CANN's version in one of its files; the first line of version.cfg is the version of its form."""
    lines = [line for line in _read(path).splitlines() if not line.startswith("#")]
    matches = (re.search(form, "\n".join(lines)) for form in _CANN_VERSIONS)
    return next((found[1] for found in matches if found), None)


def _version(path: Path) -> str | None:
    """The first dotted version in a version file."""
    found = re.search(r"\d+\.\d+[\w.]*", _read(path))
    return found[0] if found else None


def _read(path: Path) -> str:
    """What stands in a version file; nothing where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
