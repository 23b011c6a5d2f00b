from __future__ import annotations

import subprocess

import pytest
from msgspec.structs import replace as replace_settings

from streamer.archive.archive import Archive
from streamer.asr.packwriter import seal_pack
from streamer.errors import RecognizerError
from streamer.offline.recovery import recover
from streamer.text.punctuation import MARKS
from streamer.types import SAMPLE_RATE
from tests.meeting.kept import SETTINGS, begin
from tests.meeting.material import STARTED, final
from tests.meeting.real_run import (
    ENVIRONMENT,
    STREAMER,
    record_only,
    said,
)
from tests.tonepack import write_tone_pack

pytestmark = pytest.mark.timeout(400)  # whole processes

_NO_MARKS = str.maketrans("", "", "".join(MARKS))


UNMARKED = final(1, "今天我们先讨论预算然后再看进度大家有没有问题", 0, 7)
"""A final up to the end of the sound, whose marks the live meeting had not looked at once more."""


def test_marks_are_looked_at_once_more_where_no_sound_is_left_to_decode(tmp_path):
    begin(tmp_path, UNMARKED).close()
    archive = Archive(tmp_path)
    store = archive.open_store(SETTINGS)
    report = recover(archive, store, store.record(STARTED.meeting_id), SETTINGS)
    (line,) = store.lines(STARTED.meeting_id)
    store.close()

    assert (report.recovered_s, report.lines) == (0.0, 0)
    assert line.text.translate(_NO_MARKS) == UNMARKED.segment.text != line.text


@pytest.mark.parametrize("events", [(UNMARKED,), ()])
def test_a_meeting_with_a_hotword_that_would_be_refused_today_is_completed(tmp_path, events):
    words = replace_settings(SETTINGS.hotwords, words=("李明,王",))
    begin(tmp_path, *events, settings=replace_settings(SETTINGS, hotwords=words)).close()
    archive = Archive(tmp_path)
    store = archive.open_store(SETTINGS)
    report = recover(archive, store, store.record(STARTED.meeting_id), SETTINGS)
    store.close()

    assert report.record.end_sample == 7 * SAMPLE_RATE


def test_a_meeting_whose_pack_is_gone_is_closed_where_no_sound_is_left_to_decode(tmp_path, caplog):
    settings = replace_settings(SETTINGS, recognizer=replace_settings(SETTINGS.recognizer, pack="gone"))
    begin(tmp_path, UNMARKED, settings=settings).close()
    archive = Archive(tmp_path)
    store = archive.open_store(SETTINGS)
    report = recover(archive, store, store.record(STARTED.meeting_id), SETTINGS)
    store.close()

    assert report.record.end_sample == 7 * SAMPLE_RATE
    assert "the marks of meeting 20261120T063000Z-3f9a are not looked at once more: " in caplog.text


def test_a_meeting_whose_models_cannot_be_had_is_recovered_with_those_of_a_configuration(tmp_path):
    """Begun on another machine, or with a mistake in its settings."""
    wrong = replace_settings(SETTINGS.recognizer, providers=("CUDAExecutionProvider",))
    begin(tmp_path / "data", settings=replace_settings(SETTINGS, recognizer=wrong)).close()
    command = [*STREAMER, "recover", "--data-dir", tmp_path / "data"]
    refused = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=False)

    assert refused.returncode == 3
    advice = f"`streamer recover {STARTED.meeting_id} --data-dir {tmp_path / 'data'} --config FILE.toml` decodes"
    assert advice in refused.stderr

    (tmp_path / "own.toml").write_text("[recognizer]\nthreads = 1\n")
    subprocess.run([*command, "--config", tmp_path / "own.toml"], env=ENVIRONMENT, check=True)
    store = Archive(tmp_path / "data").open_store(SETTINGS)
    record = store.record(STARTED.meeting_id)
    store.close()
    assert record.end_sample == 7 * SAMPLE_RATE


def test_a_meeting_whose_models_fail_while_they_decode_is_recovered_with_those_of_a_configuration(studio, tmp_path):
    """Its pack counts ids from another number than its model does."""
    folder = write_tone_pack(tmp_path / "wrong", log_probs=False)
    manifest = (folder / "pack.toml").read_text().split("[files]")[0]
    (folder / "pack.toml").write_text(manifest.replace("blank_id = 5", "first_id = 9\nblank_id = 14"))
    seal_pack(folder)
    wrong = replace_settings(studio.settings.recognizer, pack=str(folder))
    record_only(studio, tmp_path / "data", 7, replace_settings(studio.settings, recognizer=wrong))
    archive = Archive(tmp_path / "data")
    store = archive.open_store(studio.settings)
    record = store.record(STARTED.meeting_id)

    with pytest.raises(RecognizerError, match=r"the acoustic model gave the id"):
        recover(archive, store, record, studio.settings)
    report = recover(archive, store, record, studio.settings, instead=studio.settings.recognizer)
    store.close()

    assert (report.recovered_s, report.lines) == (7.0, len(said(tmp_path / "data")))
    assert report.lines > 0
