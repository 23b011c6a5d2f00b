"""A sound server's library that is none: it answers in turn, in structures laid out as the headers say (64 bits)."""

from __future__ import annotations

import ctypes
import os
import struct
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

OURS = {b"application.process.id": str(os.getpid()).encode()}
THEIRS = {b"application.process.id": b"1"}
BEFORE, READY, FAILED, TERMINATED = (1, 2, 3), 4, 5, 6
CONTEXT = 0x30
NOWHERE = 0xFFFFFFFF


def _nothing(*_: object) -> None:
    """In place of what is called back."""


@dataclass
class Stream:
    source: int
    properties: dict[bytes, bytes]
    client: int = 70


@dataclass
class Server:
    """Answers in turn; where nothing is left to answer the next of ``happening`` does, and in the end it goes away."""

    streams: dict[int, Stream]
    sources: dict[int, tuple[bytes, bytes | None]] = field(
        default_factory=lambda: {1: (b"desk", b"Desk Mic"), 2: (b"room", b"Room Mic")}
    )
    clients: dict[int, dict[bytes, bytes]] = field(default_factory=dict)
    happening: deque[Callable[[], None]] = field(default_factory=deque)
    accepts: int = 0
    state: int = READY
    asked: list[object] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.answers: deque[Callable[[], None]] = deque()
        self.has_quit = self.has_gone = False
        self._now = 0
        self.follow = self.event = _nothing
        self._kept: dict[int, Any] = {}

    def change(self, index: int, source: int) -> Callable[[], None]:
        """A stream comes to another source, and that is told."""

        def change() -> None:
            self.streams[index].source = source
            self.event(CONTEXT, 0x11, index, None)

        return change

    def library(self) -> SimpleNamespace:
        """Functions: what they give is set from outside, which methods do not allow."""

        def answer(name: str) -> Callable[..., int]:
            def ask(context: ctypes.c_void_p, *arguments: object) -> int:
                assert context.value == CONTEXT
                self.asked.append((name, *(one.value for one in arguments if isinstance(one, ctypes.c_uint32))))
                self.answers.append(lambda: getattr(self, f"_{name}")(*arguments))
                return 0x40

            return ask

        given: dict[str, Callable[..., Any]] = {
            "pa_mainloop_new": lambda: 0x10,
            "pa_mainloop_get_api": lambda loop: loop.value + 0x10,
            "pa_context_new": lambda api, name: api.value + 0x10 if name == b"streamer" else 0,
            "pa_context_set_state_callback": lambda _, call, __: setattr(self, "follow", call),
            "pa_context_set_subscribe_callback": lambda _, call, __: setattr(self, "event", call),
            "pa_context_connect": lambda _, server, flags, api: self.asked.append((server, flags, api)) or self.accepts,
            "pa_context_get_state": lambda _: self._now,
            "pa_mainloop_run": self._run,
            "pa_mainloop_quit": lambda _, code: self._quit(code),
            "pa_context_unref": lambda context: self.asked.append(("unref", context.value)),
            "pa_mainloop_free": lambda loop: self.asked.append(("free", loop.value)),
            "pa_operation_unref": lambda operation: self.asked.append(operation.value),
            "pa_proplist_gets": lambda properties, name: self._kept[properties.value].get(name),
        }
        names = ("subscribe", "get_source_output_info_list", "get_source_output_info", "get_client_info")
        asking = {f"pa_context_{name}": answer(name) for name in (*names, "get_source_info_by_index")}
        return SimpleNamespace(**given, **asking)

    def _run(self, loop: ctypes.c_void_p, _: object) -> None:
        assert loop.value == 0x10
        for state in (*BEFORE, self.state):
            self._now = state
            self.follow(CONTEXT, None)
        while not self.has_quit:
            if self.answers:
                self.answers.popleft()()
            elif self.happening:
                self.happening.popleft()()
            else:
                self._now, self.has_gone = TERMINATED, True
                self.follow(CONTEXT, None)

    def _quit(self, code: int) -> None:
        assert code == 0
        self.has_quit = True

    def _keep(self, properties: dict[bytes, bytes]) -> int:
        """As whose address they pass."""
        self._kept[id(properties)] = properties
        return id(properties)

    def _text(self, text: bytes | None) -> int:
        if text is None:
            return 0
        kept = ctypes.create_string_buffer(text)
        self._kept[id(kept)] = kept
        return ctypes.addressof(kept)

    def _give(self, call: Callable[..., None], layout: str, *values: int) -> None:
        info = ctypes.create_string_buffer(struct.pack(layout, *values))
        call(CONTEXT, ctypes.addressof(info), 0, None)

    def _subscribe(self, mask: int, *_: object) -> None:
        assert mask == 8

    def _give_stream(self, call: Callable[..., None], index: int) -> None:
        stream = self.streams[index]
        properties = self._keep(stream.properties)
        self._give(call, "<I4xQIII148xQQQQQ", index, 0, 9, stream.client, stream.source, 1, 2, 0, 0, properties)

    def _get_source_output_info_list(self, call: Callable[..., None], _: object) -> None:
        for index in self.streams:
            self._give_stream(call, index)
        call(CONTEXT, None, 1, None)

    def _get_source_output_info(self, index: ctypes.c_uint32, call: Callable[..., None], _: object) -> None:
        if index.value in self.streams:
            self._give_stream(call, index.value)
        call(CONTEXT, None, 1 if index.value in self.streams else -1, None)

    def _get_client_info(self, index: ctypes.c_uint32, call: Callable[..., None], _: object) -> None:
        if index.value in self.clients:
            self._give(call, "<I4xQI4xQQ", index.value, 0, 9, 0, self._keep(self.clients[index.value]))
        call(CONTEXT, None, 1 if index.value in self.clients else -1, None)

    def _get_source_info_by_index(self, index: ctypes.c_uint32, call: Callable[..., None], _: object) -> None:
        if index.value in self.sources:
            name, description = self.sources[index.value]
            self._give(call, "<QI4xQ", self._text(name), index.value, self._text(description))
        call(CONTEXT, None, 1 if index.value in self.sources else -1, None)
