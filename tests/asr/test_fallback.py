from __future__ import annotations

from dataclasses import replace

import pytest

from streamer.asr.fallback import NOTICE_KEY, FallbackRecognizer, Outage
from streamer.errors import AscendError, FeatureError, PackError
from streamer.types import EndReason, Hypothesis, Notice, Severity, Utterance

RETURN_AFTER = 60.0


class Pack:
    """A recogniser that says its name, and fails when told to."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.failure: Exception | None = None
        self.calls = 0

    def recognize(self, utterance: Utterance) -> Hypothesis:
        self.calls += 1
        if self.failure is not None:
            raise self.failure
        is_final = utterance.end_reason is not None
        return Hypothesis(utterance.id, utterance.revision, 0, utterance.samples, (), is_final=is_final, pack=self.name)


class Room:
    """A fallback recogniser with everything around it."""

    def __init__(self, outage: Outage | None = None) -> None:
        self.now = 0.0
        self.npu, self.onnx = Pack("npu"), Pack("onnx")
        self.notices: list[Notice] = []
        self.outage = outage or Outage(RETURN_AFTER, lambda: self.now)
        self.recognizer = FallbackRecognizer(lambda: self.npu, self.onnx, self.outage, self.notices.append)

    def pack_of(self, utterance_id: int, revision: int = 0, *, final: bool = False) -> str:
        utterance = Utterance(utterance_id, revision, 0, 320, bytes(640), EndReason.SILENCE if final else None)
        return self.recognizer.recognize(utterance).pack


@pytest.fixture
def room() -> Room:
    return Room()


def test_decodes_on_the_npu_while_it_works(room: Room) -> None:
    assert [room.pack_of(1), room.pack_of(1, 1, final=True)] == ["npu", "npu"]
    assert (room.onnx.calls, room.notices, room.outage.count) == (0, [], 0)


def test_an_utterance_that_meets_a_failure_is_decoded_by_the_fallback_pack(room: Room) -> None:
    room.npu.failure = AscendError("507011")

    assert room.pack_of(1, final=True) == "onnx"


def test_an_utterance_keeps_the_fallback_pack_up_to_its_final_though_the_npu_is_back(room: Room) -> None:
    assert room.pack_of(1) == "npu"
    room.npu.failure = AscendError("507011")
    assert room.pack_of(1, 1) == "onnx"
    room.npu.failure, room.now = None, RETURN_AFTER

    assert room.pack_of(1, 2, final=True) == "onnx"
    assert room.pack_of(2) == "npu"


def test_the_npu_is_left_alone_until_the_time_is_over(room: Room) -> None:
    room.npu.failure = AscendError("507011")
    room.pack_of(1)
    room.now = RETURN_AFTER - 0.1
    room.pack_of(2)

    assert room.npu.calls == 1


def test_the_time_doubles_while_the_npu_stays_away(room: Room) -> None:
    room.npu.failure = AscendError("507011")
    room.pack_of(1)
    room.now = RETURN_AFTER
    room.pack_of(2)
    room.now = 3 * RETURN_AFTER - 0.1
    room.pack_of(3)

    assert room.npu.calls == 2
    assert room.outage.count == 1


def test_the_time_is_an_hour_at_most(room: Room) -> None:
    for _ in range(8):
        room.outage.begin("507011")

    room.now = 3599.0
    assert not room.outage.allows_try
    room.now = 3600.0
    assert room.outage.allows_try


def test_a_person_is_told_of_the_outage_and_of_its_end(room: Room) -> None:
    room.npu.failure = AscendError("acl.rt.synchronize_stream returned 507011")
    room.pack_of(1)
    room.npu.failure, room.now = None, RETURN_AFTER
    room.pack_of(2)

    assert [(notice.key, notice.severity) for notice in room.notices] == [
        (NOTICE_KEY, Severity.WARNING),
        (NOTICE_KEY, Severity.INFO),
    ]
    assert "507011" in room.notices[0].text
    assert room.notices[1].text == ""


def test_a_second_room_does_not_try_the_npu_again_during_an_outage(room: Room) -> None:
    other = Room(room.outage)
    room.npu.failure = AscendError("507011")
    room.pack_of(1)

    assert other.pack_of(1) == "onnx"
    assert other.npu.calls == 0


def test_a_model_file_that_vanished_does_not_lose_the_utterance(room: Room) -> None:
    room.npu.failure = PackError("model file not found")

    assert room.pack_of(1) == "onnx"


def test_sound_that_no_pack_can_decode_is_an_error_and_no_outage(room: Room) -> None:
    room.npu.failure = FeatureError("no samples")

    with pytest.raises(FeatureError):
        room.pack_of(1)
    assert not room.outage.is_on


def test_warm_up_falls_back_where_the_npu_does_not_start(room: Room) -> None:
    def dead() -> Pack:
        raise AscendError("107001")

    recognizer = FallbackRecognizer(dead, room.onnx, room.outage, room.notices.append)
    recognizer.warm_up()

    assert room.outage.is_on
    utterance = Utterance(1, 0, 0, 320, bytes(640))
    assert recognizer.recognize(replace(utterance, end_reason=EndReason.STOP)).pack == "onnx"


def test_warm_up_refuses_a_pack_that_does_not_fit(room: Room) -> None:
    def misfit() -> Pack:
        raise PackError("other shape")

    with pytest.raises(PackError):
        FallbackRecognizer(misfit, room.onnx, room.outage, room.notices.append).warm_up()
