"""Whether a pack's models give on the NPU what its golden inputs say."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from streamer.arrays import save_arrays
from streamer.asr.modelpack import find_pack, load_pack
from streamer.asr.models import load_models
from streamer.asr.packwriter import seal_pack
from streamer.doctor.ascend_pack import check_ascend_pack
from streamer.doctor.finding import Finding, State
from streamer.doctor.general import check_pack
from streamer.packs.golden import GOLDEN_NAME, listen, write_golden
from streamer.settings.ascend import AscendSettings
from streamer.settings.recognizer import RecognizerSettings
from tests.acl_simulator.copies import offline_copy, static_copy
from tests.acl_simulator.fixtures import ProcessReports
from tests.commands.doctoring import run
from tests.tonepack import hiss, rewrite_manifest, tone, write_tone_pack


def golden_of(pack: Path, target: Path, syllables: tuple[int, ...] = (0, 1, 4, 3)) -> None:
    pcm = np.concatenate([hiss(0.3), *(np.concatenate([tone(each, 0.4), hiss(0.2)]) for each in syllables)])
    with load_models(load_pack(pack), RecognizerSettings()) as models:
        write_golden(target, [listen(models, "tones", pcm)])


def on_npu(folder: Path) -> dict[str, Finding]:
    settings = RecognizerSettings(pack=str(folder), ascend=AscendSettings(retry_pause_ms=0))
    return {finding.name: finding for finding in check_ascend_pack(settings)}


def test_the_pack_runs_on_the_npu_and_agrees_with_its_golden_inputs(
    static_pack: Path, tmp_path: Path, processes: ProcessReports
) -> None:
    folder = offline_copy(static_pack, tmp_path / "offline")
    golden_of(static_pack, folder / GOLDEN_NAME)
    seal_pack(folder)

    _, found = run("--ascend", "--pack", str(folder))
    assert found["NPU"]["found"] == "Ascend310P3 0: tones 1 loaded, log-probabilities"
    assert found["golden inputs"]["state"] == "good"
    assert "100.0% of steps agree, scores differ by 0.000" in found["golden inputs"]["found"]


@pytest.mark.parametrize(
    ("name", "found"), [("nope", "no model pack 'nope'"), ("damaged", "acoustic.onnx does not match its manifest")]
)
def test_a_fallback_pack_that_a_run_would_refuse_is_told(
    static_pack: Path, tmp_path: Path, name: str, found: str
) -> None:
    folder = offline_copy(static_pack, tmp_path / "offline")
    shutil.copytree(static_pack, tmp_path / "damaged")
    (tmp_path / "damaged" / "acoustic.onnx").write_bytes(b"")
    fallback = name if name == "nope" else str(tmp_path / name)
    settings = RecognizerSettings(pack=str(folder), ascend=AscendSettings(fallback_pack=fallback))

    finding = check_pack(settings)
    assert finding.state is State.BAD
    assert found in finding.found


@pytest.mark.slow
def test_the_embedded_packs_models_agree_with_its_golden_inputs(tmp_path: Path, processes: ProcessReports) -> None:
    """The int8 models run here in place of fp32 ones: what they differ by is less than a wrong conversion's."""
    folder = offline_copy(static_copy(find_pack("zh"), tmp_path / "static"), tmp_path / "offline")

    _, found = run("--ascend", "--pack", str(folder))
    assert found["NPU"]["found"].endswith(" loaded, log-probabilities")
    assert found["golden inputs"]["state"] == "good", found["golden inputs"]["found"]
    assert found["golden inputs"]["found"].count("of steps agree") >= 3


@pytest.mark.slow
def test_other_weights_are_held_against_the_embedded_packs_sounds(tmp_path: Path, processes: ProcessReports) -> None:
    folder = offline_copy(static_copy(find_pack("zh"), tmp_path / "static"), tmp_path / "offline")
    (folder / GOLDEN_NAME).unlink()
    seal_pack(folder)

    finding = on_npu(folder)["syllable ids"]
    assert finding.state is State.GOOD
    assert "toneless syllable errors on the embedded pack's sounds" in finding.found


def test_models_that_give_other_numbers_are_told(static_pack: Path, tmp_path: Path, processes: ProcessReports) -> None:
    folder = offline_copy(static_pack, tmp_path / "offline")
    golden_of(static_pack, folder / GOLDEN_NAME)
    with np.load(folder / GOLDEN_NAME) as arrays:
        content = dict(arrays)
    content["000_scores"] = content["000_scores"] - 0.5
    save_arrays(folder / GOLDEN_NAME, content, compressed=True)
    seal_pack(folder)

    finding = on_npu(folder)["golden inputs"]
    assert finding.state is State.BAD
    assert "scores differ by 0.500" in finding.found
    assert "--precision mixed_float16" in finding.advice


@pytest.mark.parametrize(
    ("syllables", "found"),
    [((1, 2, 4, 3), "0% if the first id were 0"), ((0, 1, 4, 3), "gave the id 0, expected 1 to 5")],
)
def test_a_wrong_first_id_is_found_by_the_embedded_packs_sounds(
    syllables: tuple[int, ...],
    found: str,
    static_pack: Path,
    tmp_path: Path,
    processes: ProcessReports,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The ids are 0-based, the manifest says 1-based: every syllable is the one before."""
    reference = tmp_path / "reference.npz"
    golden_of(static_pack, reference, syllables)
    monkeypatch.setattr("streamer.doctor.ascend_pack._reference_golden", lambda: reference)
    bare = write_tone_pack(tmp_path / "bare", static=True, log_probs=False)
    wrong = offline_copy(bare, tmp_path / "wrong")
    rewrite_manifest(wrong, "blank_id = 5", "first_id = 1\nblank_id = 6")

    finding = on_npu(wrong)["syllable ids"]
    assert finding.state is State.BAD
    assert found in finding.found
    assert finding.advice.startswith("import the models again with --am-first-id 0")


def test_a_device_that_fails_is_told(static_pack: Path, tmp_path: Path, processes: ProcessReports) -> None:
    processes.inject("rt.set_device:1+:107001")
    folder = offline_copy(static_pack, tmp_path / "offline")

    [finding] = on_npu(folder).values()
    assert finding.state is State.BAD
    assert "failed 3 times in a row" in finding.found
    assert "107001, INVALID_DEVICEID" in finding.found
