from __future__ import annotations

import json
import os
import random
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from streamer.archive.archive import Archive
from streamer.audio.pieces import SAMPLE_BYTES, pieces_of, read_sound, recorded_runs, recorded_spans
from streamer.minutes import Line
from streamer.offline.transcriber import open_transcriber
from streamer.settings import Settings
from streamer.text.punctuation import MARKS
from streamer.types import FRAME_SAMPLES, Frame
from tests.meeting.real_run import (
    ENVIRONMENT,
    Death,
    Studio,
    lines_of,
    pcm_of,
    run_and_kill,
    said,
)
from tests.sounds import write
from tests.tonepack import LOUDEST_HISS

pytestmark = pytest.mark.timeout(400)  # several whole processes each


@pytest.fixture(scope="module")
def whole(studio: Studio, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data folder of a meeting that nobody interrupted. Read it only."""
    data_dir = tmp_path_factory.mktemp("whole")
    studio.run(data_dir, "--fast")
    return data_dir


_NO_MARKS = str.maketrans("", "", "".join(MARKS))


def short_sound(path: Path) -> Path:
    """A second of nothing."""
    return write(path, np.zeros(16_000, np.float32))


def transcript(studio: Studio, pcm: bytes) -> list[tuple[int, int, str]]:
    """What an uninterrupted decoding makes of a sound: start, end, text."""
    frames = [Frame(pcm[offset : offset + 640].ljust(640, b"\0"), offset // 2) for offset in range(0, len(pcm), 640)]
    with open_transcriber(studio.settings) as transcriber:
        return [(one.start_sample, one.end_sample, one.text) for one in transcriber.segments(frames)]


def without_marks(line: Line) -> Line:
    """A line without what hindsight may change."""
    return replace(line, text="", revision=0)


def end_between_syllables(studio: Studio, data_dir: Path) -> None:
    """Take from a recording what its end has cut off of a syllable."""
    (folder,) = data_dir.glob("meetings/*/audio")
    pieces = pieces_of(folder)
    end = pieces[-1].end_sample
    sound = np.frombuffer(pcm_of(studio, end), "<i2")
    while np.abs(sound[end - FRAME_SAMPLES : end]).max() > LOUDEST_HISS:
        end -= 1
    for piece in pieces:
        if piece.end_sample > end:
            os.truncate(piece.path, SAMPLE_BYTES * max(0, end - piece.start_sample))


def check_crash_and_recovery(studio: Studio, data_dir: Path, death: Death, *more: str) -> float:
    """Kill, look, recover, compare; seconds of sound that had been told of but are not recorded."""
    shown, position = run_and_kill(studio, data_dir, death, *more)
    archive = Archive(data_dir)
    store = archive.open_store(Settings())
    assert list(store.database.rows("PRAGMA integrity_check")) == [("ok",)]
    (record,) = store.records()
    if record.ended_at is not None:  # on a busy machine the kill may come after the end
        store.close()
        assert death.finals, "a meeting killed at its beginning has not ended"
        return check_crash_and_recovery(studio, data_dir / "again", Death(death.finals // 2, 0.0), *more)
    before = list(store.lines(record.id))
    assert set(shown) <= {line.segment_id for line in before}, "every final shown is in the store"
    spans = recorded_spans(pieces_of(archive.audio(record)))
    recorded = spans[-1][1] if spans else 0
    assert spans in {(), ((0, recorded),)}

    studio.streamer("recover", "--data-dir", data_dir)
    record = store.record(record.id)
    assert record.ended_at is not None
    assert record.end_sample == recorded
    after = list(store.lines(record.id))[: len(before)]
    assert list(map(without_marks, after)) == list(map(without_marks, before)), "only marks change"
    assert said(data_dir) == transcript(studio, pcm_of(studio, recorded))
    pieces = pieces_of(archive.audio(record))
    assert {piece.suffix for piece in pieces} <= {".flac"}
    assert read_sound(pieces, 0, recorded) == pcm_of(studio, recorded)
    written = json.loads((archive.folder(record) / "minutes.json").read_text(encoding="utf-8"))
    assert [one["text"] for one in written["entries"]] == [text for *_, text in said(data_dir)]
    assert not [path for path in archive.folder(record).iterdir() if path.name.endswith((".a", ".b", ".part"))]
    store.close()
    return position - recorded / 16_000


def test_an_uninterrupted_run_gives_what_decoding_gives(studio, whole):
    assert said(whole) == transcript(studio, studio.sound.read_bytes()[44:])
    assert len(said(whole)) >= 8


def test_the_next_run_points_at_the_unfinished_meeting(studio, tmp_path):
    run_and_kill(studio, tmp_path, Death(0, 0.0), "--fast")
    command = studio.command(tmp_path, "--fast", sound=short_sound(tmp_path / "short.wav"))
    told = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=True).stderr

    (unfinished,) = [
        one
        for one in json.loads(studio.streamer("meetings", "--json", "--data-dir", tmp_path))
        if one["state"] == "unfinished"
    ]
    assert f"`streamer recover {unfinished['id']} --data-dir {tmp_path}`" in told


@pytest.mark.parametrize("finals", [3, 9])
def test_without_recording_what_is_left_is_completed_and_deleted(studio, tmp_path, finals):
    """The older sound is gone, the detector's state with it; the text is the same all the same.

    But for what the recording ends within: utterances may begin elsewhere, and whether 20 ms of a syllable are enough
    for a model depends on the rest of its utterance.
    """
    run_and_kill(studio, tmp_path, Death(finals, 0.0), "--fast", "--no-recording")
    end_between_syllables(studio, tmp_path)
    before = lines_of(tmp_path)
    studio.streamer("recover", "--data-dir", tmp_path)
    store = Archive(tmp_path).open_store(Settings())
    (record,) = store.records()
    store.close()

    assert lines_of(tmp_path)[: len(before)] == before
    whole = transcript(studio, pcm_of(studio, record.end_sample))
    assert "".join(text for *_, text in said(tmp_path)) == "".join(text for *_, text in whole)
    assert not list(tmp_path.glob("meetings/*/audio/*"))


def deaths(seed: int, count: int, finals: int, seconds: float) -> list[Death]:
    """Random ends."""
    chosen = random.Random(seed)  # noqa: S311 - chosen to be repeatable
    return [Death(chosen.randint(0, finals), round(chosen.uniform(0, seconds), 3)) for _ in range(count)]


def spread_deaths(seed: int, count: int, finals: int, seconds: float) -> list[Death]:
    """Random ends of which each part of the finals, and each part of the seconds, has one."""
    chosen = random.Random(seed)  # noqa: S311 - same
    shown, waited = ([(part + chosen.random()) / count for part in range(count)] for _ in range(2))
    chosen.shuffle(waited)
    return [Death(int(one * (finals + 1)), round(other * seconds, 3)) for one, other in zip(shown, waited, strict=True)]


@pytest.mark.parametrize("death", deaths(1, 2, 12, 0.01))
def test_a_killed_meeting_is_completed(studio, tmp_path, death):
    check_crash_and_recovery(studio, tmp_path, death, "--fast")


@pytest.mark.parametrize("death", deaths(2, 1, 0, 9))
def test_a_meeting_killed_at_the_speed_of_speech_misses_no_second(studio, tmp_path, death):
    assert check_crash_and_recovery(studio, tmp_path, death) <= 1.0


@pytest.mark.slow
@pytest.mark.parametrize("death", spread_deaths(3, 10, 12, 0.02))
def test_many_killed_meetings_are_completed(studio, tmp_path, death):
    check_crash_and_recovery(studio, tmp_path, death, "--fast")


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("death", "speed"), [(Death(4, 0.3), ["--fast"]), (Death(2, 3.0), [])])
def test_a_killed_demo_is_completed_with_the_embedded_pack(tmp_path, death, speed):
    """Marks, numbers and the beam search with its language models: none may depend on what the dead process knew."""
    demo = Studio(tmp_path / "demo")
    demo.folder.mkdir()
    demo.config.write_text("[store]\npiece_s = 5\n", encoding="utf-8")
    demo.run(tmp_path / "whole", "--fast", sound="demo")
    _, position = run_and_kill(demo, tmp_path / "killed", death, *speed, sound="demo")
    before = lines_of(tmp_path / "killed")
    demo.streamer("recover", "--data-dir", tmp_path / "killed")
    archive = Archive(tmp_path / "killed")
    store = archive.open_store(Settings())
    (record,) = store.records()
    store.close()
    pieces = pieces_of(archive.audio(record))
    ((_, recorded),) = recorded_spans(pieces)
    frames = recorded_runs(pieces, 0, recorded)
    with open_transcriber(demo.settings) as transcriber:
        uninterrupted = [(one.start_sample, one.end_sample, one.text) for one in transcriber.segments(frames)]

    after = lines_of(tmp_path / "killed")[: len(before)]
    assert list(map(without_marks, after)) == list(map(without_marks, before))
    assert len(before) < len(said(tmp_path / "killed"))
    assert said(tmp_path / "killed") == uninterrupted
    # Only the last utterance may differ from the whole meeting's: it ends where the recording does; and the marks
    # of the last sentences, which what is said next decides.
    whole = said(tmp_path / "whole")
    heard = [(start, end, text.translate(_NO_MARKS)) for start, end, text in uninterrupted[:-1]]
    assert heard == [(start, end, text.translate(_NO_MARKS)) for start, end, text in whole[: len(heard)]]
    if not speed:
        assert position - recorded / 16_000 <= 1.0


@pytest.mark.slow
@pytest.mark.parametrize("death", spread_deaths(4, 6, 2, 20))
def test_many_meetings_killed_at_the_speed_of_speech_miss_no_second(studio, tmp_path, death):
    assert check_crash_and_recovery(studio, tmp_path, death) <= 1.0
