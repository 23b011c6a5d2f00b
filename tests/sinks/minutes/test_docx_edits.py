from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import docx
import pytest

from streamer.sinks.minutes.docx import DocxFile
from streamer.sinks.minutes.docx_edits import saved_at
from streamer.sinks.minutes.labels import CHINESE
from tests.sinks.minutes.material import ENDED, RECORD, whole

SAVED = datetime(2026, 11, 21, 9, 5, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A document that was written while the meeting ran."""
    file = DocxFile(tmp_path / "minutes.docx", CHINESE, 0.5)
    whole(file.rewriting(RECORD, "", []))
    file.close()
    return file.path


def test_nobody_has_saved_what_was_written_here_or_is_not_there(path: Path) -> None:
    assert saved_at(path, RECORD) is None
    assert saved_at(path, ENDED) is None
    assert saved_at(path.with_name("absent.docx"), ENDED) is None


def test_a_program_puts_in_when_it_was_saved(path: Path) -> None:
    document = docx.Document(path)
    document.core_properties.modified = SAVED
    document.save(path)

    assert saved_at(path, ENDED) == SAVED


def test_a_change_counts_though_its_program_dates_nothing(path: Path) -> None:
    document = docx.Document(path)
    document.add_paragraph("预算已批准。")
    document.save(path)
    os.utime(path, (SAVED.timestamp(), SAVED.timestamp()))

    assert saved_at(path, ENDED) == SAVED


def test_a_copy_of_another_date_is_still_what_was_written_here(path: Path) -> None:
    os.utime(path, (SAVED.timestamp(), SAVED.timestamp()))

    assert saved_at(path, ENDED) is None


def test_properties_that_somebody_has_changed_count(path: Path) -> None:
    document = docx.Document(path)
    document.core_properties.title = "预算会"
    document.save(path)
    os.utime(path, (SAVED.timestamp(), SAVED.timestamp()))

    assert saved_at(path, ENDED) == SAVED


def test_what_is_no_document_of_ours_has_the_time_of_its_file(path: Path) -> None:
    path.write_bytes(b"with a password")
    os.utime(path, (SAVED.timestamp(), SAVED.timestamp()))

    assert saved_at(path, ENDED) == SAVED


@pytest.mark.parametrize(("at", "value"), [(6, 235), (8, 1)], ids=["of a version to come", "encrypted"])
def test_a_document_of_which_the_properties_cannot_be_read_has_the_time_of_its_file(
    path: Path, at: int, value: int
) -> None:
    package = bytearray(path.read_bytes())
    package[package.rindex(b"PK\x01\x02") + at] = value  # in the directory: the properties come last
    path.write_bytes(package)
    os.utime(path, (SAVED.timestamp(), SAVED.timestamp()))

    assert saved_at(path, ENDED) == SAVED


def test_a_document_whose_properties_cannot_be_unpacked_has_the_time_of_its_file(path: Path) -> None:
    package = path.read_bytes()
    at = package.index(b"docProps/core.xml") + len("docProps/core.xml")
    path.write_bytes(package[:at] + bytes(20 * [0xFF]) + package[at + 20 :])
    os.utime(path, (SAVED.timestamp(), SAVED.timestamp()))

    assert saved_at(path, ENDED) == SAVED
