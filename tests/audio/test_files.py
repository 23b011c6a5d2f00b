from __future__ import annotations

import os
import struct
import subprocess
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile

from streamer.audio.files import SoundFile
from streamer.errors import AudioFileError
from tests.audio.reading import convert, needs_ffmpeg, read
from tests.sounds import loudest_hertz, noise, pcm, tone, write


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.wav", {"subtype": "PCM_16"}),
        ("a.wav", {"subtype": "PCM_24"}),
        ("a.wav", {"subtype": "PCM_32"}),
        ("a.wav", {"subtype": "FLOAT"}),
        ("a.wav", {"subtype": "DOUBLE"}),
        ("a.flac", {"subtype": "PCM_16"}),
        ("a.flac", {"subtype": "PCM_24"}),
        ("a.aiff", {}),
        ("a.w64", {}),
        ("a.caf", {}),
        ("a.raw", {"format": "WAV"}),
    ],
)
def test_lossless_formats_give_the_exact_samples(tmp_path: Path, name: str, options: dict[str, str]) -> None:
    samples = np.frombuffer(pcm(noise(0.5)), "<i2").astype(np.float32) / 32768

    assert read(write(tmp_path / name, samples, **options)) == pcm(samples)


@pytest.mark.parametrize(("rate", "channel"), [(16_000, 0), (16_000, 2), (48_000, 0)])
def test_samples_of_16_bits_are_read_as_the_same_floats_would_be(tmp_path: Path, rate: int, channel: int) -> None:
    samples = np.stack([noise(0.5), tone(0.5)], axis=1)
    rounded = np.frombuffer(pcm(samples), "<i2").reshape(-1, 2) / np.float32(32768)
    exact = write(tmp_path / "a.wav", rounded, rate, subtype="PCM_16")
    floats = write(tmp_path / "b.wav", rounded, rate, subtype="FLOAT")

    assert read(exact, channel) == read(floats, channel)


@pytest.mark.parametrize(
    ("name", "options"),
    [("a.ogg", {}), ("a.mp3", {}), ("a.opus", {"format": "OGG", "subtype": "OPUS"}), ("a.wav", {"subtype": "ULAW"})],
)
def test_lossy_formats_keep_pitch_and_length(tmp_path: Path, name: str, options: dict[str, str]) -> None:
    sound = read(write(tmp_path / name, tone(1.0), **options))

    assert len(sound) == 32_000
    assert loudest_hertz(sound) == pytest.approx(440, abs=2)


@pytest.mark.parametrize(
    ("rate", "channels", "subtype"),
    [(8_000, 1, "PCM_16"), (44_100, 2, "PCM_24"), (48_000, 7, "PCM_16"), (96_000, 1, "FLOAT"), (96_000, 7, "FLOAT")],
)
def test_any_rate_and_number_of_channels(tmp_path: Path, rate: int, channels: int, subtype: str) -> None:
    samples = np.repeat(tone(1.0, rate)[:, None], channels, axis=1)

    sound = read(write(tmp_path / "a.wav", samples, rate, subtype=subtype))

    assert len(sound) == 32_000
    assert loudest_hertz(sound) == pytest.approx(440, abs=2)


def test_one_channel_of_seven_can_be_chosen(tmp_path: Path) -> None:
    samples = np.stack([tone(1.0, hertz=200 * channel) for channel in range(1, 8)], axis=1)
    path = write(tmp_path / "a.wav", samples)

    assert read(path, channel=3) == pcm(tone(1.0, hertz=600))


@needs_ffmpeg
@pytest.mark.parametrize("name", ["a.m4a", "a.webm", "a.mka", "a.wma", "a.mp4"])
def test_other_formats_are_read_through_ffmpeg(tmp_path: Path, name: str) -> None:
    wav = write(tmp_path / "a.wav", np.stack([tone(1.0, 48_000), tone(1.0, 48_000)], axis=1), 48_000)

    sound = read(convert(wav, tmp_path / name))

    assert abs(len(sound) - 32_000) < 4_000
    assert loudest_hertz(sound) == pytest.approx(440, abs=2)


@needs_ffmpeg
@pytest.mark.parametrize("name", ["a.m4a", "a.mkv", "a.wma"])
def test_the_length_of_other_formats_is_known_when_they_are_open(tmp_path: Path, name: str) -> None:
    with SoundFile(convert(write(tmp_path / "a.wav", tone(3.0)), tmp_path / name)) as file:
        assert file.seconds == pytest.approx(3.0, abs=0.1)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [("00:01:15.39", 75.39), ("101:00:00.00", 363_600.0), ("2562047788:00:54.77", None), ("N/A", None)],
)
def test_a_length_that_ffmpeg_tells_is_taken_unless_no_sound_is_so_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str, seconds: float | None
) -> None:
    (tmp_path / "head").write_bytes(struct.pack(">4s5I", b".snd", 24, 0, 6, 16_000, 1))
    program = tmp_path / "ffmpeg"
    program.write_text(f"#!/bin/sh\ncat {tmp_path}/head\necho '  Duration: {told}, start: 0.0' >&2\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    (tmp_path / "a.xyz").write_bytes(b"no sound that libsndfile knows")

    with SoundFile(tmp_path / "a.xyz") as file:
        assert file.seconds == seconds


@needs_ffmpeg
@pytest.mark.parametrize(("maps", "tracks"), [(("-map", "0:a"), 1), (("-map", "0:a", "-map", "1:a"), 2)])
def test_tracks_that_are_not_heard_are_told(tmp_path: Path, maps: tuple[str, ...], tracks: int) -> None:
    """Screen recorders keep the microphone in a track of its own."""
    first, second = write(tmp_path / "a.wav", tone(1.0)), write(tmp_path / "b.wav", tone(1.0, hertz=880))
    subprocess.run(["ffmpeg", "-v", "error", "-i", first, "-i", second, *maps, tmp_path / "a.mka"], check=True)

    with SoundFile(tmp_path / "a.mka") as file:
        sound = b"".join(file.pcm())
        remarks = file.remarks

    assert loudest_hertz(sound) == pytest.approx(440, abs=2)
    advice = "`ffmpeg -i FILE -map 0:a:1 OTHER.wav` takes out the second"
    assert remarks == ((f"tracks of sound in it: 2; only the first was heard ({advice})",) if tracks == 2 else ())


@needs_ffmpeg
def test_sound_that_begins_after_its_pictures_keeps_its_times(tmp_path: Path) -> None:
    source, film = write(tmp_path / "a.wav", noise(1.0)), tmp_path / "a.mkv"
    pictures = ("-f", "lavfi", "-i", "color=s=16x16:d=3:r=5", "-itsoffset", "2", "-i", source)
    subprocess.run(["ffmpeg", "-v", "error", *pictures, "-codec:a", "pcm_s16le", film], check=True)

    assert read(film) == bytes(64_000) + pcm(noise(1.0))


@needs_ffmpeg
def test_where_a_track_has_no_sound_there_is_silence(tmp_path: Path) -> None:
    """As of who had muted himself in a call in the net."""
    source, call = write(tmp_path / "a.wav", noise(4.0)), tmp_path / "a.mka"
    muted = ("-filter:a", "asetnsamples=320,aselect='not(between(t,0.99,2.985))'", "-fps_mode", "passthrough")
    subprocess.run(["ffmpeg", "-v", "error", "-i", source, *muted, "-codec:a", "pcm_s16le", call], check=True)

    whole = pcm(noise(4.0))
    assert read(call) == whole[:32_000] + bytes(64_000) + whole[96_000:]


@needs_ffmpeg
def test_a_playlist_cannot_make_ffmpeg_open_another_file(tmp_path: Path) -> None:
    secret = write(tmp_path / "secret.wav", tone(1.0))
    playlist = tmp_path / "a.m4a"
    playlist.write_text(f"#EXTM3U\n#EXTINF:1,\nfile://{secret}\n")

    with pytest.raises(AudioFileError, match="no sound file that can be read"):
        read(playlist)


def test_of_a_file_that_is_none_the_decoders_do_not_repeat_the_name(tmp_path: Path) -> None:
    path = tmp_path / "letter.mp3"
    path.write_text("dear sir\n")

    with pytest.raises(AudioFileError) as refused, SoundFile(path):
        pass
    assert str(refused.value).count("letter.mp3") == 1


@needs_ffmpeg
def test_a_name_that_looks_like_an_option_is_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    convert(write(tmp_path / "a.wav", tone(1.0)), tmp_path / "-version.m4a")

    assert len(read(Path("-version.m4a"))) > 30_000


@needs_ffmpeg
def test_closing_early_ends_ffmpeg(tmp_path: Path) -> None:
    long = convert(write(tmp_path / "a.wav", noise(60.0)), tmp_path / "a.m4a")

    with SoundFile(long) as file:
        next(file.pcm())
        process = file._reader._process  # type: ignore[union-attr]
        assert process.poll() is None

    assert process.returncode == -9


def test_no_samples_give_no_sound(tmp_path: Path) -> None:
    assert read(write(tmp_path / "a.wav", tone(0.0))) == b""


@pytest.mark.parametrize("rate", [8_000, 16_000, 48_000])
def test_one_sample_is_a_sound(tmp_path: Path, rate: int) -> None:
    path = write(tmp_path / "a.wav", np.ones(1, dtype=np.float32), rate)

    with SoundFile(path) as file:
        assert len(list(file.frames())) <= 1


def test_seconds_are_those_of_the_header(tmp_path: Path) -> None:
    with SoundFile(write(tmp_path / "a.flac", tone(1.5, 44_100), 44_100)) as file:
        assert file.seconds == 1.5


def test_values_that_are_no_numbers_are_silence_and_noted(tmp_path: Path) -> None:
    samples = tone(0.5)
    samples[100:103] = [np.nan, np.inf, -np.inf]
    path = write(tmp_path / "a.wav", samples, subtype="FLOAT")

    with SoundFile(path) as file:
        sound = b"".join(file.pcm())
        remarks = file.remarks

    samples[100:103] = 0
    assert sound == pcm(samples)
    assert remarks == ("3 samples are not numbers (NaN or infinite); they were read as silence",)


def test_values_beyond_full_scale_are_clipped_and_noted(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", np.array([2.0, -2.0, 0.5], dtype=np.float32), subtype="FLOAT")

    with SoundFile(path) as file:
        sound = np.frombuffer(b"".join(file.pcm()), "<i2")
        remarks = file.remarks

    assert sound.tolist() == [32767, -32768, 16384]
    assert remarks == ("2 samples are beyond full scale; they were clipped",)


TOO_LOUD = "it was recorded too loud: {} % of its samples are at full scale, and speech in it is heard worse"


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT"])
@pytest.mark.parametrize(
    ("gain", "remarks"), [(1.9, ()), (2.1, (TOO_LOUD.format(20),)), (20.0, (TOO_LOUD.format(94),))]
)
def test_sound_that_was_recorded_too_loud_is_told(
    tmp_path: Path, subtype: str, gain: float, remarks: tuple[str, ...]
) -> None:
    path = write(tmp_path / "a.wav", np.clip(gain * tone(1.5), -1.0, 1.0).astype(np.float32), subtype=subtype)

    with SoundFile(path) as file:
        assert b"".join(file.pcm())
        assert file.remarks == remarks


@pytest.mark.parametrize(("channel", "count"), [(0, 1), (1, 1), (2, 0)])
def test_of_channels_those_that_are_heard_count(tmp_path: Path, channel: int, count: int) -> None:
    path = write(tmp_path / "a.wav", np.stack([np.clip(20 * tone(1.5), -1.0, 1.0), tone(1.5)], axis=1))

    with SoundFile(path, channel) as file:
        assert b"".join(file.pcm())
        assert len(file.remarks) == count


@pytest.mark.parametrize(("seconds", "full"), [(1.5, 1599), (20.0, 3199)])
def test_some_samples_at_full_scale_are_nothing_to_tell(tmp_path: Path, seconds: float, full: int) -> None:
    samples = tone(seconds)
    samples[:full] = 1.0

    with SoundFile(write(tmp_path / "a.wav", samples)) as file:
        assert b"".join(file.pcm())
        assert file.remarks == ()


def test_a_long_file_needs_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    with soundfile.SoundFile(path, "w", 16_000, 1) as file:
        for _ in range(600):
            file.write(np.zeros(16_000, dtype=np.int16))

    with SoundFile(path) as sound:
        tracemalloc.start()
        samples = sum(len(piece) for piece in sound.pcm()) // 2
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert samples == 600 * 16_000
    assert peak < 5_000_000  # the sound itself takes 19,200,000
