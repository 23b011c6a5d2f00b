from __future__ import annotations

import json
import sys
from dataclasses import replace

import docx
import pytest

from streamer.minutes import MomentKind
from streamer.settings.minutes import MinutesSettings
from streamer.sinks.minutes.book import MinutesBook
from tests.disks import file_size_limit
from tests.sinks.minutes.material import ENDED, Notebook, line, moment


class Hands:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def opened(tmp_path, *formats: str) -> tuple[MinutesBook, Notebook, Hands]:
    clock, source = Hands(), Notebook()
    book = MinutesBook(source, tmp_path, MinutesSettings(formats=formats), clock)
    book.update()
    return book, source, clock


def say(book: MinutesBook, source: Notebook, *entries) -> None:
    source.written += entries
    book.add(entries)
    book.update()


def lines_of(tmp_path) -> list[str]:
    text = (tmp_path / "minutes.txt").read_text(encoding="utf-8")
    return [one.partition("] ")[2] for one in text.splitlines() if one.startswith("[")]


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


def test_lines_go_on_after_what_was_said_was_decoded_again(tmp_path):
    book, source, _ = opened(tmp_path, "txt")
    say(book, source, line(1, "一", 0, 1), line(2, "二", 2, 3))
    source.written[:] = [line(1_000_001, "壹", 0, 1), line(1_000_002, "贰", 2, 3)]
    book.rewrite()
    say(book, source, line(3, "三", 4, 5))

    assert lines_of(tmp_path) == ["壹", "贰", "三"]
    say(book, source, line(4, "四", 6, 7))
    assert lines_of(tmp_path) == ["壹", "贰", "三", "四"]
    book.add([line(4, "四", 6, 7)])
    book.update()
    assert lines_of(tmp_path) == ["壹", "贰", "三", "四"]


def test_slow_formats_follow_once_a_minute(tmp_path):
    book, source, clock = opened(tmp_path, "json", "docx")

    def counts() -> tuple[int, int]:
        entries = json.loads((tmp_path / "minutes.json").read_text(encoding="utf-8"))["entries"]
        paragraphs = [one.text for one in docx.Document(tmp_path / "minutes.docx").paragraphs]
        return len(entries), sum("句" in one for one in paragraphs)

    say(book, source, line(1, "一句"))
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


def test_an_edit_or_a_new_title_is_seen_within_a_minute(tmp_path):
    book, source, clock = opened(tmp_path, "txt")
    say(book, source, line(1, "错字"))
    source.written[0] = replace(line(1, "对字"), edited=True)
    say(book, source, line(2, "二"))
    assert lines_of(tmp_path) == ["错字", "二"]

    clock.seconds += 60
    book.update()
    assert lines_of(tmp_path) == ["对字", "二"]


def test_what_the_store_knew_before_its_event_came_is_not_doubled(tmp_path):
    book, source, _ = opened(tmp_path, "txt")
    source.written += [line(1, "一"), moment(MomentKind.MARK, 1)]
    book.rewrite()
    book.update()
    book.add(source.written)
    book.add([line(2, "二")])
    book.update()

    assert lines_of(tmp_path) == ["一", "* 标记", "二"]


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


def test_several_moments_at_one_position_are_all_written(tmp_path):
    book, source, _ = opened(tmp_path, "txt")
    pause, resume = moment(MomentKind.PAUSE, 3), moment(MomentKind.RESUME, 3)
    say(book, source, line(1, "一"), pause)
    book.rewrite()
    book.update()
    say(book, source, pause, resume, resume)

    assert lines_of(tmp_path) == ["一", "* 暂停", "* 继续"]


def test_of_moments_that_are_written_none_is_kept(tmp_path):
    """A microphone with a loose contact makes a thousand an hour."""
    book, source, _ = opened(tmp_path, "txt", "srt")
    first, second = moment(MomentKind.GAP, 1, "", 2), moment(MomentKind.GAP, 2, "", 2)
    referred = sys.getrefcount(first)
    say(book, source, first)
    say(book, source, second)

    assert sys.getrefcount(first) == referred + 1  # in what the source has written


def test_an_entry_that_comes_twice_is_written_once(tmp_path):
    book, source, _ = opened(tmp_path, "txt")
    mark = moment(MomentKind.MARK, 3)
    say(book, source, line(1, "一"), mark)
    book.add([line(1, "一"), mark, line(2, "二")])
    book.update()

    assert lines_of(tmp_path) == ["一", "* 标记", "二"]
