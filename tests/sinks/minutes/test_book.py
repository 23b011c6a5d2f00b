from __future__ import annotations

import json
from dataclasses import replace

import docx
import pytest

from streamer.minutes import MomentKind
from tests.disks import file_size_limit
from tests.sinks.minutes.booking import lines_of, opened, say
from tests.sinks.minutes.material import ENDED, line, moment


def test_every_format_has_its_file_from_the_beginning(tmp_path):
    book, _, _ = opened(tmp_path, "markdown", "txt", "srt", "vtt", "json", "docx")
    assert {path.name for path in tmp_path.iterdir()} == {
        f"minutes.{ending}" for ending in ("md", "txt", "srt", "vtt", "json", "docx")
    }
    book.close()


def test_text_follows_each_final(tmp_path):
    book, source, _ = opened(tmp_path, "txt")
    say(book, source, line(1, "一"))
    assert lines_of(tmp_path) == ["一"]
    say(book, source, line(2, ""), line(3, "三"), moment(MomentKind.MARK, 3))
    assert lines_of(tmp_path) == ["一", "三", "* 标记"]


def test_slow_formats_follow_once_a_minute(tmp_path):
    book, source, clock = opened(tmp_path, "json", "docx")

    def counts() -> tuple[int, int]:
        entries = json.loads((tmp_path / "minutes.json").read_text(encoding="utf-8"))["entries"]
        paragraphs = [one.text for one in docx.Document(tmp_path / "minutes.docx").paragraphs]
        return len(entries), sum("句" in one for one in paragraphs)

    say(book, source, line(1, "一句"))
    assert [*book.updating()] == []
    assert counts() == (0, 0)
    assert book.next_due == 160.0
    clock.seconds = 159.0
    say(book, source, line(2, "二句"))
    assert counts() == (0, 0)
    clock.seconds = 160.0
    book.update()
    assert counts() == (2, 2)
    say(book, source, line(3, "三句"))
    book.update(everything=True)
    assert counts() == (3, 3)
    book.close()


def test_a_costly_format_is_written_less_often(tmp_path, monkeypatch):
    book, source, clock = opened(tmp_path, "json")
    page = book._pages[0]
    append = page.file.append

    def slow_append(entries):
        clock.seconds += 2
        append(entries)

    monkeypatch.setattr(page.file, "append", slow_append)
    clock.seconds = 160.0
    say(book, source, line(1, "一"))
    assert page.due == 162.0 + 2 / 0.005


def test_what_it_costs_to_write_anew_is_counted_without_what_comes_between_its_steps(tmp_path, monkeypatch):
    book, source, clock = opened(tmp_path, "json")
    source.written += [line(number, "一", number) for number in range(60)]
    entries = source.entries

    def slow_entries():
        for entry in entries():
            clock.seconds += 0.05
            yield entry

    monkeypatch.setattr(source, "entries", slow_entries)
    clock.seconds = 1000.0
    book.rewrite()
    for _ in book.updating():
        clock.seconds += 100

    assert book._pages[0].due == pytest.approx(1103 + 3 / 0.005)


def test_an_edit_or_a_new_title_is_seen_within_a_minute(tmp_path):
    book, source, clock = opened(tmp_path, "txt")
    say(book, source, line(1, "错字"))
    source.written[0] = replace(line(1, "对字"), edited=True)
    say(book, source, line(2, "二"))
    assert lines_of(tmp_path) == ["错字", "二"]

    clock.seconds += 60
    book.update()
    assert lines_of(tmp_path) == ["对字", "二"]


def test_a_rewrite_shows_the_end(tmp_path):
    book, source, _ = opened(tmp_path, "txt")
    source.kept = ENDED
    book.rewrite()
    book.update(everything=True)

    assert "时间：2026-11-20 14:30–15:32\n时长：1:02:00\n" in (tmp_path / "minutes.txt").read_text(encoding="utf-8")


def test_a_full_disk_costs_nothing_once_there_is_room(tmp_path):
    book, source, _ = opened(tmp_path, "txt", "markdown")
    say(book, source, line(1, "一" * 100))
    with file_size_limit(600):
        for number in range(2, 5):
            with pytest.raises(OSError, match="File too large"):
                say(book, source, line(number, "二" * 100))
    say(book, source, line(5, "三"))

    assert lines_of(tmp_path) == ["一" * 100, *["二" * 100] * 3, "三"]


def test_the_next_update_is_due_with_the_first_page_that_lacks_something(tmp_path):
    book, _, _ = opened(tmp_path, "txt", "json", "docx")
    assert book.next_due == float("inf")
    book.rewrite()
    assert book.next_due == 0.0
    book.update(everything=True)
    book.add([line(1, "一")])
    book.update()
    for page, due in zip(book._pages, (50.0, 150.0, 170.0), strict=True):
        page.due = due
    assert book.next_due == 150.0
    book.close()


def test_a_page_that_lacks_nothing_is_left_alone(tmp_path, monkeypatch):
    book, source, clock = opened(tmp_path, "docx")
    written: list[object] = []
    monkeypatch.setattr(book._pages[0].file, "append", written.append)
    clock.seconds += 3600
    book.update(everything=True)
    assert written == []

    say(book, source, line(1, "一"))
    assert len(written) == 1
    book.close()
