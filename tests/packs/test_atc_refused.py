from __future__ import annotations

from pathlib import Path

import onnx
import pytest
from onnx import helper

from streamer.asr.packwriter import seal_pack
from streamer.errors import PackError, SettingsError
from tests.packs.converting import atc
from tests.tonepack import write_tone_pack

FAILURES = {
    "an unknown input": ("E10016: [PID: 1] opname [features] is not found", "E10016: an input name in --input_shape"),
    "TensorFlow functions": ("E12029: subgraph missing", "E12029: the graph has TensorFlow functions; use `streamer"),
    "something else": ("killed by the kernel", "its last words: killed by the kernel"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_a_failure_of_atc_is_explained(
    case: str, static_pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, words = FAILURES[case]
    program = tmp_path / "atc"
    program.write_text(f"#!/bin/sh\necho '{said}'\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")

    error = atc(static_pack, "--out", tmp_path / "npu").exception
    assert isinstance(error, PackError)
    assert "atc failed on acoustic.onnx (exit code 1)" in str(error)
    assert words in str(error)
    assert not (tmp_path / "npu").exists()


def test_an_int8_pack_is_refused_with_the_command_that_helps(static_pack: Path) -> None:
    model = onnx.load(static_pack / "acoustic.onnx")
    model.graph.node.append(helper.make_node("DynamicQuantizeLinear", ["features"], ["q", "s", "z"]))
    onnx.save(model, static_pack / "acoustic.onnx")
    seal_pack(static_pack)

    error = atc(static_pack, "--dry-run").exception
    assert isinstance(error, PackError)
    assert str(error) == (
        "acoustic.onnx is quantised to int8 for CPUs (DynamicQuantizeLinear), which atc cannot convert; "
        "make the fp32 static form first: `streamer models static OUT --pack PACK`"
    )


def test_a_pack_of_dynamic_length_is_refused_with_the_command_that_helps(tmp_path: Path) -> None:
    error = atc(write_tone_pack(tmp_path / "dynamic"), "--dry-run").exception

    assert "input features takes any number of feature frames, expected 1001" in str(error)
    assert "`streamer models static OUT --pack PACK`" in str(error)


REFUSALS = {
    "no chip": (["--soc-version", "310P3"], "--soc-version '310P3' is no chip"),
    "a folder that atc cannot write": (["--out", "my models"], "atc cannot write to 'my models'"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_names_that_atc_does_not_take_are_refused(case: str, static_pack: Path) -> None:
    arguments, words = REFUSALS[case]

    assert words in str(atc(static_pack, "--dry-run", *arguments).exception)


def test_either_a_pack_or_graphs(static_pack: Path) -> None:
    assert isinstance(atc().exception, SettingsError)
    assert isinstance(atc(static_pack, "--conformer", "a.pb", "--transformer", "b.pb").exception, SettingsError)


def test_missing_graphs_are_named(tmp_path: Path) -> None:
    error = atc("--conformer", tmp_path / "a.pb", "--transformer", tmp_path / "b.pb", "--dry-run").exception

    assert f"{tmp_path}/a.pb (missing)" in str(error)
