from __future__ import annotations

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


def test_what_two_rooms_favour_is_made_once_of_each_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[list[str]] = []

    def counted(words: Sequence[Hotword], *tables) -> object:
        made.append([word.text for word in words])
        return spell_hotwords(words, *tables)

    monkeypatch.setattr(recognizer, "spell_hotwords", counted)
    folder = write_tone_pack(tmp_path / "pack")
    with_readings(folder, "坡\tpo2\n")
    path = tmp_path / "words.txt"
    write(path, "坡A\n某某\n")
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
