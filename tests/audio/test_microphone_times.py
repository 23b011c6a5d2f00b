"""When a microphone is opened again, and how its gaps are dated: by a scripted process, on virtual time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar

import pytest

from streamer import clock
from streamer.audio.capturing import device_stream
from streamer.audio.capturing.capture_wire import CaptureRequest, HeardSource, Lost, Message, Opened, Refused, Sound
from streamer.audio.microphone import Microphone
from streamer.errors import SourceClosedError
from streamer.settings.audio import AudioSettings
from streamer.types import MICROPHONE_LOST, DeviceAwaited, Frame, Gap, Notice, Severity
from tests.audio.capturing.scripted_process import FakeProcess
from tests.fakes import singly
from tests.virtual_time import EPOCH, VirtualClock, run_virtual

T = TypeVar("T")
Script = list[tuple[float, Message | None]]

OPENED = Opened("USB Mic", 16_000, 1)
FRAME = Sound(bytes(640))
GONE = Refused("unplugged")


class StartedProcess(FakeProcess):
    """Notes when it was started."""

    started_at = -1.0

    async def start(self) -> None:
        self.started_at = asyncio.get_running_loop().time()


class Processes:
    """One scripted process after another; seconds are those of the loop."""

    def __init__(self, *scripts: Script) -> None:
        self._scripts = list(scripts)
        self.made: list[StartedProcess] = []

    def __call__(self, request: CaptureRequest) -> FakeProcess:
        process = StartedProcess(self._scripts.pop(0) if self._scripts else [])
        self.made.append(process)
        return process(request)


def run(
    monkeypatch: pytest.MonkeyPatch,
    processes: Processes,
    heard: Callable[[AsyncIterator[Frame | Gap]], Awaitable[T]],
    settings: AudioSettings | None = None,
    notify: Callable[[Notice | DeviceAwaited], None] | None = None,
) -> T:
    """What a scenario makes of the frames."""
    monkeypatch.setattr(device_stream, "CaptureProcess", processes)
    monkeypatch.setattr(clock, "slept_seconds", lambda: 100.0)

    async def scenario() -> T:
        async with Microphone(settings, notify=notify, clock=VirtualClock()) as source:
            return await heard(singly(source.frames()))

    return run_virtual(scenario())


def taken(count: int) -> Callable[[AsyncIterator[Frame | Gap]], Awaitable[list[Frame | Gap]]]:
    async def take(frames: AsyncIterator[Frame | Gap]) -> list[Frame | Gap]:
        return [await anext(frames) for _ in range(count)]

    return take


def after(seconds: float) -> datetime:
    return EPOCH + timedelta(seconds=seconds)


def test_what_is_lost_is_a_gap_that_began_as_long_before_as_it_lasted(monkeypatch: pytest.MonkeyPatch) -> None:
    processes = Processes([(0, OPENED), (1, FRAME), (1.75, Lost(0.5, "slept")), (1.75, FRAME)])

    assert run(monkeypatch, processes, taken(3)) == [
        Frame(FRAME.pcm, 0),
        Gap(320, after(1.25), 0.5, "slept"),
        Frame(FRAME.pcm, 320),
    ]


def test_what_is_lost_of_sound_that_waited_is_dated_when_it_sounded(monkeypatch: pytest.MonkeyPatch) -> None:
    processes = Processes([(0, OPENED), (1, FRAME), (1.75, Lost(0.5, "full", 101.5)), (1.75, FRAME)])

    assert run(monkeypatch, processes, taken(2))[1] == Gap(320, after(1.0), 0.5, "full")


def test_an_outage_lasts_from_the_last_sound_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is lost before the first sound is part of it; the sound that was unfinished is filled up."""
    told: list[Notice | DeviceAwaited] = []
    processes = Processes(
        [(0, OPENED), (1, FRAME), (1.5, Sound(b"\1" * 320)), (2, GONE)],
        [(4, OPENED), (4.5, Lost(0.5, "late")), (4.75, FRAME)],
    )

    assert run(monkeypatch, processes, taken(4), notify=told.append) == [
        Frame(FRAME.pcm, 0),
        Frame(b"\1" * 320 + bytes(320), 320),
        Gap(640, after(1.5), 3.25, "unplugged"),
        Frame(FRAME.pcm, 640),
    ]
    assert told == [
        Notice(MICROPHONE_LOST, Severity.WARNING, "unplugged"),
        Notice(MICROPHONE_LOST, Severity.INFO, ""),
    ]
    assert ["kill" in process.calls for process in processes.made] == [True, True]


def test_a_device_that_opens_and_gives_nothing_is_one_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    processes = Processes([(0, OPENED), (1, FRAME), (2, GONE)], [(3, OPENED), (3, GONE)], [(6, OPENED), (7, FRAME)])

    assert run(monkeypatch, processes, taken(2))[1] == Gap(320, after(1), 6.0, "unplugged")


def test_a_lost_device_is_looked_for_at_once_and_then_less_and_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    processes = Processes(
        [(0, OPENED), (1, FRAME), (2, GONE)],
        *([(0.0, GONE)] for _ in range(5)),
        [(9, OPENED), (9, FRAME), (10, GONE)],
        [(10, OPENED), (11, FRAME)],
    )
    run(monkeypatch, processes, taken(5))

    assert [process.started_at for process in processes.made] == pytest.approx([0, 2, 2.1, 2.3, 2.7, 3.1, 3.5, 10])


def test_a_device_is_looked_for_by_the_name_that_it_had_and_patiently(monkeypatch: pytest.MonkeyPatch) -> None:
    processes = Processes([(0, OPENED), (1, FRAME), (2, GONE)], [(2, GONE)], [(3, OPENED), (3, FRAME)])
    settings = AudioSettings(device="3", channel=1, latency_ms=80)
    run(monkeypatch, processes, taken(3), settings)

    again = CaptureRequest(device="3", channel=1, latency_ms=80, is_patient=True, known_as="USB Mic")
    assert [process.request for process in processes.made] == [
        CaptureRequest(device="3", channel=1, latency_ms=80),
        again,
        again,
    ]


def test_another_source_of_the_server_is_told_also_after_an_outage_and_its_return(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[Notice | DeviceAwaited] = []
    usb, webcam = HeardSource("usb", "USB Mic"), HeardSource("webcam", "Webcam")
    processes = Processes(
        [(0, OPENED), (1, usb), (1, FRAME), (2, GONE)],
        [(3, OPENED), (3, webcam), (3, FRAME), (3.5, usb), (3.5, FRAME)],
    )
    with caplog.at_level(logging.INFO):
        run(monkeypatch, processes, taken(4), notify=told.append)

    changed = Notice("microphone.changed", Severity.WARNING, "Webcam is heard now: USB Mic went away")
    assert [notice for notice in told if isinstance(notice, Notice) and notice.key != MICROPHONE_LOST] == [
        changed,
        Notice("microphone.changed", Severity.INFO, ""),
    ]
    assert caplog.messages == [
        "the sound server gives usb (USB Mic)",
        "microphone lost: unplugged",
        "the sound server gives webcam (Webcam)",
        changed.text,
        "microphone is back after 2.0 s",
        "the sound server gives usb (USB Mic)",
    ]


def test_one_that_is_waited_for_is_looked_for_at_once_and_then_less_and_less_often_and_told_of_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[Notice | DeviceAwaited] = []
    processes = Processes(*([(0.0, GONE)] for _ in range(4)), [(9, OPENED), (9, FRAME)])
    run(monkeypatch, processes, taken(1), AudioSettings(wait_for_device="always"), told.append)

    assert [process.started_at for process in processes.made] == pytest.approx([0, 0, 0.1, 0.3, 0.7])
    assert told == [DeviceAwaited("", EPOCH, "unplugged")]
    assert caplog.messages == ["waiting for microphone: unplugged"]


@pytest.mark.parametrize(
    ("settings", "first", "reason"),
    [
        (AudioSettings(), [], "was being opened"),
        (AudioSettings(wait_for_device="always"), [], "was being opened"),
        (AudioSettings(wait_for_device="always"), [[(0.0, GONE)]], "was waited for"),
    ],
)
def test_one_that_opens_in_the_moment_in_which_it_is_closed_is_not_heard(
    monkeypatch: pytest.MonkeyPatch, settings: AudioSettings, first: list[Script], reason: str
) -> None:
    monkeypatch.setattr(device_stream, "CaptureProcess", Processes(*first, [(1, OPENED), (2, FRAME)]))

    async def scenario() -> None:
        source = Microphone(settings, clock=VirtualClock())
        asyncio.get_running_loop().call_later(1, source.close)
        with pytest.raises(SourceClosedError, match=f"{reason}, and then not wanted any more"):
            await source.__aenter__()

    run_virtual(scenario())


def test_the_sound_that_is_unfinished_at_the_end_is_filled_up(monkeypatch: pytest.MonkeyPatch) -> None:
    processes = Processes([(0, OPENED), (1, FRAME), (1, Sound(b"\1" * 320)), (2, None)])
    monkeypatch.setattr(device_stream, "CaptureProcess", processes)

    async def scenario() -> list[Frame | Gap]:
        async with Microphone(clock=VirtualClock()) as source:
            asyncio.get_running_loop().call_later(1.5, source.close)
            return [item async for item in singly(source.frames())]

    assert run_virtual(scenario()) == [Frame(FRAME.pcm, 0), Frame(b"\1" * 320 + bytes(320), 320)]
    assert processes.made[0].calls == ["finish", "kill"]
