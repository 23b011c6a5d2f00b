from __future__ import annotations

import math
from pathlib import Path, PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.errors import SettingsError
from streamer.scoring import Errors, compare, read_references, reference_of, spoken_characters, sum_errors


@pytest.mark.parametrize(
    ("reference", "recognised", "errors"),
    [
        ("今天开会", "今天开会", Errors(4, 0, 0, 0)),
        ("今天开会", "今天看会", Errors(4, 1, 0, 0)),
        ("今天开会", "今开会", Errors(4, 0, 1, 0)),
        ("今天开会", "今天要开会", Errors(4, 0, 0, 1)),
        ("今天开会", "", Errors(4, 0, 4, 0)),
        ("", "今天", Errors(0, 0, 0, 2)),
        ("", "", Errors(0, 0, 0, 0)),
    ],
)
def test_errors_are_counted_by_kind(reference: str, recognised: str, errors: Errors) -> None:
    assert compare(reference, recognised) == errors


def test_rate_is_errors_over_reference() -> None:
    assert Errors(8, 1, 2, 1).rate == 0.5
    assert math.isnan(Errors(0, 0, 0, 1).rate)


def test_errors_of_files_add_up() -> None:
    assert sum_errors([Errors(4, 1, 0, 0), Errors(6, 0, 2, 3)]) == Errors(10, 1, 2, 3)


@given(st.text("今天开会", max_size=12), st.text("今天开会", max_size=12))
def test_lengths_and_errors_agree(reference: str, recognised: str) -> None:
    errors = compare(reference, recognised)

    assert len(recognised) == len(reference) - errors.deletions + errors.insertions


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("你好,世界。", "你好世界"),
        ("沃尔玛(蜀西路分店)", "沃尔玛蜀西路分店"),
        ("[n]嗯 ＡＢc", "嗯ABC"),
        ("二〇二六", "二零二六"),
        ("第12次", "第十二次"),
        ("20度", "二十度"),
        ("3.14", "三点一四"),
        ("在2026年", "在二零二六年"),
    ],
)
def test_a_text_is_brought_to_what_was_said(written: str, spoken: str) -> None:
    assert "".join(spoken_characters(written)) == spoken


def test_references_with_and_without_seconds(tmp_path: Path) -> None:
    table = tmp_path / "a.tsv"
    table.write_text("\ufefffile\tseconds\ttext\na.wav\t1.5\t你好\n\nb.wav\t再见\n", encoding="utf-8")

    assert read_references(table) == {"a.wav": "你好", "b.wav": "再见"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a.wav", "line 1: expected FILE<tab>TEXT"),
        (b"a\tx\na\ty", "line 2: a is there twice"),
        (
            "a.wav\t1\nb.wav\t你好\n".encode("gbk"),
            r"references .*a\.tsv, line 2: not UTF-8 \(save the table as UTF-8\)$",
        ),
    ],
)
def test_a_table_that_is_wrong_is_refused_with_the_place(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "a.tsv").write_bytes(content)
    with pytest.raises(SettingsError, match=message):
        read_references(tmp_path / "a.tsv")


def test_a_missing_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"cannot read the references .*a\.tsv: No such file or directory$"):
        read_references(tmp_path / "a.tsv")


@pytest.mark.parametrize("key", ["day 1/a.wav", "a.wav", "a"])
def test_a_reference_is_found_by_path_name_or_stem(key: str) -> None:
    assert reference_of(PurePath("day 1/a.wav"), {key: "你好", "b.wav": "再见"}) == "你好"


def test_a_file_without_a_reference_has_none() -> None:
    assert reference_of(PurePath("c.wav"), {"a.wav": "你好"}) is None
