"""Entries of a book that come again, or after others were written in their places."""

from __future__ import annotations

import sys

from streamer.minutes import MomentKind
from tests.sinks.minutes.booking import lines_of, opened, say
from tests.sinks.minutes.material import line, moment


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


def test_what_the_store_knew_before_its_event_came_is_not_doubled(tmp_path):
    book, source, _ = opened(tmp_path, "txt")
    source.written += [line(1, "一"), moment(MomentKind.MARK, 1)]
    book.rewrite()
    book.update()
    book.add(source.written)
    book.add([line(2, "二")])
    book.update()

    assert lines_of(tmp_path) == ["一", "* 标记", "二"]


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


def test_entries_that_come_again_in_a_row_are_written_once(tmp_path):
    book, source, _ = opened(tmp_path, "txt")
    entries = [line(1, "一", 1), line(2, "二", 2), moment(MomentKind.MARK, 3), moment(MomentKind.PAUSE, 3)]
    say(book, source, *entries)
    book.add(entries)
    book.update()

    assert lines_of(tmp_path) == ["一", "二", "* 标记", "* 暂停"]


def test_what_comes_after_a_rewrite_is_new_wherever_the_lines_before_it_ended(tmp_path):
    book, source, _ = opened(tmp_path, "txt")
    say(book, source, line(1, "一", 0), line(2, "二", 10), moment(MomentKind.MARK, 10))
    source.written[1:] = []
    book.rewrite()
    book.update()
    say(book, source, line(3, "三", 5), moment(MomentKind.PAUSE, 6))

    assert lines_of(tmp_path) == ["一", "三", "* 暂停"]
