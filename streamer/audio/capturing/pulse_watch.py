"""Which source of a sound server this process hears: the server gives another one without a word.

ALSA and PortAudio know nothing of it, so the server is asked beside them, with the library that ALSA's plug-in for
PulseAudio has loaded. PipeWire answers that, too, also where its own plug-in is used. Light: it runs in the capture
process.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from streamer.audio.capturing.capture_wire import HeardSource

_LIBRARY = "libpulse.so.0"
_PIPEWIRE = "libpipewire-0.3.so.0"
_NO_AUTOSPAWN = 1
_READY, _FAILED = 4, 5
"""States of a connection; later ones are its end, too."""
_SOURCE_OUTPUTS = 8
"""What is subscribed to: streams that record."""
_PROCESS = b"application.process.id"
_ASKED_FOR = b"target.object"
"""The source that PipeWire was asked for. It gives another where there is none of that name; PulseAudio refuses."""
_NOWHERE = 2**32 - 1
"""The source of a stream that hears none yet."""
_Info = ctypes.c_void_p
_ON_STATE = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)
_ON_INFO = ctypes.CFUNCTYPE(None, ctypes.c_void_p, _Info, ctypes.c_int, ctypes.c_void_p)
_ON_EVENT = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int, ctypes.c_uint32, ctypes.c_void_p)


class _SourceInfo(ctypes.Structure):
    """The beginning of ``pa_source_info``."""

    _fields_ = (("name", ctypes.c_char_p), ("index", ctypes.c_uint32), ("description", ctypes.c_char_p))


class _ClientInfo(ctypes.Structure):
    """``pa_client_info``."""

    _fields_ = (
        ("index", ctypes.c_uint32),
        ("name", ctypes.c_char_p),
        ("owner_module", ctypes.c_uint32),
        ("driver", ctypes.c_char_p),
        ("proplist", ctypes.c_void_p),
    )


class _SampleSpec(ctypes.Structure):
    _fields_ = (("format", ctypes.c_int), ("rate", ctypes.c_uint32), ("channels", ctypes.c_uint8))


class _ChannelMap(ctypes.Structure):
    _fields_ = (("channels", ctypes.c_uint8), ("map", ctypes.c_int * 32))


class _StreamInfo(ctypes.Structure):
    """The beginning of ``pa_source_output_info``."""

    _fields_ = (
        ("index", ctypes.c_uint32),
        ("name", ctypes.c_char_p),
        ("owner_module", ctypes.c_uint32),
        ("client", ctypes.c_uint32),
        ("source", ctypes.c_uint32),
        ("sample_spec", _SampleSpec),
        ("channel_map", _ChannelMap),
        ("buffer_usec", ctypes.c_uint64),
        ("source_usec", ctypes.c_uint64),
        ("resample_method", ctypes.c_char_p),
        ("driver", ctypes.c_char_p),
        ("proplist", ctypes.c_void_p),
    )


@dataclass(frozen=True, slots=True)
class _Stream:
    """A stream that records."""

    index: int
    source: int
    """Number of what it hears."""
    asked_for: str
    """What it was to hear; empty for the server's default, and where the server does not say."""


def watch_source(tell: Callable[[HeardSource], bool]) -> None:
    """Tell which source is heard, and each other one, until the server goes away. Blocks: for a thread of its own.

    Returns at once where what this process hears does not come from such a server, and when it was told enough.

    Args:
        tell: told; says whether it wants to be told more.
    """
    is_pipewire = _is_loaded(_PIPEWIRE)
    # Neither loaded: then no stream of this process goes through such a server.
    if is_pipewire or _is_loaded(_LIBRARY):
        with contextlib.suppress(OSError):  # PipeWire alone: nobody answers
            _Watch(ctypes.CDLL(_LIBRARY), tell, is_patient=is_pipewire).run()


def _is_loaded(library: str) -> bool:
    try:
        ctypes.CDLL(library, mode=os.RTLD_NOLOAD | os.RTLD_NOW)
    except (OSError, AttributeError):  # other systems have no such mode
        return False
    return True


class _Watch:
    """A connection of its own to the server; everything happens in the thread of :meth:`run`."""

    def __init__(self, library: Any, tell: Callable[[HeardSource], bool], *, is_patient: bool) -> None:
        """Prepare; nothing is asked yet.

        Args:
            library: the server's.
            tell: as of :func:`watch_source`.
            is_patient: whether this process's stream may become known later than it was opened, as with PipeWire.
        """
        self._library = library
        self._tell = tell
        self._is_patient = is_patient
        for name in ("pa_mainloop_new", "pa_mainloop_get_api", "pa_context_new"):
            getattr(library, name).restype = ctypes.c_void_p
        library.pa_proplist_gets.restype = ctypes.c_char_p
        self._loop = ctypes.c_void_p(library.pa_mainloop_new())
        api = ctypes.c_void_p(library.pa_mainloop_get_api(self._loop))
        self._context = ctypes.c_void_p(library.pa_context_new(api, b"streamer"))
        self._stream: _Stream | None = None
        """This process's own …"""
        self._source: int | None = None
        """… the number of the source that was told last …"""
        self._next: HeardSource | None = None
        """… and what is told next."""
        self._unknown: dict[int, _Stream] = {}
        """By the number of their client, which says whose they are. Bounded by the clients of the server."""
        # The library calls them: they must live as long as it runs.
        self._on_state, self._on_event = _ON_STATE(self._follow_state), _ON_EVENT(self._follow_event)
        self._on_stream, self._on_source = _ON_INFO(self._take_stream), _ON_INFO(self._take_source)
        self._on_old, self._on_client = _ON_INFO(self._take_old), _ON_INFO(self._take_client)

    def run(self) -> None:
        library = self._library
        library.pa_context_set_state_callback(self._context, self._on_state, None)
        library.pa_context_set_subscribe_callback(self._context, self._on_event, None)
        if library.pa_context_connect(self._context, None, _NO_AUTOSPAWN, None) >= 0:
            library.pa_mainloop_run(self._loop, None)
        library.pa_context_unref(self._context)
        library.pa_mainloop_free(self._loop)

    def _ask(self, question: str, *arguments: Any) -> None:
        operation = getattr(self._library, f"pa_context_{question}")
        operation.restype = ctypes.c_void_p
        if asked := operation(self._context, *arguments, None):
            self._library.pa_operation_unref(ctypes.c_void_p(asked))

    def _end(self) -> None:
        self._library.pa_mainloop_quit(self._loop, 0)

    def _follow_state(self, _context: int, _: int) -> None:
        state = self._library.pa_context_get_state(self._context)
        if state == _READY:
            self._ask("subscribe", _SOURCE_OUTPUTS, None)
            self._ask("get_source_output_info_list", self._on_stream)
        elif state >= _FAILED:
            self._end()

    def _follow_event(self, _context: int, _kind: int, index: int, _: int) -> None:
        if self._stream is None or index == self._stream.index:
            self._ask("get_source_output_info", ctypes.c_uint32(index), self._on_stream)

    def _take_stream(self, _context: int, info: int | None, _end: int, _: int) -> None:
        if info is None:  # after the last, or instead of one that is gone
            if self._stream is None and not self._is_patient:
                self._end()
            return
        given = _StreamInfo.from_address(info)
        stream = _Stream(given.index, given.source, self._property(given, _ASKED_FOR))
        if process := self._property(given, _PROCESS):
            self._take_own(stream, process)
        else:  # it came to PipeWire in another way than PulseAudio's
            self._unknown[given.client] = stream
            self._ask("get_client_info", ctypes.c_uint32(given.client), self._on_client)

    def _take_client(self, _context: int, info: int | None, _end: int, _: int) -> None:
        if info is None:
            return
        client = _ClientInfo.from_address(info)
        if stream := self._unknown.pop(client.index, None):
            self._take_own(stream, self._property(client, _PROCESS))

    def _take_own(self, stream: _Stream, process: str) -> None:
        if process != str(os.getpid()):
            return
        self._stream = stream
        if stream.source not in {self._source, _NOWHERE}:
            self._ask("get_source_info_by_index", ctypes.c_uint32(stream.source), self._on_source)

    def _take_source(self, _context: int, info: int | None, _end: int, _: int) -> None:
        if info is None or self._stream is None:
            return
        source = _SourceInfo.from_address(info)
        name, description = (text.decode("utf-8", "replace") for text in (source.name, source.description or b""))
        before, self._source = self._source, source.index
        wanted = self._stream.asked_for
        # A monitor is asked for by the name of its sink.
        is_wanted = wanted in {name, name.removesuffix(".monitor"), str(source.index)}
        self._next = HeardSource(name, description or name, instead_of="" if is_wanted else wanted)
        if before is None:
            self._pass_on(self._next)
        else:
            self._ask("get_source_info_by_index", ctypes.c_uint32(before), self._on_old)

    def _take_old(self, _context: int, _info: int | None, end: int, _: int) -> None:
        """Of the source that was heard before: it is there still, or (a negative end) it is gone."""
        if self._next is not None and end <= 0:
            self._pass_on(replace(self._next, is_chosen=end == 0))

    def _pass_on(self, heard: HeardSource) -> None:
        if not self._tell(heard):
            self._end()

    def _property(self, info: ctypes.Structure, name: bytes) -> str:
        """What a stream or client says of itself by that name; empty where it does not."""
        found: bytes | None = self._library.pa_proplist_gets(ctypes.c_void_p(info.proplist), name)
        return (found or b"").decode("utf-8", "replace")
