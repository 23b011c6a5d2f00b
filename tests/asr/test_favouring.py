from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from streamer.asr.favouring import NOTICE_KEY, HotwordRecognizer
from streamer.asr.hotword_list import Hotword
from streamer.asr.hotword_watch import HotwordHistory, HotwordWatch
from streamer.errors import PackError
from streamer.settings.hotwords import HotwordSettings
from streamer.sinks.messages import CHINESE
from streamer.sinks.told_notices import told_notice
from streamer.types import EndReason, HotwordsChanged, Hypothesis, Notice, Severity, Utterance
from tests.asr.test_hotword_watch import write


class Student:
    """A recogniser whose text is the words that it favours."""

    def __init__(self, *unusable: str, refuses: bool = False) -> None:
        self.unusable = unusable
        self.refuses = refuses
        self.favoured: list[list[str]] = []
        self.is_ready = True

    def readies(self, hotwords: Sequence[Hotword]) -> bool:
        return self.is_ready

    def set_hotwords(self, hotwords: Sequence[Hotword]) -> list[str]:
        if self.refuses:
            raise PackError("pack tones 1 has no reading table")
        self.favoured.append([each.text for each in hotwords])
        return [each.text for each in hotwords if each.text in self.unusable]

    def recognize(self, utterance: Utterance) -> Hypothesis:
        newest = self.favoured[-1] if self.favoured else []
        return Hypothesis(utterance.id, utterance.revision, 0, 0, (), pack=" ".join(newest))


class Room:
    """A recogniser with its notices."""

    def __init__(self, student: Student, settings: HotwordSettings) -> None:
        self.notices: list[Notice] = []
        self.changes: list[HotwordsChanged] = []
        self.recognizer = HotwordRecognizer(student, HotwordWatch(settings), self._note)

    def hear(self, utterance_id: int, revision: int = 0) -> None:
        """Utterances of a second, one after the other."""
        start = 16_000 * utterance_id
        self.recognizer.recognize(Utterance(utterance_id, revision, start, start + 16_000, b"", EndReason.SILENCE))

    def _note(self, told: Notice | HotwordsChanged) -> None:
        if isinstance(told, Notice):
            self.notices.append(told)
        else:
            self.changes.append(told)


def test_words_are_favoured_from_the_first_utterance_on() -> None:
    student = Student()
    Room(student, HotwordSettings(words=("张伟", "重庆"))).hear(1)

    assert student.favoured == [["张伟", "重庆"]]


def test_what_is_wrong_with_words_is_told_before_anything_is_said_and_once(tmp_path: Path) -> None:
    path = write(tmp_path / "words.txt", "zzz\n")
    room = Room(Student("zzz"), HotwordSettings(words=("hello",), file=str(path)))
    room.recognizer.prepare()
    (notice,) = room.notices
    room.hear(1)

    assert [word in notice.text for word in ("hello", "zzz")] == [True, True]
    assert room.notices == [notice]
    assert room.changes == [HotwordsChanged(0, ("hello 1.0", "zzz 1.0"))]


def test_a_latin_word_is_told_to_be_favoured_only_as_it_is_spelled() -> None:
    room = Room(Student("zzz"), HotwordSettings(words=("hello", "GDP", "张伟", "zzz", "K歌")))
    room.hear(1)

    assert room.notices == [
        Notice(
            NOTICE_KEY,
            Severity.WARNING,
            "these hotwords cannot be favoured, they have one syllable or no known reading: zzz; these hotwords are "
            "favoured only where their letters are spelled one by one, not as a word that is read (capitals say that "
            "they are meant so): hello",
        )
    ]
    assert told_notice(room.notices[0], CHINESE).text == (
        "这些热词用不上，只有一个音节或不知道读音：zzz；"
        "这些热词只在逐个字母念时有效，当单词念时无效（如果本来就逐个字母念，请全部大写）：hello"
    )


def test_a_changed_list_waits_for_the_next_utterance(tmp_path: Path) -> None:
    path, student = write(tmp_path / "words.txt", "重庆\n"), Student()
    room = Room(student, HotwordSettings(file=str(path)))
    room.hear(1)
    write(path, "昇腾\n")
    room.hear(1, revision=1)

    assert student.favoured == [["重庆"]]

    room.hear(2)

    assert student.favoured == [["重庆"], ["昇腾"]]


def test_a_list_that_is_still_made_ready_waits_for_an_utterance_after_that(tmp_path: Path) -> None:
    path, student = write(tmp_path / "words.txt", "重庆\n"), Student()
    student.is_ready = False  # those of the beginning are not waited for
    room = Room(student, HotwordSettings(file=str(path)))
    room.hear(1)
    write(path, "昇腾\n")
    room.hear(2)
    student.is_ready = True
    room.hear(2, revision=1)
    room.hear(3)

    assert student.favoured == [["重庆"], ["昇腾"]]
    assert room.changes == [HotwordsChanged(16_000, ("重庆 1.0",)), HotwordsChanged(48_000, ("昇腾 1.0",))]


def test_other_words_are_told_with_the_place_from_which_they_are_favoured(tmp_path: Path) -> None:
    path = write(tmp_path / "words.txt", "重庆\n")
    room = Room(Student(), HotwordSettings(words=("张伟 2.5",), file=str(path)))
    room.hear(1)
    room.hear(2)
    write(path, "昇腾\n")
    room.hear(3)

    assert room.changes == [
        HotwordsChanged(16_000, ("张伟 2.5", "重庆 1.0")),
        HotwordsChanged(48_000, ("张伟 2.5", "昇腾 1.0")),
    ]


def test_words_that_cannot_change_are_not_told() -> None:
    room = Room(Student(), HotwordSettings(words=("张伟",)))
    room.hear(1)

    assert room.changes == []


def test_a_final_that_comes_after_the_next_partial_keeps_its_words(tmp_path: Path) -> None:
    path, student = write(tmp_path / "words.txt", "重庆\n"), Student()
    room = Room(student, HotwordSettings(file=str(path)))
    room.hear(1)
    write(path, "昇腾\n")
    room.hear(2)
    room.hear(1, revision=1)
    room.hear(2, revision=1)

    assert student.favoured == [["重庆"], ["昇腾"], ["重庆"], ["昇腾"]]
    assert [each.at_sample for each in room.changes] == [16_000, 32_000]


def test_words_that_cannot_be_favoured_are_named_once(caplog: pytest.LogCaptureFixture) -> None:
    words = tuple("一二三四五六七")
    room = Room(Student(*words), HotwordSettings(words=words))
    room.hear(1)
    room.hear(2)

    assert room.notices == [
        Notice(
            NOTICE_KEY,
            Severity.WARNING,
            "these hotwords cannot be favoured, they have one syllable or no known reading: 一, 二, 三, 四, 五 … (+2)",
        )
    ]
    assert caplog.messages == []  # who is told shows it; a line in the log would be a second one


def test_a_broken_list_is_told_until_it_is_repaired(tmp_path: Path) -> None:
    path = write(tmp_path / "words.txt", "重庆\n")
    room = Room(Student(), HotwordSettings(file=str(path)))
    room.hear(1)
    write(path, b"\xff\xff\n")
    room.hear(2)
    write(path, "昇腾\n")
    room.hear(3)

    assert [(notice.severity, "not UTF-8" in notice.text) for notice in room.notices] == [
        (Severity.WARNING, True),
        (Severity.INFO, False),
    ]


def test_a_pack_that_cannot_favour_words_goes_on_without_them() -> None:
    room = Room(Student(refuses=True), HotwordSettings(words=("张伟",)))
    room.hear(1)

    assert room.notices == [
        Notice(NOTICE_KEY, Severity.WARNING, "hotwords are not favoured: pack tones 1 has no reading table")
    ]


def test_utterances_that_are_decoded_together_have_the_words_of_their_time() -> None:
    words = (Hotword("重庆"),), (Hotword("昇腾"),)

    class Changing:
        """Other words from the third second on."""

        complaint = ""
        may_change = True

        def words_from(self, start_sample: int) -> tuple[Hotword, ...]:
            return words[start_sample >= 48_000]

    changes: list[Notice | HotwordsChanged] = []
    recognizer = HotwordRecognizer(Student(), Changing(), changes.append)
    utterances = [Utterance(each, 0, 16_000 * each, 16_000, b"", EndReason.SILENCE) for each in (1, 2, 3, 4)]

    found = recognizer.recognize_all(utterances)

    assert [(each.utterance_id, each.pack) for each in found] == [(1, "重庆"), (2, "重庆"), (3, "昇腾"), (4, "昇腾")]
    assert changes == [HotwordsChanged(16_000, ("重庆 1.0",)), HotwordsChanged(48_000, ("昇腾 1.0",))]


def test_words_of_the_past_are_known_in_whatever_order_it_is_heard() -> None:
    """A crew that meets a failure goes back to the first of the utterances it decoded together."""
    words = ("重庆", "昇腾", "张伟")
    changes = [HotwordsChanged(16_000 * at, (word,)) for at, word in enumerate(words, 1)]
    recognizer = HotwordRecognizer(Student(), HotwordHistory(HotwordSettings(), changes), lambda _: None)
    utterances = [Utterance(each, 0, 16_000 * each, 16_000, b"", EndReason.SILENCE) for each in (3, 2, 1, 3)]

    assert [recognizer.recognize(each).pack for each in utterances] == ["张伟", "昇腾", "重庆", "张伟"]
