"""pyACL with every answer checked: the only module that knows its call signatures.

pyACL takes positional arguments of exact type, answers ``(value…, code)`` with exceptions (bare handles), exports no
constants, and never raises. Source: pyACL reference, see the README's Ascend chapter.
"""

from __future__ import annotations

import importlib
from typing import Any

from streamer.asr.runners.ascend.codes import meaning
from streamer.asr.runners.ascend.description import TensorDescription
from streamer.errors import AscendError, MissingDependencyError

_REPEATED_INIT = 100002
_ON_BOARD = 0
_POLICIES = {"huge_first": 0, "huge_only": 1, "normal_only": 2}
_HOST_TO_DEVICE, _DEVICE_TO_HOST, _DEVICE_TO_DEVICE = 1, 2, 3


class Acl:
    """The calls that streamer makes; each raises :class:`~streamer.errors.AscendError` unless it succeeded."""

    def __init__(self, module: Any) -> None:
        """Wrap the module ``acl``, or what stands for it.

        Raises:
            MissingDependencyError: it is another module of that name.
        """
        if not all(hasattr(module, part) for part in ("init", "rt", "mdl")):
            raise MissingDependencyError(
                f"{getattr(module, '__file__', module)} is not Ascend's pyACL (it has no acl.rt and acl.mdl; PyPI has "
                "other packages named acl): uninstall it, and source CANN's set_env.sh before starting"
            )
        self._acl = module

    # Process and device

    def init(self) -> bool:
        """Initialise the process; False where something else in the process did before."""
        code = self._acl.init()
        if code == _REPEATED_INIT:
            return False
        self._check("acl.init", code)
        return True

    def finalize(self, *, is_owner: bool) -> None:
        """Undo :meth:`init`. Without reference counting (before CANN 8.5) only the owner may."""
        if hasattr(self._acl, "finalize_reference"):
            _, code = self._acl.finalize_reference()
            self._check("acl.finalize_reference", code)
        elif is_owner:
            self._check("acl.finalize", self._acl.finalize())

    def soc_name(self) -> str:
        """The chip, as ``--soc_version`` of ``atc`` wants it; empty where unknown."""
        return self._acl.get_soc_name() or ""

    def set_device(self, device_id: int) -> None:
        """Take a device."""
        self._check("acl.rt.set_device", self._acl.rt.set_device(int(device_id)))

    def reset_device(self, device_id: int) -> None:
        """Give it back."""
        self._check("acl.rt.reset_device", self._acl.rt.reset_device(int(device_id)))

    def runs_on_board(self) -> bool:
        """Whether this program runs on the device's own processor, where host memory is device memory."""
        mode, code = self._acl.rt.get_run_mode()
        self._check("acl.rt.get_run_mode", code)
        return bool(mode == _ON_BOARD)

    def create_context(self, device_id: int) -> int:
        """A context, current in this thread."""
        context, code = self._acl.rt.create_context(int(device_id))
        self._check("acl.rt.create_context", code)
        return int(context)

    def set_context(self, context: int) -> None:
        """Make a context current in this thread."""
        self._check("acl.rt.set_context", self._acl.rt.set_context(context))

    def destroy_context(self, context: int) -> None:
        """Destroy a context; nothing may be left in it."""
        self._check("acl.rt.destroy_context", self._acl.rt.destroy_context(context))

    def create_stream(self) -> int:
        """A stream in the current context."""
        stream, code = self._acl.rt.create_stream()
        self._check("acl.rt.create_stream", code)
        return int(stream)

    def synchronize(self, stream: int, timeout_ms: int) -> None:
        """Wait for a stream without the interpreter's lock; faults of what ran on it are raised here."""
        if hasattr(self._acl.rt, "synchronize_stream_with_timeout"):
            code = self._acl.rt.synchronize_stream_with_timeout(stream, timeout_ms)
            self._check("acl.rt.synchronize_stream_with_timeout", code)
        else:
            self._check("acl.rt.synchronize_stream", self._acl.rt.synchronize_stream(stream))

    def destroy_stream(self, stream: int) -> None:
        """Destroy a stream of the current context."""
        self._check("acl.rt.destroy_stream", self._acl.rt.destroy_stream(stream))

    # Memory

    def malloc(self, size: int, policy: str) -> int:
        """Device memory, full of what was there before."""
        address, code = self._acl.rt.malloc(int(size), _POLICIES[policy])
        self._check("acl.rt.malloc", code, f" of {size} bytes")
        return int(address)

    def free(self, address: int) -> None:
        """Free device memory."""
        self._check("acl.rt.free", self._acl.rt.free(address))

    def malloc_host(self, size: int) -> int:
        """Pinned host memory, an address of this process."""
        address, code = self._acl.rt.malloc_host(int(size))
        self._check("acl.rt.malloc_host", code, f" of {size} bytes")
        return int(address)

    def free_host(self, address: int) -> None:
        """Free pinned host memory."""
        self._check("acl.rt.free_host", self._acl.rt.free_host(address))

    def clear(self, address: int, size: int) -> None:
        """Fill device memory with zeros."""
        self._check("acl.rt.memset", self._acl.rt.memset(address, int(size), 0, int(size)))

    def to_device(self, device: int, host: int, size: int, *, on_board: bool) -> None:
        """Copy pinned memory to the device, now."""
        kind = _DEVICE_TO_DEVICE if on_board else _HOST_TO_DEVICE
        self._check("acl.rt.memcpy", self._acl.rt.memcpy(device, int(size), host, int(size), kind), " to the device")

    def to_host(self, host: int, device: int, size: int, *, on_board: bool) -> None:
        """Copy device memory to pinned memory, now."""
        kind = _DEVICE_TO_DEVICE if on_board else _DEVICE_TO_HOST
        self._check("acl.rt.memcpy", self._acl.rt.memcpy(host, int(size), device, int(size), kind), " to the host")

    # Models

    def load(self, path: str) -> int:
        """Load a model file into the current context; its id."""
        model_id, code = self._acl.mdl.load_from_file(path)
        self._check("acl.mdl.load_from_file", code, f" of {path}")
        return int(model_id)

    def unload(self, model_id: int) -> None:
        """Unload a model, in the context that loaded it."""
        self._check("acl.mdl.unload", self._acl.mdl.unload(model_id))

    def create_description(self) -> int:
        """An empty description."""
        return self._made("acl.mdl.create_desc", self._acl.mdl.create_desc())

    def describe(self, description: int, model_id: int) -> None:
        """Fill a description with a loaded model's."""
        self._check("acl.mdl.get_desc", self._acl.mdl.get_desc(description, model_id))

    def destroy_description(self, description: int) -> None:
        """Destroy a description."""
        self._check("acl.mdl.destroy_desc", self._acl.mdl.destroy_desc(description))

    def inputs(self, description: int) -> tuple[TensorDescription, ...]:
        """What the model expects, in the order of its datasets."""
        return self._tensors(description, "input")

    def outputs(self, description: int) -> tuple[TensorDescription, ...]:
        """What the model gives, in the order of its datasets."""
        return self._tensors(description, "output")

    def batch_gears(self, description: int) -> tuple[int, ...]:
        """Batch sizes of a model with gears; empty for static models."""
        gears, code = self._acl.mdl.get_dynamic_batch(description)
        self._check("acl.mdl.get_dynamic_batch", code)
        return tuple(gears.get("batch", ()))[: gears.get("batchCount", 0)]

    def create_buffer(self, address: int, size: int) -> int:
        """A record of a piece of device memory, for datasets."""
        return self._made("acl.create_data_buffer", self._acl.create_data_buffer(address, int(size)))

    def destroy_buffer(self, handle: int) -> None:
        """Destroy the record; the memory stays."""
        self._check("acl.destroy_data_buffer", self._acl.destroy_data_buffer(handle))

    def create_dataset(self) -> int:
        """An empty dataset."""
        return self._made("acl.mdl.create_dataset", self._acl.mdl.create_dataset())

    def add_buffer(self, dataset: int, handle: int) -> None:
        """Append a record to a dataset."""
        _, code = self._acl.mdl.add_dataset_buffer(dataset, handle)
        self._check("acl.mdl.add_dataset_buffer", code)

    def destroy_dataset(self, dataset: int) -> None:
        """Destroy a dataset; its records and their memory stay."""
        self._check("acl.mdl.destroy_dataset", self._acl.mdl.destroy_dataset(dataset))

    def execute(self, model_id: int, inputs: int, outputs: int, stream: int) -> None:
        """Ask for a run. ``acl.mdl.execute`` would keep the interpreter's lock until the run ends."""
        code = self._acl.mdl.execute_async(model_id, inputs, outputs, stream)
        self._check("acl.mdl.execute_async", code)

    def _tensors(self, description: int, side: str) -> tuple[TensorDescription, ...]:
        mdl = self._acl.mdl
        count = getattr(mdl, f"get_num_{side}s")(description)
        tensors = []
        for index in range(count):
            dims, code = getattr(mdl, f"get_{side}_dims")(description, index)
            self._check(f"acl.mdl.get_{side}_dims", code)
            name = getattr(mdl, f"get_{side}_name_by_index")(description, index)
            dtype = getattr(mdl, f"get_{side}_data_type")(description, index)
            size = getattr(mdl, f"get_{side}_size_by_index")(description, index)
            tensors.append(TensorDescription(name, dtype, tuple(dims["dims"]), size))
        return tuple(tensors)

    def _made(self, api: str, handle: int) -> int:
        """A handle of the calls that answer without a code, 0 for failure."""
        if not handle:
            raise self._failure(api, 0)
        return int(handle)

    def _check(self, api: str, code: int, about: str = "") -> None:
        if code:
            raise self._failure(api, code, about)

    def _failure(self, api: str, code: int, about: str = "") -> AscendError:
        # Reading the messages clears them, so that they never end up in the report of a later failure.
        recent = self._acl.get_recent_err_msg()
        said = f" ({recent.strip()})" if recent else ""
        answer = f"returned {code}, {meaning(code)}" if code else "gave no handle"
        return AscendError(f"{api}{about} {answer}{said}", api=api, code=code)


def import_acl() -> Acl:
    """Import pyACL.

    Raises:
        MissingDependencyError: CANN is not installed, its environment is not set, or another ``acl`` is in the way.
    """
    try:
        return Acl(importlib.import_module("acl"))
    except ImportError as error:
        raise MissingDependencyError(
            f"Ascend's pyACL cannot be imported ({error}); install CANN and run `source "
            "/usr/local/Ascend/ascend-toolkit/set_env.sh` before streamer (`streamer doctor --ascend` tells more)"
        ) from error
