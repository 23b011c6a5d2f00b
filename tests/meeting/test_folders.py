from __future__ import annotations

from datetime import datetime
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.meeting.folders import MAX_NAME_BYTES, meeting_folder, recover_command, safe_name

AT = datetime(2026, 11, 20, 14, 30)  # noqa: DTZ001 - the clock on the wall


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("周会", "周会"),
        ("Q3 预算 / 复盘", "Q3_预算_复盘"),
        ("../../etc/passwd", "etc_passwd"),
        ('a\\b:c*d?e"f<g>h|i', "a_b_c_d_e_f_g_h_i"),
        ("\x1b[31m红\x00", "[31m红"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("CON", "_CON"),
        ("com1.txt", "_com1.txt"),
        ("周\n会\t一", "周_会_一"),
        ("  . ", ""),
        ("", ""),
    ],
)
def test_titles_become_safe_names(title, name):
    assert safe_name(title) == name


def test_long_names_are_cut_between_characters():
    assert safe_name("周" * 100, 20) == "周" * 6


def test_names_leave_room_for_a_number_and_an_ending():
    assert safe_name("周" * 100) == "周" * 79  # of 255 bytes 16 stay
    assert meeting_folder(AT, "周" * 100, 2) == f"2026-11-20_1430_{'周' * 74}_2"


def test_the_command_that_completes_a_meeting_may_be_pasted():
    assert recover_command("m", Path("/data of/me")) == "streamer recover m --data-dir '/data of/me'"


def test_a_meeting_folder_has_date_time_and_title():
    assert meeting_folder(AT, "周会") == "2026-11-20_1430_周会"
    assert meeting_folder(AT, "") == "2026-11-20_1430"
    assert meeting_folder(AT, "周会", 2) == "2026-11-20_1430_周会_2"


@given(st.text(), st.integers(1, 999))
def test_any_title_is_one_component_of_a_path(title, number):
    name = meeting_folder(AT, title, number)

    assert PurePosixPath(name).parts == (name,)
    assert PureWindowsPath(name).parts == (name,)
    assert len(name.encode()) <= MAX_NAME_BYTES
    assert name == name.strip(". ")
    assert name.isprintable()
