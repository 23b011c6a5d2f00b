from __future__ import annotations

from datetime import timedelta

from streamer.types import SAMPLE_RATE, MarkAdded, MeetingEnded, TitleChanged
from tests.sinks.minutes.material import ENDED, START, moment
from tests.sinks.minutes.room import BEAT, STARTED


async def test_a_final_is_in_the_file_when_it_has_been_handled(room):
    await room.sink.handle(STARTED)
    await room.sink.handle(room.final(1, "一"))

    assert room.lines() == ["一"]


async def test_finals_in_quick_succession_are_written_together_within_a_second(room):
    await room.sink.handle(STARTED)
    await room.sink.handle(room.final(1, "一"))
    await room.sink.handle(room.final(2, "二"))
    await room.sink.handle(MarkAdded(3 * SAMPLE_RATE, START + timedelta(seconds=3)))
    assert room.lines() == ["一"]

    room.clock.seconds += 0.5
    await room.sink.handle(BEAT)
    assert room.lines() == ["一", "二", "* 标记"]


async def test_the_end_puts_everything_in_its_place(room):
    await room.sink.handle(STARTED)
    await room.sink.handle(room.final(2, "二"))
    room.source.written.insert(0, moment("mark", 1))
    room.source.kept = ENDED
    await room.sink.handle(MeetingEnded(ENDED.end_sample, ENDED.ended_at))

    assert room.lines() == ["* 标记", "二"]
    assert "15:32" in (room.folder / "minutes.txt").read_text(encoding="utf-8")
    assert {path.name for path in room.folder.iterdir()} == {"minutes.txt", "minutes.json"}
    assert room.released == 1


async def test_a_new_title_is_written_at_once(room):
    await room.sink.handle(STARTED)
    room.source.kept = ENDED
    await room.sink.handle(TitleChanged("预算会"))

    assert "15:32" in (room.folder / "minutes.txt").read_text(encoding="utf-8"), "the head was written anew"


async def test_hours_are_written_anew_in_steps_between_which_captions_are_stored(room, monkeypatch):
    await room.sink.handle(STARTED)
    for number in range(1, 121):
        room.final(number, "一")
    read, shares = [], []
    entries = room.source.entries
    monkeypatch.setattr(room.source, "entries", lambda: (read.append(one) or one for one in entries()))

    async def run(call):
        before = len(read)
        call()
        shares.append(len(read) - before)

    monkeypatch.setattr(room.sink._calls, "run", run)
    await room.sink.handle(TitleChanged("预算会"))

    # The head is a part of its own; of two formats.
    assert [one for one in shares if one] == [49, 50, 21] * 2
    assert room.lines() == ["一"] * 120


async def test_nothing_is_written_before_a_meeting_and_after_it(room):
    await room.sink.handle(BEAT)
    await room.sink.handle(TitleChanged("预算会"))
    assert not room.folder.exists()

    await room.sink.handle(STARTED)
    await room.sink.handle(MeetingEnded(ENDED.end_sample, ENDED.ended_at))
    before = room.folder.joinpath("minutes.txt").stat().st_ino
    room.clock.seconds += 3600
    await room.sink.handle(room.final(1, "一"))
    await room.sink.handle(BEAT)

    assert room.folder.joinpath("minutes.txt").stat().st_ino == before
    assert room.released == 1
