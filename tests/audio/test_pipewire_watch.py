"""PipeWire asked which source is heard: its answers are those of PulseAudio's library, which a fake gives here."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace

import pytest

from streamer.audio.capturing import pulse_watch
from streamer.audio.capturing.capture_wire import HeardSource
from streamer.audio.capturing.pulse_watch import _ClientInfo, _SourceInfo, _StreamInfo, _Watch

USB, WEBCAM, NOWHERE = 44, 49, 2**32 - 1
OWN, OTHER = str(os.getpid()), "1"
SOURCES = {USB: b"usb", WEBCAM: b"webcam"}


class PipeWire:
    """What is asked of it, and its answers."""

    def __init__(self, *, wants: int = 100) -> None:
        self.wants = wants
        """How often somebody wants to be told."""
        self.said: dict[int, dict[bytes, str]] = {}
        """By the number of a list of properties."""
        self.asked: list[tuple[str, int]] = []
        self.told: list[HeardSource] = []
        self.is_over = False
        self.sources = dict(SOURCES)

    def properties(self, **given: str) -> int:
        """The number of a list of such properties."""
        self.said[len(self.said) + 1] = {name.replace("_", ".").encode(): said for name, said in given.items()}
        return len(self.said)

    def watch(self, *, is_patient: bool = True) -> _Watch:
        library = SimpleNamespace(
            pa_proplist_gets=partial(self._get),
            pa_context_get_client_info=self._ask("client"),
            pa_context_get_source_output_info=self._ask("stream"),
            pa_context_get_source_info_by_index=self._ask("source"),
            pa_mainloop_quit=self._quit,
            **{name: lambda *_: 1 for name in ("pa_mainloop_new", "pa_mainloop_get_api", "pa_context_new")},
        )
        return _Watch(library, self._tell, is_patient=is_patient)

    def answer(self, watch: _Watch) -> None:
        """Answer all that is asked for sources until nothing is asked any more."""
        while self.asked:
            kind, index = self.asked.pop(0)
            if kind == "source":
                self._describe(watch, index)

    def _describe(self, watch: _Watch, index: int) -> None:
        take = watch._take_source if self.told == [] or watch._source != index else watch._take_old
        if name := self.sources.get(index):
            source = _SourceInfo(name, index, name.title())
            take(0, ctypes.addressof(source), 0, 0)
        else:
            take(0, None, -1, 0)

    def _get(self, properties: ctypes.c_void_p, name: bytes) -> bytes | None:
        said = self.said[properties.value or 0].get(name)
        return None if said is None else said.encode()

    def _ask(self, kind: str) -> Callable[..., int]:
        def ask(_: object, index: ctypes.c_uint32, *__: object) -> int:
            self.asked.append((kind, index.value))
            return 0

        return ask

    def _quit(self, *_: object) -> None:
        self.is_over = True

    def _tell(self, heard: HeardSource) -> bool:
        self.told.append(heard)
        return len(self.told) < self.wants


def stream(watch: _Watch, index: int, source: int, properties: int, client: int = 7) -> None:
    """The server describes a stream."""
    info = _StreamInfo(index=index, source=source, client=client, proplist=properties)
    watch._take_stream(0, ctypes.addressof(info), 0, 0)


def test_a_stream_that_names_no_process_is_that_of_its_client() -> None:
    server = PipeWire()
    watch = server.watch()
    stream(watch, 66, USB, server.properties(), client=65)
    stream(watch, 68, WEBCAM, server.properties(), client=67)
    watch._take_stream(0, None, 1, 0)
    assert server.asked == [("client", 65), ("client", 67)]
    server.asked.clear()
    for client, process in ((67, OTHER), (65, OWN)):
        said = server.properties(application_process_id=process)
        info = _ClientInfo(index=client, proplist=said)
        watch._take_client(0, ctypes.addressof(info), 0, 0)
    server.answer(watch)

    assert server.told == [HeardSource("usb", "Usb")]


def test_a_stream_that_is_not_there_yet_is_awaited_of_pipewire_alone() -> None:
    server = PipeWire()
    watch = server.watch()
    watch._take_stream(0, None, 1, 0)
    watch._follow_event(0, 0, 66, 0)
    assert server.asked == [("stream", 66)]
    assert not server.is_over

    server.watch(is_patient=False)._take_stream(0, None, 1, 0)
    assert server.is_over


@pytest.mark.parametrize(
    ("wanted", "instead_of"), [("usb", ""), (str(USB), ""), ("webcam", "webcam"), ("nosuch", "nosuch")]
)
def test_another_source_than_the_one_that_was_asked_for_is_told_as_such(wanted: str, instead_of: str) -> None:
    server = PipeWire()
    watch = server.watch()
    stream(watch, 66, USB, server.properties(application_process_id=OWN, target_object=wanted))
    server.answer(watch)

    assert server.told == [HeardSource("usb", "Usb", instead_of=instead_of)]


def test_a_monitor_is_asked_for_by_the_name_of_its_sink() -> None:
    server = PipeWire()
    server.sources = {USB: b"hdmi.monitor"}
    watch = server.watch()
    stream(watch, 66, USB, server.properties(application_process_id=OWN, target_object="hdmi"))
    server.answer(watch)

    assert [heard.instead_of for heard in server.told] == [""]


def test_a_stream_that_hears_nothing_yet_is_told_of_once_it_does() -> None:
    server = PipeWire()
    watch = server.watch()
    own = server.properties(application_process_id=OWN)
    stream(watch, 66, NOWHERE, own)
    assert server.asked == []
    stream(watch, 66, WEBCAM, own)
    server.answer(watch)

    assert server.told == [HeardSource("webcam", "Webcam")]


def test_whoever_was_told_enough_is_told_no_more() -> None:
    server = PipeWire(wants=1)
    watch = server.watch()
    stream(watch, 66, USB, server.properties(application_process_id=OWN))
    server.answer(watch)

    assert server.is_over


def test_pipewire_alone_without_the_library_that_it_would_be_asked_with_is_not_watched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pulse_watch, "_is_loaded", lambda library: library.startswith("libpipewire"))
    monkeypatch.setattr(pulse_watch, "_LIBRARY", "libnosuch.so.0")

    pulse_watch.watch_source(lambda heard: pytest.fail(str(heard)))
