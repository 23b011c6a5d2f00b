"""What lies at a path: nothing is one answer, and not being allowed to look another."""

from __future__ import annotations

import pwd
from pathlib import Path

import pytest

from streamer.places import anything_at, file_at, folder_at, is_file, is_folder, is_there, named, own_data
from tests.disks import locked


def test_a_file_a_folder_and_nothing_are_told_apart(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x", encoding="utf-8")
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    places = (tmp_path, file, tmp_path / "nothing", file / "below", loop, tmp_path / "a\0b")

    assert [anything_at(one) for one in places] == [True, True, False, False, False, False]
    assert [folder_at(one) for one in places] == [True, False, False, False, False, False]
    assert [file_at(one) for one in places] == [False, True, False, False, False, False]


def test_what_nobody_may_look_at_or_no_name_can_be_is_not_there(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x", encoding="utf-8")
    (tmp_path / "locked").mkdir()
    with locked(tmp_path / "locked"):
        places = (tmp_path, file, tmp_path / "locked" / "file", tmp_path / ("a" * 300))

        assert [is_there(one) for one in places] == [True, True, False, False]
        assert [is_folder(one) for one in places] == [True, False, False, False]
        assert [is_file(one) for one in places] == [False, True, False, False]


def test_a_persons_home_is_filled_in_and_that_of_nobody_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ann")

    assert named("~/minutes") == Path("/home/ann/minutes")
    assert named("~nobody-of-this-name/minutes") == Path("~nobody-of-this-name/minutes")


def test_where_nobody_may_look_there_is_no_answer(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(PermissionError):
        anything_at(tmp_path / "file")


def test_a_user_without_a_home_has_the_root_folder_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    """One whom a service or a container knows by number only."""

    def nobody(number: int) -> None:
        raise KeyError(f"getpwuid(): uid not found: {number}")

    monkeypatch.setattr(pwd, "getpwuid", nobody)
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)

    assert own_data() == Path("/.local/share/streamer")
    monkeypatch.setenv("HOME", "/srv/captions")
    assert own_data() == Path("/srv/captions/.local/share/streamer")
    monkeypatch.setenv("XDG_DATA_HOME", "/srv/data")
    monkeypatch.delenv("HOME")
    assert own_data() == Path("/srv/data/streamer")
