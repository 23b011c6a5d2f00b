from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from streamer.asr import recognizer
from streamer.asr.hotword_list import Hotword, spell_hotwords
from streamer.asr.hotword_watch import HotwordWatch
from streamer.asr.hotwords import FavouredHotwords
from streamer.asr.packset import PackSet
from streamer.asr.shared_hotwords import MadeHotwords, SharedHotwords
from streamer.errors import PackError
from streamer.settings.hotwords import HotwordSettings
from streamer.settings.recognizer import RecognizerSettings
from streamer.types import EndReason, HotwordsChanged, Notice, Utterance
from tests.asr.test_hotword_watch import write
from tests.tonepack import hiss, tone, with_readings, write_tone_pack

PCM = np.concatenate([hiss(0.3), tone(1, 0.4), hiss(0.2), tone(4, 0.4), hiss(0.2)]).tobytes()


def test_of_lists_the_newest_two_are_kept() -> None:
    lists = [[Hotword("张伟")] for _ in range(3)]
    shared = SharedHotwords()
    for number, words in enumerate(lists):
        assert shared.find(words) is None
        shared.keep(words, MadeHotwords(FavouredHotwords(), (str(number),)))

    found = [shared.find(words) for words in lists]
    assert [None if made is None else made.unusable for made in found] == [None, ("1",), ("2",)]


def test_a_list_is_made_ready_in_a_thread_and_the_next_after_it() -> None:
    one, other = [Hotword("张伟")], [Hotword("重庆")]
    shared, goes_on, made = SharedHotwords(), threading.Event(), []

    def make() -> MadeHotwords:
        assert goes_on.wait(20)
        made.append(threading.current_thread().name)
        return MadeHotwords(FavouredHotwords(), ())

    assert [shared.is_ready(words, make) for words in (one, one, other)] == [False] * 3
    goes_on.set()
    ended(shared)
    assert [shared.is_ready(words, make) for words in (one, other)] == [True, False]
    ended(shared)
    assert shared.is_ready(other, make)
    assert made == ["streamer-hotwords"] * 2


def test_a_list_of_which_nothing_can_be_made_is_ready_to_be_refused() -> None:
    words, shared = [Hotword("张伟")], SharedHotwords()

    def refuse() -> MadeHotwords:
        raise PackError("no reading table")

    assert not shared.is_ready(words, refuse)
    ended(shared)
    assert shared.is_ready(words, refuse)
    assert shared.find(words) is None


def test_a_long_list_that_changes_is_favoured_once_it_is_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recognizer, "_AT_ONCE", 0)
    folder = write_tone_pack(tmp_path / "pack")
    with_readings(folder, "坡\tpo2\n摩\tmo2\n")
    path = write(tmp_path / "words.txt", "坡A\n")
    packs = PackSet(folder, RecognizerSettings(), hotwords=HotwordWatch(HotwordSettings(file=str(path))))
    room = packs.new_recognizer(lambda _: None)

    def hear(number: int) -> str:
        return room.recognize(Utterance(number, 0, 0, len(PCM) // 2, PCM, EndReason.SILENCE)).text

    assert hear(1) == "坡A"
    write(path, "摩A\n")
    assert hear(2) == "坡A"
    ended(packs._shared[folder])
    assert hear(3) != "坡A"
    packs.close()


def ended(shared: SharedHotwords) -> None:
    assert shared._thread is not None
    shared._thread.join(20)
    assert not shared._thread.is_alive()


def test_what_two_rooms_favour_is_made_once_of_each_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[list[str]] = []

    def counted(words: Sequence[Hotword], *tables) -> object:
        made.append([word.text for word in words])
        return spell_hotwords(words, *tables)

    monkeypatch.setattr(recognizer, "spell_hotwords", counted)
    folder = write_tone_pack(tmp_path / "pack")
    with_readings(folder, "坡\tpo2\n")
    path = write(tmp_path / "words.txt", "坡A\n某某\n")
    told: list[str] = []

    def notify(event: Notice | HotwordsChanged) -> None:
        if isinstance(event, Notice):
            told.append(event.text)

    packs = PackSet(folder, RecognizerSettings(), hotwords=HotwordWatch(HotwordSettings(file=str(path))))
    rooms = [packs.new_recognizer(notify) for _ in range(2)]
    heard = [room.recognize(Utterance(1, 0, 0, len(PCM) // 2, PCM, EndReason.SILENCE)).text for room in rooms]
    write(path, "某某\n坡B\n")
    changed = [room.recognize(Utterance(2, 0, 0, len(PCM) // 2, PCM, EndReason.SILENCE)).text for room in rooms]
    packs.close()

    assert made == [["坡A", "某某"], ["某某", "坡B"]]
    assert (heard[0], changed[0]) == (heard[1], changed[1])
    assert heard[0] == "坡A"
    assert changed[0] != "坡A"
    refused = "these hotwords cannot be favoured, they have one syllable or no known reading: "
    assert told == [f"{refused}某某"] * 2 + [f"{refused}某某, 坡B"] * 2
