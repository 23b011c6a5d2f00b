from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from streamer.archive import Archive
from streamer.minutes import Audio
from streamer.retention import GIB, KeptSound, apply_retention, overdue, tidy_up
from streamer.settings import load_settings
from streamer.settings.store import StoreSettings
from tests.meeting.kept import SETTINGS, begin, folder_of, hold
from tests.meeting.material import START, STARTED
from tests.sinks.minutes.material import ENDED

NOW = datetime(2026, 12, 1, tzinfo=UTC)


def kept(*days_and_gib: tuple[int, float]) -> list[KeptSound]:
    return [
        KeptSound(replace(ENDED, id=str(days), started_at=NOW - timedelta(days=days)), int(size * GIB))
        for days, size in days_and_gib
    ]


@pytest.mark.parametrize(
    ("settings", "deleted"),
    [
        ({}, []),
        ({"audio_days": 30}, ["90", "31"]),
        ({"audio_gib": 2.5}, ["90", "31"]),
        ({"audio_gib": 10}, []),
        ({"audio_days": 60, "audio_gib": 1.5}, ["90", "31", "5"]),
    ],
)
def test_the_oldest_goes_first(settings, deleted):
    sounds = kept((5, 1), (90, 1), (31, 1), (0, 1))
    assert [sound.record.id for sound in overdue(sounds, StoreSettings(**settings), NOW)] == deleted


def test_sound_that_is_overdue_goes_and_the_text_stays(tmp_path):
    hold(tmp_path)
    begin(tmp_path, meeting_id="running").close()  # not ended: kept for its recovery
    archive = Archive(tmp_path)
    store = archive.open_store(SETTINGS)
    settings = load_settings(overrides={"store": {"audio_days": 1}})

    assert apply_retention(archive, store, settings, START + timedelta(days=2)) == 1
    assert not (folder_of(tmp_path) / "audio").exists()
    assert store.record(STARTED.meeting_id).audio is Audio.DELETED
    assert "audio/" not in (folder_of(tmp_path) / "minutes.md").read_text(encoding="utf-8")
    assert (folder_of(tmp_path, "running") / "audio").exists()
    assert len(list(store.lines(STARTED.meeting_id))) == 4
    store.close()


def test_a_piece_that_another_process_takes_away_meanwhile_has_no_size(tmp_path):
    """Two runs that begin at the same time delete the same sound, or one compresses what the other measures."""
    hold(tmp_path)
    (folder_of(tmp_path) / "audio" / "000000960000.pcm").symlink_to("gone")
    settings = load_settings(overrides={"store": {"audio_gib": 1}})

    assert tidy_up(settings, tmp_path, NOW) == ()


def test_unfinished_meetings_are_named_before_a_new_one(tmp_path):
    hold(tmp_path)
    begin(tmp_path, meeting_id="unfinished").close()
    running = begin(tmp_path, meeting_id="running")

    assert [one.id for one in tidy_up(SETTINGS, tmp_path, NOW)] == ["unfinished"]
    running.close()
