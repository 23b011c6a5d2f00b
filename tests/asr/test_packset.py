from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from streamer.asr.fallback import NOTICE_KEY
from streamer.asr.hotword_watch import HotwordWatch
from streamer.asr.packset import PackSet
from streamer.asr.packwriter import seal_pack
from streamer.errors import AscendError, PackError, RecognizerError
from streamer.settings.ascend import AscendSettings
from streamer.settings.hotwords import HotwordSettings
from streamer.settings.recognizer import RecognizerSettings
from streamer.types import EndReason, Notice, Severity, Utterance
from tests.acl_simulator.copies import offline_copy
from tests.acl_simulator.fixtures import ProcessReports
from tests.tonepack import hiss, rewrite_manifest, tone, with_readings, write_tone_pack

PCM = np.concatenate([hiss(0.3), tone(1, 0.4), hiss(0.2), tone(4, 0.4), hiss(0.2)]).tobytes()


@pytest.fixture
def packs(tmp_path: Path, processes: ProcessReports) -> tuple[Path, Path]:
    """The same pack for the NPU and, under the name ``cpu``, for ONNX Runtime."""
    cpu = write_tone_pack(tmp_path / "cpu", static=True)
    rewrite_manifest(cpu, 'name = "tones"', 'name = "cpu"')
    npu = offline_copy(cpu, tmp_path / "npu")
    rewrite_manifest(npu, 'name = "cpu"', 'name = "npu"')
    return npu, cpu


class Room:
    """A room on a pack set."""

    def __init__(self, folder: Path, fallback: str = "", hotword: str = "") -> None:
        self.now = 0.0
        self.notices: list[Notice] = []
        ascend = AscendSettings(retries=1, retry_pause_ms=0, fallback_pack=fallback, return_after_s=60)
        hotwords = HotwordWatch(HotwordSettings(words=(hotword,))) if hotword else None
        self.packs = PackSet(folder, RecognizerSettings(ascend=ascend), lambda: self.now, hotwords)

    def open(self) -> None:
        self.recognizer = self.packs.new_recognizer(self.notices.append)

    def hear(self, utterance_id: int, *, final: bool = True) -> tuple[str, str]:
        """Pack and text of an utterance."""
        reason = EndReason.SILENCE if final else None
        made = self.recognizer.recognize(Utterance(utterance_id, 0, 0, len(PCM) // 2, PCM, reason))
        return made.pack, made.text


@pytest.fixture
def rooms() -> Iterator[list[Room]]:
    opened: list[Room] = []
    yield opened
    for room in opened:
        room.packs.close()
        room.packs.close()


def test_a_pack_for_the_cpu_stands_alone(packs: tuple[Path, Path], rooms: list[Room]) -> None:
    rooms.append(Room(packs[1]))
    rooms[0].open()

    assert rooms[0].hear(1) == ("cpu", "婆A")
    assert rooms[0].packs.statistics is None


def test_no_utterance_is_lost_when_the_npu_dies_and_comes_back(
    packs: tuple[Path, Path], rooms: list[Room], processes: ProcessReports
) -> None:
    room = Room(packs[0], str(packs[1]))
    rooms.append(room)
    room.open()
    assert room.hear(1) == ("npu", "婆A")

    processes.inject("mdl.execute_async:1+:507011")
    room.packs._device.close()  # type: ignore[union-attr]
    assert [room.hear(2, final=False), room.hear(2), room.hear(3)] == [("cpu", "婆A")] * 3
    away = room.packs.statistics
    assert away is not None
    assert (away.runs, away.failures, away.replacements) == (2, 2, 2)
    assert (away.outages, away.is_away, away.bridged) == (1, True, 2)

    processes.inject("")
    room.now = 60.0
    assert room.hear(4) == ("npu", "婆A")
    back = room.packs.statistics
    assert back is not None
    assert (back.runs, back.outages, back.is_away, back.bridged) == (4, 1, False, 2)
    assert [(notice.key, notice.severity) for notice in room.notices] == [
        (NOTICE_KEY, Severity.WARNING),
        (NOTICE_KEY, Severity.INFO),
    ]


def test_an_npu_that_is_dead_at_the_start_is_replaced_and_tried_later(
    packs: tuple[Path, Path], rooms: list[Room], processes: ProcessReports
) -> None:
    processes.inject("rt.set_device:1+:107001")
    room = Room(packs[0], str(packs[1]))
    rooms.append(room)
    assert room.packs.load().pack.manifest.name == "cpu"
    room.open()
    assert room.hear(1) == ("cpu", "婆A")
    assert len(room.notices) == 1
    assert "107001" in room.notices[0].text
    told = room.packs.statistics
    assert told is not None
    assert (told.failures, told.outages) == (2, 1), "two tries for one start, however many ask for the models"

    processes.inject("")
    room.now = 60.0
    assert room.hear(2) == ("npu", "婆A")


def test_an_npu_that_is_away_is_tried_once_at_a_time(
    packs: tuple[Path, Path], rooms: list[Room], processes: ProcessReports
) -> None:
    """One whose start hangs keeps the captions of all rooms waiting for as long as it may take."""
    room = Room(packs[0], str(packs[1]))
    rooms.append(room)
    room.open()
    processes.inject("rt.set_device:1+:507033")
    room.packs._device.close()  # type: ignore[union-attr]
    room.hear(1)
    room.now = 60.0

    assert room.hear(2) == ("cpu", "婆A")
    told = room.packs.statistics
    assert told is not None
    assert (told.failures, told.outages) == (2 + 1, 1)
    assert "(the Ascend device failed: acl.rt.set_device returned 507033" in room.notices[-1].text


def test_without_a_fallback_a_dead_npu_is_an_error(
    packs: tuple[Path, Path], rooms: list[Room], processes: ProcessReports
) -> None:
    processes.inject("rt.set_device:1+:107001")
    rooms.append(Room(packs[0]))

    with pytest.raises(AscendError, match="107001"):
        rooms[0].open()


def test_a_fallback_for_the_npu_is_refused(packs: tuple[Path, Path]) -> None:
    with pytest.raises(PackError, match=r"fallback_pack = .* is for the NPU as well"):
        Room(packs[0], str(packs[0]))


def test_a_missing_fallback_is_refused_at_once(packs: tuple[Path, Path]) -> None:
    with pytest.raises(PackError, match="no model pack 'nowhere'"):
        Room(packs[0], "nowhere")


@pytest.mark.parametrize(("first_id", "blank_id"), [(1, 6), (0, 3)])
def test_ids_that_the_table_does_not_hold_are_an_error_and_no_text(
    packs: tuple[Path, Path], rooms: list[Room], tmp_path: Path, first_id: int, blank_id: int
) -> None:
    """Ids counted from another number than the pack says, or a table that is too short."""
    bare = write_tone_pack(tmp_path / "bare", static=True, log_probs=False)
    manifest = (bare / "pack.toml").read_text().split("[files]")[0]
    (bare / "pack.toml").write_text(manifest.replace("blank_id = 5", f"first_id = {first_id}\nblank_id = {blank_id}"))
    if first_id == 0:
        (bare / "syllables.txt").write_text("bo1\npo2\nmo3\n")
    seal_pack(bare)
    rooms.append(Room(bare))
    rooms[0].open()
    sound = np.concatenate([hiss(0.3), tone(0, 0.4), hiss(0.2), tone(4, 0.4), hiss(0.2)]).tobytes()

    with pytest.raises(
        RecognizerError, match=r"the acoustic model gave the id \d, expected .*is acoustic.first_id right"
    ):
        rooms[0].recognizer.recognize(Utterance(1, 0, 0, len(sound) // 2, sound, EndReason.SILENCE))


def test_hotwords_are_favoured_also_while_the_npu_is_away(
    packs: tuple[Path, Path], rooms: list[Room], processes: ProcessReports
) -> None:
    for folder in packs:
        with_readings(folder, "坡\tpo2\n")
    room = Room(packs[0], str(packs[1]), "坡A")
    rooms.append(room)
    room.open()
    assert room.hear(1) == ("npu", "坡A")

    processes.inject("mdl.execute_async:1+:507011")
    room.packs._device.close()  # type: ignore[union-attr]

    assert room.hear(2) == ("cpu", "坡A")
