"""Process, devices, contexts and streams of the stand-in."""

from __future__ import annotations

from typing import Any

from ascend_simulation.call import NOTHING, PAIR, TRIPLE, api
from ascend_simulation.world import WORLD, Context, Device, Stream


@api("init", "|s")
def init(config_path: str = "") -> int:
    WORLD.start()
    WORLD.users += 1
    return 100002 if WORLD.users > 1 else 0


@api("finalize")
def finalize() -> int:
    if not WORLD.users:
        return 100037
    WORLD.users = 0
    _nothing_left("finalize")
    return 0


@api("finalize_reference", "", PAIR)
def finalize_reference() -> tuple[int, int]:
    if not WORLD.users:
        return 0, 100037
    WORLD.users -= 1
    if not WORLD.users:
        _nothing_left("finalize_reference")
    return WORLD.users, 0


def _nothing_left(name: str) -> None:
    left = WORLD.leftovers()
    if left:
        WORLD.misuse(f"acl.{name} with leftovers: {', '.join(left)}")


@api("get_version", "", lambda code: (0, 0, 0, code))
def get_version() -> tuple[int, int, int, int]:
    return 1, 14, 0, 0


@api("get_recent_err_msg", "", NOTHING)
def get_recent_err_msg() -> str | None:
    errors: list[str] = getattr(WORLD.thread, "errors", [])
    WORLD.thread.errors = []
    return "\n".join(errors) or None


@api("get_soc_name", "", NOTHING)
def get_soc_name() -> str | None:
    return WORLD.soc_name


@api("rt.get_device_count", "", PAIR)
def get_device_count() -> tuple[int, int]:
    return (WORLD.device_count, 0) if WORLD.device_count else (0, 507899)


@api("rt.set_device", "i")
def set_device(device_id: int) -> int:
    _started("rt.set_device")
    if not 0 <= device_id < WORLD.device_count:
        return 107001
    device = WORLD.devices.get(device_id)
    if device is None:
        device = WORLD.devices[device_id] = Device(0, WORLD.contexts.add(Context(device_id, is_default=True)))
    device.uses += 1
    WORLD.thread.context = device.context
    return 0


@api("rt.get_device", "", PAIR)
def get_device() -> tuple[int, int]:
    return (WORLD.contexts.alive[WORLD.context].device, 0) if WORLD.context else (0, 107002)


@api("rt.reset_device", "i")
def reset_device(device_id: int) -> int:
    device = WORLD.devices.get(device_id)
    if device is None:
        return 507007
    device.uses -= 1
    if device.uses:
        return 0
    alive = [
        handle
        for handle, context in WORLD.contexts.alive.items()
        if context.device == device_id
        and not context.is_default
        and ("rt.destroy_context", handle) not in WORLD.excused
    ]
    if alive:
        WORLD.misuse(f"acl.rt.reset_device with {len(alive)} explicit contexts alive: destroy them first")
    for handle, stream in list(WORLD.streams.alive.items()):
        if stream.context == device.context:
            WORLD.streams.remove(handle, "rt.reset_device")
    WORLD.contexts.remove(device.context, "rt.reset_device")
    del WORLD.devices[device_id]
    return 0


@api("rt.get_run_mode", "", PAIR)
def get_run_mode() -> tuple[int, int]:
    return WORLD.run_mode, 0


@api("rt.get_mem_info", "i", TRIPLE)
def get_mem_info(attribute: int) -> tuple[int, int, int]:
    if not WORLD.context:
        return 0, 0, 107002
    memory = WORLD.memory
    return (memory.capacity - memory.device_used, memory.capacity, 0) if attribute in (0, 1) else (0, 0, 0)


@api("rt.create_context", "i", PAIR)
def create_context(device_id: int) -> tuple[int, int]:
    _started("rt.create_context")
    if not 0 <= device_id < WORLD.device_count:
        return 0, 107001
    handle = WORLD.contexts.add(Context(device_id))
    WORLD.thread.context = handle
    return handle, 0


@api("rt.set_context", "k")
def set_context(handle: int) -> int:
    if not handle:
        return 100000
    if handle not in WORLD.contexts.alive:
        return 107000
    WORLD.thread.context = handle
    return 0


@api("rt.get_context", "", PAIR)
def get_context() -> tuple[int, int]:
    return (WORLD.context, 0) if WORLD.context else (0, 107002)


@api("rt.destroy_context", "k")
def destroy_context(handle: int) -> int:
    if not handle:
        return 100000
    context = WORLD.contexts.alive.get(handle)
    if context is None or context.is_default:
        return 107002
    excused = {argument for _, argument in WORLD.excused}
    held = [
        f"stream {s:#x}" for s, stream in WORLD.streams.alive.items() if stream.context == handle and s not in excused
    ]
    held += [f"model {m}" for m, model in WORLD.models.items() if model.context == handle and m not in excused]
    if held:
        WORLD.misuse(f"acl.rt.destroy_context while it holds {', '.join(held)}: release those first")
    WORLD.contexts.remove(handle, "rt.destroy_context")
    return 0


@api("rt.create_stream", "", PAIR)
def create_stream() -> tuple[int, int]:
    if not WORLD.context:
        return 0, 107002
    return WORLD.streams.add(Stream(WORLD.context)), 0


@api("rt.destroy_stream", "k")
def destroy_stream(handle: int) -> int:
    if not handle:
        return 100000
    stream = WORLD.streams.get(handle, "rt.destroy_stream")
    if stream.context != WORLD.context:
        return 107003
    if stream.work:
        WORLD.misuse("acl.rt.destroy_stream with work in it: synchronize first")
    WORLD.streams.remove(handle, "rt.destroy_stream")
    return 0


@api("rt.synchronize_stream", "k")
def synchronize_stream(handle: int) -> int:
    return _synchronize(handle, "rt.synchronize_stream")


@api("rt.synchronize_stream_with_timeout", "ki")
def synchronize_stream_with_timeout(handle: int, timeout_ms: int) -> int:
    if timeout_ms == 0 or timeout_ms < -1:
        return 107000
    return _synchronize(handle, "rt.synchronize_stream_with_timeout")


def _synchronize(handle: int, name: str) -> int:
    if not WORLD.context:
        return 107002
    if not handle:
        return 0
    stream = WORLD.streams.get(handle, name)
    if stream.context != WORLD.context:
        return 107003
    work: list[Any] = list(stream.work)
    stream.work.clear()
    for item in work:
        item.perform()
    return 0


def _started(name: str) -> None:
    if not WORLD.users:
        WORLD.misuse(f"acl.{name} before acl.init")
