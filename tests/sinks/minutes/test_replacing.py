from __future__ import annotations

from pathlib import Path
from typing import get_args

import docx
import pytest

from streamer.settings.minutes import FormatName, MinutesSettings
from streamer.sinks.minutes.files import SUFFIXES, MinutesFile, open_file
from tests.sinks.minutes.booking import lines_of, opened, say
from tests.sinks.minutes.material import ENDED, line, whole

FORMATS: tuple[FormatName, ...] = get_args(FormatName)


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


def written(path: Path, name: FormatName, *entries) -> MinutesFile:
    file = open_file(name, path, MinutesSettings())
    whole(file.rewriting(ENDED, "", [(one, None) for one in entries]))
    file.close()
    return file


def correct(path: Path) -> bytes:
    """Somebody works on a file; what it holds then."""
    if path.suffix == ".docx":
        document = docx.Document(path)
        document.paragraphs[-1].text = "预算已批准。"
        document.save(path)
    else:
        path.write_text(f"{path.read_text(encoding='utf-8')}预算已批准。\n", encoding="utf-8")
    return path.read_bytes()


@pytest.mark.parametrize("name", FORMATS)
def test_what_somebody_made_of_a_file_is_kept_beside_the_new_one_and_told(tmp_path, caplog, name):
    path = tmp_path / f"minutes{SUFFIXES[name]}"
    kept = []
    for number in range(2):
        written(path, name, line(1, "预算"))
        kept.append(correct(path))
        written(path, name, line(1, "预算"), line(2, f"其二{number}"))

    beside = [tmp_path / f"minutes.kept{number}{path.suffix}" for number in ("", "-2")]
    assert [one.read_bytes() for one in beside] == kept
    assert sorted(tmp_path.iterdir()) == sorted([path, *beside])
    assert caplog.messages == [
        f"somebody may have changed {path}: what it held is kept beside it as {one.name}" for one in beside
    ]


@pytest.mark.parametrize("name", FORMATS)
def test_what_was_written_here_is_replaced(tmp_path, caplog, name):
    path = tmp_path / f"minutes{SUFFIXES[name]}"
    for text in ("一", "二"):
        written(path, name, line(1, text))

    assert (list(tmp_path.iterdir()), caplog.messages) == ([path], [])


def test_what_says_the_same_is_replaced_whoever_wrote_it(tmp_path):
    path = tmp_path / "minutes.txt"
    written(path, "txt", line(1, "预算"))
    path.write_bytes(path.read_bytes())  # as a copy whose times were lost
    written(path, "txt", line(1, "预算"))

    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("lines", [0, 1, 2, 3])
def test_what_somebody_saves_while_the_meeting_runs_is_kept_and_the_minutes_go_on_whole(tmp_path, lines):
    """After any number of lines: two files take turns under the name."""
    book, source, _ = opened(tmp_path, "txt")
    for number in range(lines):
        say(book, source, line(number, f"{number}行"))
    saved = correct(tmp_path / "minutes.txt")
    say(book, source, line(8, "八"))
    say(book, source, line(9, "九"))
    book.close()

    assert lines_of(tmp_path) == [*(f"{number}行" for number in range(lines)), "八", "九"]
    assert (tmp_path / "minutes.kept.txt").read_bytes() == saved
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("lines", [0, 1, 2, 3])
def test_what_a_crash_left_is_known_as_written_here(tmp_path, lines):
    book, source, _ = opened(tmp_path, "txt", "json")
    for number in range(lines):
        say(book, source, line(number, f"{number}行"))
    opened(tmp_path, "txt", "json")  # the other one was not closed

    assert {path.name for path in tmp_path.iterdir()} == {"minutes.txt", "minutes.json"}
