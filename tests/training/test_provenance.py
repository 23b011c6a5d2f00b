from __future__ import annotations

from pathlib import Path

import pytest

from streamer.errors import SettingsError
from streamer.training.provenance import DevTexts, TrainingText, read_manifest, violations, write_manifest

DEV = DevTexts(["对于这类可穿戴设备", "新都桂湖", "嗯"])


@pytest.mark.parametrize(
    "text",
    [
        "对于这类可穿戴设备",
        "对于 这类，可穿戴设备！",
        "我们说对于这类可穿戴设备而言",
        "我想去新都桂湖玩",
        "新都桂湖",
        "嗯",
    ],
)
def test_texts_near_to_the_evaluation_set_are_refused(text: str) -> None:
    assert DEV.overlaps(text)


@pytest.mark.parametrize("text", ["于这类可穿戴设", "嗯好的", "新都的桂湖", "", "ba1"])
def test_texts_that_share_less_may_be_trained_on(text: str) -> None:
    assert not DEV.overlaps(text)


def test_the_held_out_speaker_is_refused_by_id() -> None:
    wrong, right = TrainingText("x/BAC009S0252W0001", "你好"), TrainingText("x/BAC009S0150W0001", "你好")
    assert violations([wrong, right], DEV) == [wrong]


def test_a_manifest_is_read_as_it_was_written(tmp_path: Path) -> None:
    entries = [TrainingText("a:1", "你好"), TrainingText("b:2", "ba1")]
    write_manifest(tmp_path / "manifest.jsonl", entries)
    assert read_manifest(tmp_path / "manifest.jsonl") == entries


def test_a_folder_without_lists_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="holds no"):
        DevTexts.load(tmp_path)
