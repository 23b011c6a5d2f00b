from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from streamer.audio.capturing import device_stream
from streamer.audio.microphone import Microphone
from streamer.clock import SystemClock
from streamer.errors import AudioDeviceError, MissingDependencyError, SourceClosedError
from streamer.settings.audio import AudioSettings
from streamer.types import Frame, Gap
from tests.audio.listening import take
from tests.fakes import singly
from tests.microphone import wait_for
from tests.resident import resident_code
from tests.sounds import loudest_hertz


def sound_of(items: list[Frame | Gap]) -> bytes:
    return b"".join(item.pcm for item in items if isinstance(item, Frame))


async def opened(settings: AudioSettings) -> tuple[str, int]:
    """Name and rate of the device that is opened."""
    stream = device_stream.DeviceStream(settings, SystemClock())
    try:
        await stream.open()
        return stream.device.device, stream.device.rate
    finally:
        stream.kill()


async def test_frames_follow_each_other_without_holes(fake: pytest.MonkeyPatch) -> None:
    async with Microphone() as source:
        items = await take(singly(source.frames()), 100)

    assert [item.start_sample for item in items if isinstance(item, Frame)] == list(range(0, 32_000, 320))


async def test_a_device_that_allows_16_khz_is_opened_at_16_khz(fake: pytest.MonkeyPatch) -> None:
    assert await opened(AudioSettings()) == ("Microphone", 16_000)


@pytest.mark.parametrize(("own", "latency"), [(None, "80"), ("25", "25")])
async def test_a_sound_server_holds_back_no_more_than_the_settings_say_or_else_the_environment(
    fake: pytest.MonkeyPatch, own: str | None, latency: str
) -> None:
    fake.setenv("FAKE_MICROPHONE", "latency")
    fake.delenv("PULSE_LATENCY_MSEC", raising=False)
    if own is not None:
        fake.setenv("PULSE_LATENCY_MSEC", own)

    assert await opened(AudioSettings(latency_ms=80)) == (latency, 16_000)


async def test_a_device_that_refuses_16_khz_is_resampled(fake: pytest.MonkeyPatch) -> None:
    fake.setenv("FAKE_MICROPHONE", "only 48 kHz")
    settings = AudioSettings(channel=1)
    assert await opened(settings) == ("USB Mic", 48_000)
    async with Microphone(settings) as source:
        items = await take(singly(source.frames()), 90)

    assert loudest_hertz(sound_of(items)) == pytest.approx(440, abs=2)


@pytest.mark.parametrize(("channel", "hertz"), [(1, 440), (2, 1000)])
async def test_one_channel_can_be_chosen(fake: pytest.MonkeyPatch, channel: int, hertz: int) -> None:
    async with Microphone(AudioSettings(channel=channel)) as source:
        items = await take(singly(source.frames()), 90)

    assert loudest_hertz(sound_of(items)) == pytest.approx(hertz, abs=2)


async def test_a_channel_beyond_the_first_two_is_opened(fake: pytest.MonkeyPatch) -> None:
    fake.setenv("FAKE_MICROPHONE", "many")
    async with Microphone(AudioSettings(device="Mic B", channel=4)) as source:
        items = await take(singly(source.frames()), 90)

    assert loudest_hertz(sound_of(items)) == pytest.approx(2000, abs=2)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_code_that_only_opening_needs_is_given_back(fake: pytest.MonkeyPatch) -> None:
    async with Microphone() as source:
        await take(singly(source.frames()), 1)
        (capture,) = psutil.Process().children()

        assert resident_code("_decimal", capture.pid) == 0


async def test_close_gives_what_was_heard_and_ends(fake: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake.setenv("FAKE_MICROPHONE_DONE", str(tmp_path / "done"))
    async with Microphone() as source:
        frames = singly(source.frames())
        await anext(frames)
        wait_for((tmp_path / "done").exists)
        source.close()
        source.close()
        rest = [item async for item in frames]

    assert len(rest) == 99


@pytest.mark.parametrize(
    ("kind", "error", "message"),
    [
        (
            "no library",
            MissingDependencyError,
            "the microphone needs PortAudio .*: the library PortAudio is n",
        ),
        ("no inputs", AudioDeviceError, "no microphone was found"),
        ("busy", AudioDeviceError, "Microphone cannot be opened: .*Device unavailable"),
    ],
)
async def test_what_cannot_be_opened_says_why(
    fake: pytest.MonkeyPatch, kind: str, error: type[Exception], message: str
) -> None:
    fake.setenv("FAKE_MICROPHONE", kind)
    with pytest.raises(error, match=message):
        async with Microphone():
            pytest.fail("opened")


async def test_a_channel_that_the_device_lacks_is_refused(fake: pytest.MonkeyPatch) -> None:
    fake.setenv("FAKE_MICROPHONE", "mono")
    with pytest.raises(AudioDeviceError, match="channel 2 was asked for, but Headset has 1"):
        async with Microphone(AudioSettings(channel=2)):
            pytest.fail("opened")


async def test_a_sound_system_that_hangs_is_given_up(fake: pytest.MonkeyPatch) -> None:
    fake.setenv("FAKE_MICROPHONE", "hangs at start")
    fake.setattr(device_stream, "_OPEN_SECONDS", 0.5)
    with pytest.raises(AudioDeviceError, match="the microphone did not open within 0 s: its sound server hangs"):
        async with Microphone():
            pytest.fail("opened")


@pytest.mark.parametrize("seconds", [0.0, 0.3])
async def test_opening_ends_where_it_is_closed_meanwhile(fake: pytest.MonkeyPatch, seconds: float) -> None:
    fake.setenv("FAKE_MICROPHONE", "hangs at start")
    fake.setattr(device_stream, "_OPEN_SECONDS", 1000)
    source = Microphone()
    asyncio.get_running_loop().call_later(seconds, source.close)
    with pytest.raises(SourceClosedError, match="microphone was being opened, and then not wanted any more"):
        async with asyncio.timeout(20), source:
            pytest.fail("opened")


async def test_one_that_was_closed_before_is_not_opened(fake: pytest.MonkeyPatch) -> None:
    source = Microphone()
    source.close()
    with pytest.raises(SourceClosedError, match="microphone was being opened, and then not wanted any more"):
        async with source:
            pytest.fail("opened")


async def test_a_device_that_is_late_is_waited_for(fake: pytest.MonkeyPatch) -> None:
    fake.setenv("FAKE_MICROPHONE", "late")
    hasty = device_stream.DeviceStream(AudioSettings(), SystemClock())
    patient = device_stream.DeviceStream(AudioSettings(), SystemClock(), is_patient=True)
    try:
        with pytest.raises(AudioDeviceError, match="no microphone was found"):
            await hasty.open()
        await patient.open()
    finally:
        hasty.kill()
        patient.kill()

    assert patient.device.device == "Microphone"


_LISTENER = """
import asyncio, sys
from streamer.audio.microphone import Microphone
async def main():
    async with Microphone() as source:
        async for _ in source.frames():
            print(source._stream._process._process.pid, flush=True)
asyncio.run(main())
"""


@pytest.mark.parametrize("kind", ["good", "paced"])
def test_the_capture_process_ends_when_its_parent_is_killed(fake: pytest.MonkeyPatch, kind: str) -> None:
    fake.setenv("FAKE_MICROPHONE", kind)
    with subprocess.Popen([sys.executable, "-c", _LISTENER], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        capture = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)

    wait_for(lambda: not Path(f"/proc/{capture}").exists() or _is_zombie(capture))


def _is_zombie(process: int) -> bool:
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
