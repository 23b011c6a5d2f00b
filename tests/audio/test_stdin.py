from __future__ import annotations

import asyncio
import os
import pty
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from streamer.audio.stdin import PcmFormat, StdinSource
from streamer.errors import AudioError
from streamer.types import Frame, FrameRun, Gap
from tests.fakes import singly
from tests.sounds import loudest_hertz, noise, pcm, tone


@asynccontextmanager
async def piped(layout: PcmFormat | None = None) -> AsyncIterator[tuple[StdinSource, int]]:
    read_end, write_end = os.pipe()
    try:
        async with StdinSource(layout, read_end, patience=0) as source:
            yield source, write_end
    finally:
        os.close(read_end)


async def sound_of(frames: AsyncIterator[Frame | Gap]) -> bytes:
    return b"".join([frame.pcm async for frame in frames if isinstance(frame, Frame)])


async def test_sound_is_read_until_the_pipe_ends() -> None:
    sound = pcm(noise(1.0))
    async with piped() as (source, writer):
        os.write(writer, sound)
        os.close(writer)

        assert await sound_of(singly(source.frames())) == sound


async def test_half_a_sample_waits_for_the_other_half() -> None:
    sound = pcm(noise(0.04))
    async with piped() as (source, writer):
        frames = singly(source.frames())
        os.write(writer, sound[:641])
        first = await anext(frames)
        os.write(writer, sound[641:])
        os.close(writer)

        assert first == Frame(sound[:640], 0)
        assert await sound_of(frames) == sound[640:]


async def test_frames_may_come_together() -> None:
    sound = pcm(noise(0.1))
    async with piped() as (source, writer):
        os.write(writer, sound)
        os.close(writer)

        assert [item async for item in source.frames(lambda: 3)] == [FrameRun(sound, 0)]


async def test_rate_and_channels_are_converted() -> None:
    stereo = np.stack([tone(1.0, 48_000), tone(1.0, 48_000, hertz=1000)], axis=1).reshape(-1)
    async with piped(PcmFormat(rate=48_000, channels=2, channel=1)) as (source, writer):
        reading = asyncio.ensure_future(sound_of(singly(source.frames())))
        await asyncio.to_thread(os.write, writer, pcm(stereo))
        os.close(writer)
        sound = await reading

    assert len(sound) == 32_000
    assert loudest_hertz(sound) == pytest.approx(440, abs=2)


async def test_close_ends_a_pipe_that_is_still_open() -> None:
    async with piped() as (source, writer):
        frames = singly(source.frames())
        os.write(writer, bytes(640))
        await anext(frames)
        source.close()

        assert await sound_of(frames) == b""
        os.close(writer)


async def test_a_pipe_stays_as_blocking_as_it_was() -> None:
    read_end, write_end = os.pipe()
    async with StdinSource(None, read_end, patience=0):
        assert not os.get_blocking(read_end)

    assert os.get_blocking(read_end)
    os.close(read_end)
    os.close(write_end)


async def test_a_regular_file_may_stand_on_stdin(tmp_path: Path) -> None:
    sound = pcm(noise(0.5))
    (tmp_path / "sound.pcm").write_bytes(sound)
    with (tmp_path / "sound.pcm").open("rb") as file:
        async with StdinSource(None, file.fileno()) as source:
            assert await sound_of(singly(source.frames())) == sound


async def test_how_much_sound_there_is_is_known_of_what_is_left_of_a_regular_file(tmp_path: Path) -> None:
    (tmp_path / "sound.pcm").write_bytes(bytes(4 * 48_000))
    with (tmp_path / "sound.pcm").open("rb") as file:
        os.lseek(file.fileno(), 48_000, os.SEEK_SET)
        async with StdinSource(PcmFormat(rate=48_000, channels=2), file.fileno()) as source:
            assert source.seconds == 0.75
    async with piped() as (source, _):
        assert source.seconds == 0.0


async def test_what_ends_without_sound_is_refused_when_it_is_opened() -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    read_end, write_end = os.pipe()
    os.close(write_end)
    for descriptor in (nothing, read_end):
        with pytest.raises(AudioError, match="no sound came from stdin before it ended"):
            async with StdinSource(None, descriptor):
                pytest.fail("opened")

    assert os.get_blocking(read_end)
    os.close(nothing)
    os.close(read_end)


async def test_half_a_sample_is_no_sound(tmp_path: Path) -> None:
    (tmp_path / "sound.pcm").write_bytes(bytes(3))
    with (
        (tmp_path / "sound.pcm").open("rb") as file,
        pytest.raises(AudioError, match="no sound came from stdin before it ended"),
    ):
        async with StdinSource(PcmFormat(channels=2), file.fileno()):
            pytest.fail("opened")


async def test_what_comes_while_it_is_opened_is_the_first_of_the_sound() -> None:
    sound = pcm(noise(0.5))
    read_end, write_end = os.pipe()
    os.write(write_end, sound)
    os.close(write_end)
    async with StdinSource(None, read_end) as source:
        assert await sound_of(singly(source.frames())) == sound
    os.close(read_end)


async def test_a_sound_file_is_refused_when_it_is_opened() -> None:
    read_end, write_end = os.pipe()
    os.write(write_end, b"RIFF\x24\x80\0\0WAVEfmt ")
    with pytest.raises(AudioError, match="standard input holds a WAV file, but `--source -` expects raw PCM"):
        async with StdinSource(None, read_end):
            pytest.fail("opened")
    os.close(read_end)
    os.close(write_end)


async def test_a_sound_file_is_no_raw_pcm() -> None:
    async with piped() as (source, writer):
        os.write(writer, b"RIFF\x24\x80\0\0WAVEfmt ")
        os.close(writer)

        with pytest.raises(AudioError, match="standard input holds a WAV file, but `--source -` expects raw PCM"):
            await sound_of(singly(source.frames()))


async def test_a_terminal_is_refused() -> None:
    ours, theirs = pty.openpty()
    with pytest.raises(AudioError, match="standard input is a terminal"):
        async with StdinSource(None, theirs):
            pytest.fail("opened")
    os.close(ours)
    os.close(theirs)


async def test_a_closed_stdin_is_refused() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    os.close(write_end)
    with pytest.raises(AudioError, match="standard input is closed"):
        async with StdinSource(None, read_end):
            pytest.fail("opened")


async def test_opening_ends_where_it_is_closed_meanwhile() -> None:
    read_end, write_end = os.pipe()
    source = StdinSource(None, read_end, patience=1000)
    asyncio.get_running_loop().call_later(0.1, source.close)
    async with asyncio.timeout(20), source:
        assert await sound_of(singly(source.frames())) == b""
    os.close(read_end)
    os.close(write_end)


async def test_after_its_end_the_pipe_is_not_read_any_more() -> None:
    """Ctrl-C, and the room at the pipe has failed: where nothing came, reading would block the other rooms."""
    read_end, write_end = os.pipe()
    async with StdinSource(None, read_end, patience=0) as source:
        pass
    os.set_blocking(read_end, False)
    os.write(write_end, b"still here")
    source.close()

    assert os.read(read_end, 100) == b"still here"
    os.close(read_end)
    os.close(write_end)


async def test_a_connection_that_is_reset_breaks_off_after_what_it_gave() -> None:
    """Of bash's ``< /dev/tcp/HOST/PORT``."""
    sound = pcm(noise(0.05))
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as ours:
        theirs, _ = server.accept()
        theirs.sendall(sound)
        async with StdinSource(None, ours.fileno()) as source:
            frames = singly(source.frames())
            given = [await anext(frames), await anext(frames)]
            theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset instead of an end
            theirs.close()
            given.append(await anext(frames))
            with pytest.raises(AudioError, match="standard input broke off: Connection reset by peer"):
                await anext(frames)
            source.close()

    assert [item.pcm for item in given if isinstance(item, Frame)] == [
        sound[:640],
        sound[640:1280],
        sound[1280:].ljust(640, b"\0"),
    ]
