"""What is made of a sound server's answers; test_pulse_watch.py asks a real one."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable

import pytest

from streamer.audio.capturing import pulse_watch
from streamer.audio.capturing.capture_wire import HeardSource
from streamer.audio.capturing.pulse_watch import watch_source
from tests.audio.pulse_server import CONTEXT, FAILED, NOWHERE, OURS, READY, TERMINATED, THEIRS, Server, Stream

pytestmark = pytest.mark.skipif(ctypes.sizeof(ctypes.c_void_p) != 8, reason="the fake's structures are of 64 bits")


def heard(server: Server, *, is_patient: bool = False, enough: int = 99) -> list[HeardSource]:
    """What is told, of which so many are enough, until the server goes away."""
    told: list[HeardSource] = []

    def tell(source: HeardSource) -> bool:
        told.append(source)
        return len(told) < enough

    pulse_watch._Watch(server.library(), tell, is_patient=is_patient).run()
    return told


DESK = HeardSource("desk", "Desk Mic")


def test_it_is_told_which_source_this_process_hears_and_all_is_given_back() -> None:
    server = Server({5: Stream(2, THEIRS), 7: Stream(1, OURS)})

    assert heard(server) == [DESK]
    assert server.asked == [
        (None, 1, None),
        ("subscribe",),
        0x40,
        ("get_source_output_info_list",),
        0x40,
        ("get_source_info_by_index", 1),
        0x40,
        ("unref", CONTEXT),
        ("free", 0x10),
    ]
    assert server.has_gone


@pytest.mark.parametrize(("accepts", "state", "asked"), [(-1, READY, 3), (0, FAILED, 3), (0, TERMINATED, 3)])
def test_nothing_is_asked_of_a_server_that_does_not_answer(accepts: int, state: int, asked: int) -> None:
    server = Server({7: Stream(1, OURS)}, accepts=accepts, state=state)

    assert heard(server) == []
    assert (len(server.asked), server.has_gone) == (asked, False)


def test_where_nothing_of_this_process_is_heard_it_is_over_at_once() -> None:
    server = Server({5: Stream(2, THEIRS)})

    assert heard(server) == []
    assert (server.has_quit, server.has_gone) == (True, False)


def test_a_stream_that_becomes_known_late_is_waited_for_where_it_may() -> None:
    server = Server({5: Stream(2, THEIRS)})

    def come() -> None:
        server.streams[7] = Stream(NOWHERE, OURS)
        server.event(CONTEXT, 0x10, 7, None)

    server.happening.extend([come, server.change(5, 1), server.change(7, 1)])

    assert heard(server, is_patient=True) == [DESK]


@pytest.mark.parametrize(("gone", "is_chosen"), [([], True), ([1], False)])
def test_another_source_is_told_with_whether_the_one_before_is_there_still(gone: list[int], is_chosen: bool) -> None:
    server = Server({7: Stream(1, OURS)})
    server.happening.extend(
        [*(lambda number=number: server.sources.pop(number) for number in gone), server.change(7, 2)]
    )

    assert heard(server) == [DESK, HeardSource("room", "Room Mic", is_chosen=is_chosen)]


def test_neither_other_streams_nor_the_same_source_are_news() -> None:
    server = Server({5: Stream(2, THEIRS), 7: Stream(1, OURS)})
    server.happening.extend([server.change(5, 1), server.change(7, 1), server.change(7, NOWHERE), server.change(7, 1)])

    assert heard(server) == [DESK]
    assert [one for one in server.asked if one == ("get_source_output_info", 5)] == []
    assert [one for one in server.asked if isinstance(one, tuple) and one[0] == "get_source_info_by_index"] == [
        ("get_source_info_by_index", 1)
    ]


def test_a_stream_that_is_gone_is_nothing_to_tell() -> None:
    server = Server({7: Stream(1, OURS)})
    server.happening.extend([server.streams.clear, lambda: server.event(CONTEXT, 0x21, 7, None)])

    assert heard(server) == [DESK]


@pytest.mark.parametrize(
    ("asked_for", "instead_of"),
    [(b"", ""), (b"hall.monitor", ""), (b"hall", ""), (b"3", ""), (b"desk", "desk"), (b"monitor", "monitor")],
)
def test_another_source_than_the_one_asked_for_is_told_as_such(asked_for: bytes, instead_of: str) -> None:
    server = Server({7: Stream(3, OURS | {b"target.object": asked_for})}, sources={3: (b"hall.monitor", None)})

    assert heard(server) == [HeardSource("hall.monitor", "hall.monitor", instead_of=instead_of)]


def test_names_that_are_no_utf_8_are_told_as_well_as_can_be() -> None:
    properties = OURS | {b"target.object": b"hall\xff"}
    server = Server({7: Stream(1, properties)}, sources={1: (b"desk\xff", b"Mic \xff")})

    assert heard(server) == [HeardSource("desk\ufffd", "Mic \ufffd", instead_of="hall\ufffd")]


def test_addresses_are_taken_in_full() -> None:
    """Else ctypes takes them for numbers of 32 bits."""
    library = Server({7: Stream(1, OURS)}).library()
    pulse_watch._Watch(library, lambda _: True, is_patient=False).run()

    pointers = {name for name, call in vars(library).items() if getattr(call, "restype", None) is ctypes.c_void_p}
    assert library.pa_proplist_gets.restype is ctypes.c_char_p
    assert pointers == {
        "pa_mainloop_new",
        "pa_mainloop_get_api",
        "pa_context_new",
        "pa_context_subscribe",
        "pa_context_get_source_output_info_list",
        "pa_context_get_source_info_by_index",
    }


def test_whose_a_stream_is_may_say_its_client() -> None:
    server = Server({5: Stream(2, {}, client=71), 7: Stream(1, {}, client=72)}, clients={71: THEIRS, 72: OURS})

    assert heard(server, is_patient=True) == [DESK]


def test_it_is_over_when_enough_was_told() -> None:
    server = Server({7: Stream(1, OURS)})
    server.happening.extend([server.change(7, 2), server.change(7, 1)])

    assert len(heard(server, enough=2)) == 2
    assert not server.has_gone


@pytest.mark.parametrize(
    ("loaded", "watched"),
    [
        ((), []),
        (("libpulse.so.0",), [False]),
        (("libpipewire-0.3.so.0",), [True]),
        (("libpulse.so.0", "libpipewire-0.3.so.0"), [True]),
    ],
)
def test_only_what_comes_through_a_sound_server_is_watched(
    monkeypatch: pytest.MonkeyPatch, loaded: Iterable[str], watched: list[bool]
) -> None:
    found: list[bool] = []

    class Watch:
        def __init__(self, library: object, tell: object, *, is_patient: bool) -> None:
            assert (library, tell) == ("libpulse.so.0", print)
            found.append(is_patient)

        def run(self) -> None:
            raise OSError("nobody answers")

    def load(library: str, mode: int = 0) -> str:
        if mode and library not in loaded:
            raise OSError(library)
        return library

    monkeypatch.setattr(ctypes, "CDLL", load)
    monkeypatch.setattr(pulse_watch, "_Watch", Watch)
    watch_source(print)  # type: ignore[arg-type]

    assert found == watched
