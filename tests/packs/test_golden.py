from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from streamer.errors import PackError
from streamer.packs.golden import GoldenClip, Judgement, read_clip, read_golden, toneless, write_golden

CLIP = GoldenClip(
    "一",
    np.arange(-5, 5, dtype=np.int16),
    ("zhong1", "A"),
    "中A",
    np.array([3, 3, 9], np.int32),
    np.array([-0.5, -0.25, 0], np.float32),
)


def test_golden_inputs_come_back_as_they_were(tmp_path: Path) -> None:
    write_golden(tmp_path / "golden.npz", [CLIP, CLIP])
    found = read_golden(tmp_path / "golden.npz")

    assert [(clip.name, clip.syllables, clip.characters) for clip in found] == [("一", ("zhong1", "A"), "中A")] * 2
    for name in ("pcm", "best", "scores"):
        np.testing.assert_array_equal(getattr(found[1], name), getattr(CLIP, name))
        assert getattr(found[1], name).dtype == getattr(CLIP, name).dtype


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PackError) as refused:
        write_golden(tmp_path / "gone" / "golden.npz", [CLIP])

    assert str(refused.value) == (
        f"cannot write {tmp_path}/gone/golden.npz: No such file or directory; --into names another pack"
    )


def test_a_damaged_member_is_an_error(tmp_path: Path) -> None:
    write_golden(tmp_path / "golden.npz", [CLIP])
    content = bytearray((tmp_path / "golden.npz").read_bytes())
    begin = content.index(b"000_pcm.npy") + len(b"000_pcm.npy")
    content[begin : begin + 60] = b"\xff" * 60
    (tmp_path / "golden.npz").write_bytes(content)

    with pytest.raises(PackError, match="holds no golden inputs: Error -3 while decompressing"):
        read_golden(tmp_path / "golden.npz")


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 half"])
def test_a_damaged_file_is_an_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "golden.npz").write_bytes(content)
    with pytest.raises(PackError, match="holds no golden inputs"):
        read_golden(tmp_path / "golden.npz")


@pytest.mark.parametrize(
    ("judgement", "within"),
    [
        (Judgement("a", 0.98, 0.1, 0.2, 0.2), True),
        (Judgement("a", 0.97, 0.1, 0.0, 0.0), False),
        (Judgement("a", 1.0, 0.11, 0.0, 0.0), False),
        (Judgement("a", None, None, 0.0, 0.0), True),
        (Judgement("a", None, None, 0.21, 0.0), False),
        (Judgement("a", None, None, 0.0, 0.21), False),
    ],
)
def test_the_tolerance(judgement: Judgement, within: bool) -> None:
    assert judgement.is_within_tolerance is within


@pytest.mark.parametrize(
    ("written", "plain"),
    [("zhong1", "zhong"), ("zhōng", "zhong"), ("lǜ", "lv"), ("lv4", "lv"), ("de", "de"), ("nü3", "nv"), ("A", "a")],
)
def test_tones_are_dropped_from_every_spelling(written: str, plain: str) -> None:
    assert toneless(written) == plain


@pytest.mark.parametrize("samples", [0, 160_001])
def test_a_clip_that_no_utterance_can_hold_is_refused(samples: int) -> None:
    with pytest.raises(PackError, match="expected more than 0 and at most 10 s"):
        read_clip(bytes(2 * samples), "clip")
