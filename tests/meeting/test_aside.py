from __future__ import annotations

import os
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest

from streamer.errors import StoreError
from streamer.meeting.aside import AsideFile, aside_places, drop_aside, find_aside, read_aside
from streamer.meeting.outbox import OutboxEntry
from streamer.types import (
    Gap,
    GapFound,
    HotwordsChanged,
    MarkAdded,
    MeetingEnded,
    MeetingPaused,
    MeetingResumed,
    SegmentRevised,
    TitleChanged,
)
from tests.disks import small_disk
from tests.meeting.material import START, STARTED, final, segment

ID = STARTED.meeting_id
FINAL = (final(1, "第一句。", 0, 1), (OutboxEntry("broker:1883", "a/b", b"\xff\x00"),))


def test_what_is_kept_comes_back(tmp_path):
    waiting = [
        FINAL,
        (SegmentRevised(segment(1, "第一句，", 0, 1)), ()),
        (MarkAdded(16_000, START, "决定"), ()),
        (GapFound(Gap(16_000, START, 2.5, "device away")), ()),
        (MeetingPaused(17_000, START), ()),
        (MeetingResumed(17_000, START + timedelta(seconds=3)), ()),
        (HotwordsChanged(18_000, ("张伟 2.5",)), ()),
        (TitleChanged("周会"), ()),
        (MeetingEnded(19_000, START), ()),
    ]
    aside = AsideFile(ID, [tmp_path])
    aside.keep(waiting[:2])
    aside.keep(waiting)
    aside.close()

    assert list(read_aside(find_aside(ID, [tmp_path]))) == waiting


def test_only_its_owner_may_read_it(tmp_path):
    aside = AsideFile(ID, [tmp_path])
    aside.keep([FINAL])
    aside.close()

    assert find_aside(ID, [tmp_path]).stat().st_mode & 0o777 == 0o600


def test_it_is_gone_when_the_store_has_everything(tmp_path):
    aside = AsideFile(ID, [tmp_path])
    aside.keep([FINAL])
    aside.remove()

    assert (aside.path, list(tmp_path.iterdir())) == (None, [])


def test_a_place_that_fills_up_is_left_for_the_next(tmp_path):
    many = [FINAL] * 200
    with small_disk(tmp_path / "full", "16k") as full:
        aside = AsideFile(ID, [full, tmp_path])
        aside.keep(many[:5])
        assert aside.path.parent == full
        aside.keep(many)
        aside.close()
        assert list(full.iterdir()) == []

    assert list(read_aside(find_aside(ID, [tmp_path]))) == many


def test_where_no_place_takes_it_there_is_no_file(tmp_path):
    aside = AsideFile(ID, [tmp_path / "nowhere"])
    aside.keep([FINAL])

    assert aside.path is None


def test_a_line_that_a_crash_cut_off_is_passed_over(tmp_path):
    aside = AsideFile(ID, [tmp_path])
    aside.keep([FINAL])
    aside.close()
    path = find_aside(ID, [tmp_path])
    path.write_bytes(path.read_bytes() + b'{"kind": "Meet')

    assert list(read_aside(path)) == [FINAL]


def test_a_damaged_line_is_named(tmp_path):
    path = tmp_path / "file"
    path.write_text('{"kind": "Other", "event": {}, "messages": []}\n')

    with pytest.raises(StoreError, match=r"file is damaged in line 1 .*: move it away to go on without it"):
        list(read_aside(path))


def test_what_another_user_has_put_there_is_not_believed(tmp_path):
    aside = AsideFile(ID, [tmp_path])
    aside.keep([FINAL])
    aside.close()
    path = find_aside(ID, [tmp_path])
    try:
        os.chown(path, 12_345, -1)
    except PermissionError:
        pytest.skip("giving files away needs root")

    assert find_aside(ID, [tmp_path]) is None


def test_a_link_is_not_followed(tmp_path):
    (tmp_path / "other").write_text("")
    (tmp_path / f"streamer-{ID}-unsaved.jsonl").symlink_to(tmp_path / "other")

    assert find_aside(ID, [tmp_path]) is None


def test_what_was_put_aside_can_be_dropped(tmp_path):
    aside = AsideFile(ID, [tmp_path])
    aside.keep([FINAL])
    aside.close()
    drop_aside(ID, [tmp_path])

    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_dropped_is_named(tmp_path, monkeypatch):
    def refuse(_path: Path, *, missing_ok: bool = False) -> None:
        raise PermissionError(1, "Operation not permitted")

    aside = AsideFile(ID, [tmp_path])
    aside.keep([FINAL])
    aside.close()
    monkeypatch.setattr(Path, "unlink", refuse)

    with pytest.raises(StoreError, match=r"cannot delete .*-unsaved\.jsonl: Operation not permitted"):
        drop_aside(ID, [tmp_path])


def test_the_meetings_own_folder_comes_first_then_other_disks_then_memory(tmp_path, monkeypatch):
    own, temporary, other, memory = (tmp_path / name for name in ("own", "temporary", "other", "memory"))
    for folder in (own, temporary, other, memory):
        folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", str(other))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(memory))
    *found, last = aside_places(own)
    assert (found, last.name) == ([own, temporary, other, memory], "shm")

    temporary.rmdir()
    memory.rmdir()
    *found, last = aside_places(own)
    assert (found, last.name) == ([own, other], "shm")


def test_a_place_that_this_user_may_not_look_at_is_passed_over(tmp_path, monkeypatch):
    """As the XDG_RUNTIME_DIR of whoever has become another user by `su`; one whose name is too long stands for it."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / ("x" * 300)))

    *found, last = aside_places(tmp_path)
    assert (found, last.name) == ([tmp_path], "shm")


def test_what_is_put_aside_is_durable(tmp_path, monkeypatch):
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    aside = AsideFile(ID, [tmp_path])
    for count in (1, 2):
        aside.keep([FINAL] * count)
        assert len(synced) == count
    aside.close()
