from __future__ import annotations

import sys
from pathlib import Path

import pytest

from streamer.asr.preconditions import check_preconditions
from streamer.errors import MissingDependencyError, PackError
from streamer.settings.recognizer import AscendSettings, RecognizerSettings
from tests.tonepack import rewrite_manifest, write_tone_pack


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_tone_pack(tmp_path / "pack")


def test_a_pack_that_may_be_loaded_gives_its_manifest(folder: Path) -> None:
    assert check_preconditions(folder, RecognizerSettings()).runner == "onnx"


def test_a_file_that_is_missing(folder: Path) -> None:
    (folder / "language.onnx").unlink()

    with pytest.raises(PackError, match=r"language.onnx is missing \(expected by \[files\] of its manifest\)"):
        check_preconditions(folder, RecognizerSettings())


def test_execution_providers_of_which_none_is_installed(folder: Path) -> None:
    with pytest.raises(PackError, match=r"none of the execution providers \['CUDAExecutionProvidr'\] is installed"):
        check_preconditions(folder, RecognizerSettings(providers=("CUDAExecutionProvidr",)))


def test_a_runtime_that_cannot_be_loaded_where_it_has_to_be_asked(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "streamer.asr.runners.onnx", raising=False)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)

    assert check_preconditions(folder, RecognizerSettings()).runner == "onnx"
    with pytest.raises(MissingDependencyError, match=r"^ONNX Runtime cannot be loaded"):
        check_preconditions(folder, RecognizerSettings(providers=("CUDAExecutionProvider",)))


def test_a_fallback_pack_that_is_not_there(folder: Path) -> None:
    rewrite_manifest(folder, 'runner = "onnx"', 'runner = "ascend"')
    settings = RecognizerSettings(ascend=AscendSettings(fallback_pack="gone"))

    with pytest.raises(PackError, match=r"no model pack 'gone'"):
        check_preconditions(folder, settings)
