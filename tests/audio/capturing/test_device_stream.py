from __future__ import annotations

import asyncio
from datetime import timedelta

import numpy as np
import pytest

from streamer import clock
from streamer.audio.capturing import device_stream
from streamer.audio.capturing.capture_wire import HEADER, Away, CaptureRequest, Lost, Message, Opened, Refused, Sound
from streamer.audio.capturing.device_stream import DeviceStream
from streamer.errors import AudioDeviceError, DeviceChoiceError
from streamer.settings.audio import AudioSettings
from tests.audio.capturing.scripted_process import FakeProcess
from tests.virtual_time import EPOCH, VirtualClock, run_virtual, stand_still

SLEPT = 100.0
MONO, STEREO = Opened("USB Mic", 16_000, 1), Opened("USB Mic", 48_000, 2)
FRAME = Sound(bytes(640))


def listen(
    monkeypatch: pytest.MonkeyPatch, *script: tuple[float, Message | None], settings: AudioSettings | None = None
) -> tuple[DeviceStream, FakeProcess]:
    """A stream whose process says what is scripted; to be called on a virtual loop."""
    process = FakeProcess(list(script))
    monkeypatch.setattr(device_stream, "CaptureProcess", process)
    monkeypatch.setattr(clock, "slept_seconds", lambda: SLEPT)
    return DeviceStream(settings or AudioSettings(), VirtualClock(), is_patient=True, known_as="USB"), process


def now() -> float:
    return asyncio.get_running_loop().time()


def test_the_process_is_asked_for_the_device_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    async def wanted() -> CaptureRequest | None:
        settings = AudioSettings(device="USB", channel=2, latency_ms=80)
        return listen(monkeypatch, settings=settings)[1].request

    expected = CaptureRequest(device="USB", channel=2, latency_ms=80, is_patient=True, known_as="USB")
    assert run_virtual(wanted()) == expected


def test_a_device_is_waited_for_and_heard_from_its_opening_on(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        stream, process = listen(monkeypatch, (1, Away("no USB")), (9, Away("still none")), (12, MONO))
        with pytest.raises(AudioDeviceError, match=r"^the microphone is not open$"):
            _ = stream.device
        assert (stream.known_as, stream.heard_at, stream.silent_since) == ("USB", EPOCH, SLEPT)
        reasons: list[str] = []
        await stream.open(reasons.append)
        assert reasons == ["no USB", "still none"]
        assert (stream.device, stream.known_as) == (MONO, "USB Mic")
        assert (stream.heard_at, stream.silent_since) == (EPOCH + timedelta(seconds=12), SLEPT + 12)
        assert process.calls == ["start"]

    run_virtual(scenario())


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (Refused("two are named so", is_lasting=True), DeviceChoiceError, "two are named so"),
        (Refused("busy"), AudioDeviceError, "busy"),
        (None, AudioDeviceError, "the microphone could not be opened: a last word"),
    ],
)
def test_a_device_that_cannot_be_opened_is_an_error(
    monkeypatch: pytest.MonkeyPatch, answer: Message | None, kind: type[AudioDeviceError], message: str
) -> None:
    async def scenario() -> None:
        with pytest.raises(kind, match=f"^{message}$"):
            await listen(monkeypatch, (0, answer))[0].open()

    run_virtual(scenario())


def test_an_opening_may_take_ten_seconds_and_what_came_while_this_program_stood_still_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scenario() -> None:
        await listen(monkeypatch, (10.25, MONO))[0].open()

    run_virtual(scenario())


def test_a_server_that_does_not_answer_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> float:
        with pytest.raises(AudioDeviceError) as caught:
            await listen(monkeypatch)[0].open()
        assert str(caught.value) == "the microphone did not open within 10 s: its sound server hangs"
        return now()

    assert run_virtual(scenario()) == pytest.approx(10.3)


def test_sound_that_was_too_little_to_wake_up_for_is_dated_where_it_was_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        stream, process = listen(monkeypatch, (0, MONO), (4, FRAME), (5.1, FRAME))
        await stream.open()
        heard = []
        sounds = stream.sounds()
        for here in ([], [FRAME], []):
            await anext(sounds)
            process.here = here
            heard.append((stream.heard_at - EPOCH, stream.silent_since - SLEPT))
        assert heard == [(timedelta(seconds=at), pytest.approx(at)) for at in (4, 4.02, 4.04)]

    run_virtual(scenario())


def test_sound_and_what_is_missing_come_in_order_until_it_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        lost = Lost(0.5, "slept")
        stream, process = listen(monkeypatch, (0, MONO), (5.2, FRAME), (5.9, lost), (6.8, None))
        await stream.open()
        found = []
        heard = []
        async for each in stream.sounds():
            found.append(each)
            heard.append((stream.heard_at - EPOCH, stream.silent_since - SLEPT))
            if each is lost:
                stream.close()
                stream.close()
        assert found == [FRAME.pcm, lost, b""]
        assert heard == [(timedelta(seconds=at), pytest.approx(at)) for at in (5.2, 5.9, 5.9)]
        assert process.calls == ["start", "finish", "finish"]

    run_virtual(scenario())


def test_what_is_here_already_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        stream, process = listen(monkeypatch, (0, MONO), (1, FRAME))
        await stream.open()
        process.here = [Lost(1.0, "a"), Lost(2.0, "b")]
        sounds = stream.sounds()
        assert [await anext(sounds), await anext(sounds)] == [Lost(1.0, "a"), Lost(2.0, "b")]
        assert now() == 0
        assert await anext(sounds) == FRAME.pcm
        await sounds.aclose()

    run_virtual(scenario())


def test_as_many_frames_as_are_wanted_at_once_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> list[tuple[int, float]]:
        stream, process = listen(monkeypatch, (0, STEREO), (0.1, Sound(bytes(3840))))
        await stream.open()
        sounds = stream.sounds(lambda: 3)
        await anext(sounds)
        await sounds.aclose()
        return process.asked

    assert run_virtual(scenario()) == [(1, 0.0), (3 * (HEADER.size + 960 * 2 * 2), pytest.approx(0.06))]


@pytest.mark.parametrize(
    ("script", "problem", "seconds"),
    [
        ([], "no sound for 5.0 s: the device or its server hangs", 5.3),
        ([(2, FRAME)], "no sound for 0.4 s: the device or its server hangs", 2.7),
        ([(2, FRAME), (2, Refused("unplugged"))], "unplugged", 2),
        ([(2, FRAME), (2, None)], "a last word", 2),
    ],
)
def test_a_device_that_goes_or_hangs_gives_what_it_had_heard_before_the_error(
    monkeypatch: pytest.MonkeyPatch, script: list[tuple[float, Message | None]], problem: str, seconds: float
) -> None:
    async def scenario() -> None:
        stream, _ = listen(monkeypatch, (0, MONO), *script, settings=AudioSettings(watchdog_ms=400))
        await stream.open()
        sounds = stream.sounds()
        assert [await anext(sounds) for _ in range(2 if script else 1)] == [FRAME.pcm, b""][not script :]
        with pytest.raises(AudioDeviceError) as caught:
            await anext(sounds)
        assert str(caught.value) == problem
        assert now() == pytest.approx(seconds)

    run_virtual(scenario())


def test_where_this_program_stood_still_too_the_sound_may_come_two_seconds_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The capture process holds it back until it knows what is missing before it."""

    async def scenario() -> list[bytes | Lost]:
        stream, _ = listen(monkeypatch, (0, MONO), (1, FRAME), (604.25, FRAME))
        await stream.open()
        sounds = stream.sounds()
        heard = [await anext(sounds)]
        waiting = asyncio.ensure_future(anext(sounds))
        await asyncio.sleep(0)
        stand_still(601.5)
        return [*heard, await waiting]

    assert run_virtual(scenario()) == [FRAME.pcm, FRAME.pcm]


def test_one_channel_at_another_rate_is_heard_to_its_last_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> bytes:
        samples = np.zeros((960, 2), "<i2")
        samples[:, 1] = 8000
        settings = AudioSettings(channel=2)
        stream, _ = listen(monkeypatch, (0, STEREO), (0.1, Sound(samples.tobytes())), (0.2, None), settings=settings)
        await stream.open()
        stream.kill()
        return b"".join([each async for each in stream.sounds() if isinstance(each, bytes)])

    heard = np.frombuffer(run_virtual(scenario()), "<i2")
    assert len(heard) == 320
    assert heard[100:200].tolist() == pytest.approx([8000] * 100, abs=40)


def test_before_it_is_open_closing_is_killing(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> list[str]:
        stream, process = listen(monkeypatch)
        stream.close()
        stream.kill()
        return process.calls

    assert run_virtual(scenario()) == ["kill", "kill"]
