from __future__ import annotations

import re
import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest
import soundfile
from typer.testing import CliRunner

from streamer.archive import exporting
from streamer.cli import app
from streamer.errors import SettingsError, StoreError
from streamer.types import SAMPLE_RATE, MeetingPaused, MeetingResumed
from tests.meeting.kept import folder_of, hold
from tests.meeting.material import START, STARTED, sound

pytestmark = pytest.mark.usefixtures("english")
ID = STARTED.meeting_id


def clock(seconds: float) -> str:
    """The time of a position of the meeting, as `show` prints it."""
    return f"{(START + timedelta(seconds=seconds)).astimezone():%H:%M:%S}"


def test_the_sound_around_a_moment_can_be_exported(meetings, tmp_path):
    meetings("export", ID, "--at", clock(3.8), "--around", "1", "--out", str(tmp_path / "out"))

    (path,) = (tmp_path / "out").iterdir()
    assert path.name == f"{folder_of(tmp_path / 'data').name}_{clock(3).replace(':', '')}_1s.wav"
    assert soundfile.read(path, dtype="int16")[0].tobytes() == sound(2 * SAMPLE_RATE, 4 * SAMPLE_RATE)


def test_sound_around_a_moment_says_in_its_name_how_much_it_is(meetings, tmp_path):
    for around in ("1", "0.5", "30"):
        meetings("export", ID, "--at", clock(3), "--around", around, "--out", str(tmp_path / "out"))

    stem = f"{folder_of(tmp_path / 'data').name}_{clock(3).replace(':', '')}"
    lengths = {path.name: soundfile.info(path).frames / SAMPLE_RATE for path in (tmp_path / "out").iterdir()}
    assert lengths == {f"{stem}_1s.wav": 2.0, f"{stem}_0.5s.wav": 1.0, f"{stem}_30s.wav": 7.0}


def test_sound_of_a_meeting_of_a_very_long_title_can_be_cut_out(tmp_path):
    hold(tmp_path / "data", title="周会😀" * 100)
    arguments = ["export", ID, "--at", clock(3), "--to", "flac", "--out", tmp_path / "out", "--data-dir"]
    result = CliRunner().invoke(app, ["meetings", *map(str, arguments), str(tmp_path / "data")])

    assert result.exit_code == 0
    (path,) = (tmp_path / "out").iterdir()
    assert path.name.startswith(f"{folder_of(tmp_path / 'data').name[:70]}")
    assert path.name.endswith(f"_{clock(3).replace(':', '')}_30s.flac")


def test_sound_around_a_moment_ends_with_the_recording(meetings, tmp_path):
    meetings("export", ID, "--at", clock(3), "--to", "flac", "--out", str(tmp_path / "out"))

    (path,) = (tmp_path / "out").iterdir()
    assert (path.suffix, soundfile.info(path).frames) == (".flac", 7 * SAMPLE_RATE)


@pytest.mark.parametrize(("longest", "kind"), [(7, "WAV"), (6, "RF64")])
def test_a_wav_that_is_longer_than_its_header_counts_is_an_rf64(meetings, tmp_path, monkeypatch, longest, kind):
    monkeypatch.setattr(exporting, "_LONGEST_WAV", longest * SAMPLE_RATE)
    meetings("export", ID, "--to", "wav", "--out", str(tmp_path / "out"))

    (path,) = (tmp_path / "out").glob("*.wav")
    assert soundfile.info(path).format == kind
    assert soundfile.read(path, dtype="int16")[0].tobytes() == sound(0, 7 * SAMPLE_RATE)


def test_the_longest_wav_is_one_whose_bytes_its_header_counts():
    assert 0 <= 2**32 - (2 * exporting._LONGEST_WAV + 44) < SAMPLE_RATE


def test_a_date_may_stand_before_the_time(meetings, tmp_path):
    at = f"{(START + timedelta(seconds=6)).astimezone():%Y-%m-%d %H:%M:%S}"
    meetings("export", ID, "--at", at, "--around", "1", "--out", str(tmp_path / "out"))

    (path,) = (tmp_path / "out").iterdir()
    assert soundfile.read(path, dtype="int16")[0].tobytes() == sound(5 * SAMPLE_RATE, 7 * SAMPLE_RATE)


def test_a_meeting_beyond_midnight_knows_which_day_a_time_belongs_to(tmp_path):
    late = datetime(2026, 11, 20, 23, 59, 57).astimezone(UTC)
    hold(tmp_path / "data", started_at=late)
    command = ["meetings", "export", ID, "--at", "00:00:01", "--around", "1", "--out", str(tmp_path / "out")]
    CliRunner().invoke(app, [*command, "--data-dir", str(tmp_path / "data")], catch_exceptions=False)

    (path,) = (tmp_path / "out").iterdir()
    assert soundfile.read(path, dtype="int16")[0].tobytes() == sound(3 * SAMPLE_RATE, 5 * SAMPLE_RATE)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--at", "noon"], "'noon' is no time: expected one as `streamer meetings show` prints it, 16:21:31"),
        (["--at", clock(60)], f"{clock(60)} is not in the meeting: its sound goes from {clock(0)} to {clock(7)}"),
        (["--at", clock(3), "--to", "srt"], "--at takes a piece out of the sound: expected --to wav or flac, got srt"),
        (["--at", "0001-01-01 00:00:00"], "'0001-01-01 00:00:00' is no time: expected one as"),
        (["--at", "12:00:00", "--around", "nan"], "--around nan is no number of seconds"),
        (["--around", "5"], "--around needs --at"),
    ],
)
def test_what_cannot_be_cut_out_is_refused(meetings, arguments, message):
    with pytest.raises(SettingsError, match=re.escape(message)):
        meetings("export", ID, *arguments)


def test_a_time_of_another_day_is_told_which_day_the_meeting_was(meetings):
    begin, wrong = (f"{(START - timedelta(days=days)).astimezone():%Y-%m-%d %H:%M:%S}" for days in (0, 1))
    message = f"{wrong} is not in the meeting: its sound goes from {begin} to {clock(7)}"

    with pytest.raises(SettingsError, match=re.escape(message)):
        meetings("export", ID, "--at", wrong)


def test_where_nothing_is_recorded_nothing_can_be_cut_out(meetings, tmp_path):
    (folder_of(tmp_path / "data") / "audio" / "000000000000.flac").unlink()  # the first five seconds

    with pytest.raises(StoreError, match=f"no sound is recorded within 1 s of {clock(2)}"):
        meetings("export", ID, "--at", clock(2), "--around", "1")


def test_an_export_of_sound_says_how_much_of_it_is_missing(meetings, tmp_path):
    """The pieces are of five seconds, the meeting of seven."""
    whole = meetings("export", ID, "--to", "wav,markdown", "--out", str(tmp_path / "out"))
    (folder_of(tmp_path / "data") / "audio" / "000000000000.flac").unlink()
    command = ("export", ID, "--to", "wav", "--out", str(tmp_path / "out"))
    holed = meetings(*command)
    excerpt = meetings(*command, "--at", "06:30:05", "--around", "1.5")

    told = "Seconds of sound that are missing from the recording, and silent in what was written: {}.\n"
    assert (whole.stderr, holed.stderr, excerpt.stderr) == ("", told.format("5.0"), told.format("1.5"))


def test_what_is_missing_at_the_end_of_a_meeting_is_counted_too(meetings, tmp_path, monkeypatch):
    (folder_of(tmp_path / "data") / "audio" / "000000080000.flac").unlink()
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")

    written = meetings("export", ID, "--to", "wav", "--out", str(tmp_path / "out"))
    assert written.stderr == "录音缺少 2.0 秒，写出的声音在那里是静音。\n"


@pytest.mark.parametrize("at", ["06：30：05", "０６：３０：０５", "2026－11－20　06：30：05"])
def test_a_time_is_taken_as_an_input_method_writes_it(meetings, tmp_path, at):
    meetings("export", ID, "--at", at, "--around", "1", "--out", str(tmp_path / "out"))

    (path,) = (tmp_path / "out").iterdir()
    assert path.name.endswith("_063005_1s.wav")
    assert soundfile.info(path).frames == 2 * SAMPLE_RATE


def test_a_time_may_be_one_of_the_json(meetings, tmp_path):
    at = (START + timedelta(seconds=6)).isoformat(timespec="milliseconds")
    meetings("export", ID, "--at", at, "--around", "1", "--out", str(tmp_path / "out"))

    (path,) = (tmp_path / "out").iterdir()
    assert soundfile.read(path, dtype="int16")[0].tobytes() == sound(5 * SAMPLE_RATE, 7 * SAMPLE_RATE)


def test_sound_of_another_day_has_its_date_in_its_name(tmp_path):
    pause, resume = START + timedelta(seconds=3), START + timedelta(days=1, seconds=3)
    away = (MeetingPaused(3 * SAMPLE_RATE, pause), MeetingResumed(3 * SAMPLE_RATE, resume))
    hold(tmp_path / "data", *away)
    for at in (START + timedelta(seconds=2), START + timedelta(days=1, seconds=4)):
        told = f"{at.astimezone():%Y-%m-%d %H:%M:%S}"
        arguments = ["export", ID, "--at", told, "--around", "1", "--out", tmp_path / "out", "--data-dir"]
        CliRunner().invoke(app, ["meetings", *map(str, arguments), str(tmp_path / "data")], catch_exceptions=False)

    stem, next_day = folder_of(tmp_path / "data").name, f"{resume.astimezone():%Y-%m-%d}"
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {
        f"{stem}_{clock(2).replace(':', '')}_1s.wav",
        f"{stem}_{next_day}_{clock(4).replace(':', '')}_1s.wav",
    }


def test_silence_in_place_of_missing_hours_takes_no_memory(meetings, tmp_path, monkeypatch):
    monkeypatch.setattr(exporting, "_SILENCE", 4 * SAMPLE_RATE)
    audio = folder_of(tmp_path / "data") / "audio"
    first, last = sorted(audio.iterdir())
    last.rename(audio / f"{605 * SAMPLE_RATE:012d}.flac")
    tracemalloc.start()
    try:
        meetings("export", ID, "--to", "wav", "--out", str(tmp_path / "out"))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    (path,) = (tmp_path / "out").glob("*.wav")
    found = soundfile.read(path, dtype="int16")[0]
    assert (first.stem, len(found)) == ("000000000000", 607 * SAMPLE_RATE)
    assert found[: 5 * SAMPLE_RATE].tobytes() == sound(0, 5 * SAMPLE_RATE)
    assert not found[5 * SAMPLE_RATE : 605 * SAMPLE_RATE].any()
    assert found[605 * SAMPLE_RATE :].tobytes() == sound(5 * SAMPLE_RATE, 7 * SAMPLE_RATE)
    assert peak < 600 * SAMPLE_RATE
