"""How a Python call reaches the simulated device: arguments, faults, error messages, exact answers."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ascend_simulation import faults
from ascend_simulation.misuse import Misuse
from ascend_simulation.world import WORLD

REGISTRY: dict[str, Callable[..., Any]] = {}
"""Every function of the stand-in by its name below ``acl``."""

Shape = Callable[[int], Any]
RET: Shape = lambda code: code  # noqa: E731
PAIR: Shape = lambda code: (0, code)  # noqa: E731
TRIPLE: Shape = lambda code: (0, 0, code)  # noqa: E731
DIMS: Shape = lambda code: ({}, code)  # noqa: E731
HANDLE: Shape = lambda code: 0  # noqa: E731
INDEX: Shape = lambda code: -1  # noqa: E731
TEXT: Shape = lambda code: ""  # noqa: E731
NOTHING: Shape = lambda code: None  # noqa: E731

_WITH_CODE = (RET, PAIR, TRIPLE, DIMS)
_TOUCHES_DEVICE = frozenset(
    [
        "rt.malloc",
        "rt.memcpy",
        "rt.memcpy_async",
        "rt.memset",
        "rt.create_stream",
        "rt.create_context",
        "rt.synchronize_stream",
        "rt.synchronize_stream_with_timeout",
        "mdl.load_from_file",
        "mdl.execute",
        "mdl.execute_async",
    ]
)
_RELEASES = frozenset(
    [
        "rt.free",
        "rt.free_host",
        "rt.destroy_stream",
        "rt.destroy_context",
        "mdl.unload",
        "mdl.destroy_desc",
        "mdl.destroy_dataset",
        "destroy_data_buffer",
        "rt.reset_device",
        "finalize",
        "finalize_reference",
    ]
)


def api(name: str, kinds: str = "", failure: Shape = RET) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function of the stand-in.

    Args:
        name: its name below ``acl``.
        kinds: a letter an argument, as in CPython's argument formats: ``k`` unsigned int, ``i`` int, ``s`` str,
            ``S`` bytes, ``O`` any; ``|`` before optional ones.
        failure: what it answers when it fails with a code.
    """

    def register(body: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(body)
        def call(*args: Any) -> Any:
            _check(name, kinds, args)
            WORLD.enter(name)
            fault = next((each for each in WORLD.faults if each.fires(name, WORLD.calls[name])), None)
            if fault is not None:
                return _fail(name, args, faults.perform(fault.code), failure)
            if WORLD.lost and name in _TOUCHES_DEVICE:
                return _fail(name, args, WORLD.lost, failure)
            answer = body(*args)
            code = (answer if failure is RET else answer[-1]) if failure in _WITH_CODE else 0
            if code:
                WORLD.remember_error(name, code)
            return answer

        REGISTRY[name] = call
        return call

    return register


def _fail(name: str, args: tuple[Any, ...], code: int, failure: Shape) -> Any:
    if name in _TOUCHES_DEVICE and code in faults.DEVICE_FAULTS:
        WORLD.lose_device(code)
    if name in _RELEASES:
        WORLD.excused.add((name, args[0] if args else 0))
    WORLD.remember_error(name, code)
    return failure(code)


def _check(name: str, kinds: str, args: tuple[Any, ...]) -> None:
    required, _, optional = kinds.partition("|")
    if not len(required) <= len(args) <= len(required) + len(optional):
        raise TypeError(f"acl.{name} args parse failed: {len(args)} arguments, expected {len(required)}")
    for number, (kind, value) in enumerate(zip(required + optional, args, strict=False)):
        problem = _problem(kind, value)
        if problem:
            raise TypeError(f"acl.{name} args parse failed: argument {number} is {value!r}, {problem}")
        if kind == "k" and not 0 <= value < 1 << 64:
            raise Misuse(f"acl.{name}: argument {number} is {value}; pyACL would mask it to 64 bits")


def _problem(kind: str, value: Any) -> str:
    wanted = {"k": int, "i": int, "s": str, "S": bytes, "O": object}[kind]
    if kind == "O":
        return ""
    if type(value) is not wanted:
        return f"expected a plain {wanted.__name__}"
    return "embedded NUL" if kind == "s" and "\0" in value else ""
