from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streamer.audio.framing import FRAME_BYTES, Framer
from streamer.types import Frame


def test_a_frame_comes_out_once_it_is_complete() -> None:
    framer = Framer()

    assert framer.push(b"\1" * 638) == []
    assert framer.push(b"\1" * 4) == [Frame(b"\1" * 640, 0)]


def test_the_rest_is_filled_up_with_silence() -> None:
    framer = Framer()
    framer.push(b"\1\1")

    assert framer.flush() == [Frame(b"\1\1" + b"\0" * 638, 0)]
    assert framer.flush() == []


def test_frames_go_on_where_a_recording_stood() -> None:
    framer = Framer(start_sample=640)

    assert [frame.start_sample for frame in framer.push(b"\0" * 1280)] == [640, 960]
    assert framer.position == 1280


@given(st.lists(st.binary(max_size=3000)))
def test_frames_hold_the_same_bytes_without_holes_however_they_arrive(pieces: list[bytes]) -> None:
    framer = Framer()
    frames = [frame for piece in pieces for frame in framer.push(piece)] + framer.flush()
    sound = b"".join(pieces)

    assert b"".join(frame.pcm for frame in frames) == sound.ljust(-(-len(sound) // FRAME_BYTES) * FRAME_BYTES, b"\0")
    assert [frame.start_sample for frame in frames] == list(range(0, 320 * len(frames), 320))


@given(st.lists(st.binary(max_size=3000)))
def test_runs_hold_the_same_frames(pieces: list[bytes]) -> None:
    one_by_one, at_once = Framer(), Framer()

    for piece in pieces:
        frames, run = one_by_one.push(piece), at_once.take(piece)
        assert ([] if run is None else run.frames) == frames
    assert at_once.position == one_by_one.position
    assert at_once.flush() == one_by_one.flush()
