"""The simulated machine: devices, contexts, streams, and what is alive on them."""

from __future__ import annotations

import atexit
import json
import os
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ascend_simulation.faults import Fault, parse_faults
from ascend_simulation.handles import Handles
from ascend_simulation.memory import AddressSpaces
from ascend_simulation.misuse import Misuse

ENVIRONMENT = "ACL_SIMULATOR_"
"""Prefix of variables: ``FAULTS``, ``FAULTS_ONCE``, ``DIR``, ``DEVICES``, ``RUN_MODE``, ``MEMORY``, ``SOC``."""


@dataclass
class Context:
    device: int
    is_default: bool = False


@dataclass
class Stream:
    context: int
    work: list[Any] = field(default_factory=list)


@dataclass
class Device:
    uses: int
    context: int


class World:
    """State of one process; the stand-in has exactly one, as the real library does."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """A fresh machine, configured by the environment."""
        setting = {name.removeprefix(ENVIRONMENT): text for name, text in os.environ.items()}
        self.folder = Path(setting["DIR"]) if "DIR" in setting else None
        self.faults: list[Fault] = parse_faults(
            setting.get("FAULTS", ""), self.folder, once=setting.get("FAULTS_ONCE") == "1"
        )
        self.device_count = int(setting.get("DEVICES", "1"))
        self.run_mode = int(setting.get("RUN_MODE", "1"))
        self.soc_name = setting.get("SOC", "Ascend310P3")
        self.pid = 0
        self.users = 0
        self.init_config = "{}"
        self.calls: Counter[str] = Counter()
        self.excused: set[tuple[str, Any]] = set()
        self.lost = 0
        self.misuses: list[str] = []
        self.thread = threading.local()
        self.devices: dict[int, Device] = {}
        self.contexts: Handles[Context] = Handles("context", 1)
        self.streams: Handles[Stream] = Handles("stream", 2)
        self.descriptions: Handles[Any] = Handles("model description", 3)
        self.buffers: Handles[Any] = Handles("data buffer", 4)
        self.datasets: Handles[Any] = Handles("dataset", 5)
        self.models: dict[int, Any] = {}
        self.models_loaded = 0
        self.memory = AddressSpaces(int(setting.get("MEMORY", str(8 << 30))), device_host=self.run_mode == 0)

    def enter(self, name: str) -> None:
        """Count a call, in a process that may make it."""
        if self.pid and os.getpid() != self.pid:
            self.misuse(f"acl.{name} in a forked process: pyACL does not survive fork, use spawn")
        self.calls[name] += 1

    def start(self) -> None:
        """Note the process that initialises, and have its leftovers reported at its end."""
        if not self.pid and self.folder is not None:
            atexit.register(self._report)
        self.pid = os.getpid()

    def misuse(self, text: str) -> None:
        """Record and raise.

        Raises:
            Misuse: always.
        """
        self.misuses.append(text)
        raise Misuse(text)

    def lose_device(self, code: int) -> None:
        """A device fault: the context answers nothing but this code from now on."""
        self.lost = code
        for stream in self.streams.alive.values():
            for work in stream.work:
                work.abandon()
            stream.work.clear()

    def remember_error(self, name: str, code: int) -> None:
        """Keep a message for ``acl.get_recent_err_msg`` in this thread."""
        if not hasattr(self.thread, "errors"):
            self.thread.errors = []
        self.thread.errors.insert(0, f"EZ9999: [simulated] acl.{name} returned {code}")
        del self.thread.errors[8:]

    @property
    def context(self) -> int:
        """The calling thread's context, 0 where it has none."""
        handle = getattr(self.thread, "context", 0)
        return handle if handle in self.contexts.alive else 0

    def leftovers(self) -> list[str]:
        """What nobody released; what an injected fault kept is excused."""
        excused = {argument for _, argument in self.excused}
        left = [
            f"{table.kind} {handle:#x}"
            for table in (self.streams, self.descriptions, self.buffers, self.datasets)
            for handle in table.alive
            if handle not in excused and not self._of_default(table, handle)
        ]
        left += [f"context {handle:#x}" for handle, context in self.contexts.alive.items()
                 if not context.is_default and handle not in excused]  # fmt: skip
        left += [f"model {model_id}" for model_id in self.models if model_id not in excused]
        left += [
            f"device {device_id}" for device_id in self.devices if ("rt.reset_device", device_id) not in self.excused
        ]
        left += [f"{block.space} memory {block.base:#x} ({block.size} bytes)" for block in self.memory.alive()
                 if block.base not in excused]  # fmt: skip
        return left

    def _of_default(self, table: Handles[Any], handle: int) -> bool:
        if table is not self.streams:
            return False
        context = self.contexts.alive.get(self.streams.alive[handle].context)
        return context is not None and context.is_default

    def _report(self) -> None:
        left = self.leftovers()
        if self.users and not any(name.startswith("finalize") for name, _ in self.excused):
            left.append("acl.finalize was not called")
        line = {
            "pid": self.pid, "leftovers": left, "misuses": self.misuses, "calls": dict(self.calls),
            "device_peak": self.memory.device_peak, "host_peak": self.memory.host_peak,
        }  # fmt: skip
        if self.folder is None:
            return
        with (self.folder / "report.jsonl").open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line) + "\n")


WORLD = World()
