import asyncio

from streamer.errors import RecordingError, StoreError
from streamer.pipeline.warnings import Warnings
from streamer.settings.pipeline import PipelineSettings
from streamer.sinks.messages import CHINESE, ENGLISH, Messages
from streamer.types import FRAME_SAMPLES, MeetingEvent, Notice, Severity
from tests.virtual_time import run_virtual

ZEROS = bytes(2 * FRAME_SAMPLES * 150)
"""Three seconds of a muted microphone."""
SOUND = b"\x01\x00" * FRAME_SAMPLES


def warnings(told: list[MeetingEvent], *, is_microphone: bool = True, messages: Messages = ENGLISH) -> Warnings:
    return Warnings(PipelineSettings(), messages, told.append, is_microphone=is_microphone)


def test_a_trouble_is_told_once_when_it_begins_and_once_when_it_is_over() -> None:
    async def main() -> list[MeetingEvent]:
        told: list[MeetingEvent] = []
        muted = warnings(told)
        for sound in (SOUND, ZEROS, ZEROS, SOUND, SOUND):
            muted.hear(sound, is_speech=False)
            muted.tell(None)
        return told

    assert run_virtual(main()) == [
        Notice("microphone.muted", Severity.WARNING, ENGLISH.muted),
        Notice("microphone.muted", Severity.WARNING, ""),
    ]


def test_with_the_device_its_troubles_are_away() -> None:
    async def main() -> list[MeetingEvent]:
        told: list[MeetingEvent] = []
        muted = warnings(told)
        muted.hear(ZEROS, is_speech=False)
        muted.tell(None)
        muted.lose_sound()
        muted.tell(None)
        return told

    assert [event.text for event in run_virtual(main()) if isinstance(event, Notice)] == [ENGLISH.muted, ""]


def test_nothing_is_said_of_the_level_of_what_is_no_microphone() -> None:
    async def main() -> list[MeetingEvent]:
        told: list[MeetingEvent] = []
        file = warnings(told, is_microphone=False)
        file.hear(ZEROS, is_speech=False)
        file.tell(None)
        return told

    assert run_virtual(main()) == []


def test_another_reason_of_the_store_is_told_and_the_same_is_not_told_again() -> None:
    async def main() -> list[str]:
        told: list[MeetingEvent] = []
        store = warnings(told)
        for reason in ("full", "full", "read-only"):
            store.tell(StoreError(reason))
            await asyncio.sleep(1)
        return [event.text for event in told if isinstance(event, Notice)]

    assert run_virtual(main()) == ["cannot save: full", "cannot save: read-only"]


def test_where_sound_alone_is_refused_it_is_said_that_captions_are_saved() -> None:
    async def main() -> list[str]:
        told: list[MeetingEvent] = []
        warnings(told).tell(RecordingError("sound is not being recorded: full"))
        return [event.text for event in told if isinstance(event, Notice)]

    assert run_virtual(main()) == ["captions are saved; sound is not being recorded: full"]


def test_why_the_disk_refuses_is_told_in_the_language_of_the_rest() -> None:
    async def main() -> list[str]:
        told: list[MeetingEvent] = []
        chinese = warnings(told, messages=CHINESE)
        chinese.tell(RecordingError("sound is not being recorded: No space left on device; free some space (/a)"))
        chinese.tell(StoreError("the meeting store /s.db failed: disk full (the disk is full; free some space)"))
        return [event.text for event in told if isinstance(event, Notice) and event.text]

    assert run_virtual(main()) == [
        "字幕照常保存，声音没有录下：磁盘已满；请腾出空间（/a）",
        "无法保存：会议存储 /s.db：磁盘已满；请腾出空间",
    ]


def test_what_is_not_saved_is_the_key_of_one_notice_at_a_time() -> None:
    async def main() -> list[tuple[str, str]]:
        told: list[MeetingEvent] = []
        store = warnings(told)
        for failure in (RecordingError("a"), StoreError("b"), RecordingError("c"), None):
            store.tell(failure)
        return [(event.key, event.text) for event in told if isinstance(event, Notice)]

    assert run_virtual(main()) == [
        ("store.sound", "captions are saved; a"),
        ("store.sound", ""),
        ("store", "cannot save: b"),
        ("store", ""),
        ("store.sound", "captions are saved; c"),
        ("store.sound", ENGLISH.stored_again),
    ]
