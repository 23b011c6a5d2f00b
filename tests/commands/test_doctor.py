from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from streamer.asr.modelpack import find_pack, load_pack
from streamer.asr.models import load_models
from streamer.asr.packwriter import seal_pack
from streamer.commands.doctor import doctor
from streamer.doctor import ascend
from streamer.doctor.ascend_pack import check_ascend_pack
from streamer.doctor.finding import Finding, State
from streamer.doctor.machine import Machine
from streamer.doctor.probe import check_acl
from streamer.packs.golden import GOLDEN_NAME, listen, write_golden
from streamer.settings.ascend import AscendSettings
from streamer.settings.recognizer import RecognizerSettings
from tests.acl_simulator import om
from tests.acl_simulator.fixtures import ProcessReports
from tests.test_ascend_run import offline_copy, static_copy
from tests.tonepack import hiss, tone, write_tone_pack

app = typer.Typer(pretty_exceptions_enable=False)
app.command()(doctor)

NODES = ("davinci0", "davinci_manager", "devmm_svm", "hisi_hdc")


@pytest.fixture
def npu_machine(tmp_path: Path) -> Machine:
    """A machine on which everything is as it should be."""
    for node in NODES:
        (tmp_path / "dev").mkdir(exist_ok=True)
        (tmp_path / "dev" / node).touch()
    home = tmp_path / "usr/local/Ascend/ascend-toolkit/latest"
    (home / "opp").mkdir(parents=True)
    (home / "version.cfg").write_text("# version: 1.0\nruntime_running_version=[8.0.0.1.78:8.0.RC3]\n")
    (home / "version.cfg").write_text("runtime_running_version=[8.0.0.1.78:8.0.RC3]\n")
    driver = tmp_path / "usr/local/Ascend/driver"
    driver.mkdir()
    (driver / "version.info").write_text("Version=24.1.rc2\nascendhal_version=7.35.23\n")
    tool = tmp_path / "bin/npu-smi"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    base = "/usr/local/Ascend/ascend-toolkit/latest"
    environment = {"ASCEND_HOME_PATH": base, "ASCEND_OPP_PATH": f"{base}/opp", "PATH": str(tool.parent)}
    return Machine(tmp_path, environment, frozenset({"HwHiAiUser"}), (3, 11))


def changed(machine: Machine, **environment: str) -> Machine:
    return Machine(machine.root, {**machine.environment, **environment}, machine.groups, machine.python)


def checks(machine: Machine) -> dict[str, Finding]:
    found = [
        ascend.check_driver(machine),
        ascend.check_nodes(machine, 0),
        ascend.check_environment(machine),
        ascend.check_cann(machine),
    ]
    return {finding.name: finding for finding in found}


def test_a_machine_as_it_should_be_passes(npu_machine: Machine) -> None:
    found = checks(npu_machine)

    assert {name: finding.state for name, finding in found.items()} == dict.fromkeys(found, State.GOOD)
    assert found["driver"].found.startswith("version 24.1.rc2, ")
    assert found["CANN"].found == "8.0.0.1.78, Python 3.11"


def test_every_failed_check_says_what_to_do() -> None:
    found = checks(Machine(Path("/nonexistent"), {}, frozenset(), (3, 11)))

    assert [finding.name for finding in found.values() if finding.state is not State.GOOD] == list(found)
    assert [finding.name for finding in found.values() if not finding.advice] == []


def test_a_missing_driver_names_its_file(npu_machine: Machine) -> None:
    (npu_machine.root / "usr/local/Ascend/driver/version.info").unlink()

    finding = ascend.check_driver(npu_machine)
    assert (finding.state, finding.found) == (State.BAD, "no /usr/local/Ascend/driver/version.info")


@pytest.mark.parametrize("node", NODES)
def test_a_missing_device_node_is_named_with_the_container_flags(npu_machine: Machine, node: str) -> None:
    (npu_machine.root / "dev" / node).unlink()

    finding = ascend.check_nodes(npu_machine, 0)
    assert finding.state is State.BAD
    assert node.replace("davinci0", "davinciN") in finding.found
    assert "--device /dev/davinci0 --device /dev/davinci_manager" in finding.advice


def test_a_node_that_may_not_be_opened_names_the_group(npu_machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda path, _: not str(path).endswith("hisi_hdc"))
    stranger = Machine(npu_machine.root, npu_machine.environment, frozenset({"users"}), (3, 11))

    assert ascend.check_nodes(stranger, 0).found == "no permission for hisi_hdc"
    assert "usermod -aG HwHiAiUser" in ascend.check_nodes(stranger, 0).advice
    assert "another group id" in ascend.check_nodes(npu_machine, 0).advice


def test_an_environment_without_set_env_is_told(npu_machine: Machine) -> None:
    finding = ascend.check_environment(changed(npu_machine, ASCEND_OPP_PATH=""))

    assert (finding.state, finding.found) == (State.BAD, "ASCEND_OPP_PATH not set")
    assert "set_env.sh" in finding.advice


def test_an_environment_of_a_removed_cann_is_told(npu_machine: Machine) -> None:
    finding = ascend.check_environment(changed(npu_machine, ASCEND_HOME_PATH="/gone"))

    assert finding.found == "ASCEND_HOME_PATH = /gone: no such folder"


def test_stub_libraries_are_told(npu_machine: Machine) -> None:
    finding = ascend.check_environment(changed(npu_machine, LD_LIBRARY_PATH="/lib:/cann/runtime/lib64/stub"))

    assert finding.state is State.BAD
    assert "/cann/runtime/lib64/stub" in finding.found


@pytest.mark.parametrize(
    ("cann", "python", "state"),
    [("7.0.1", (3, 10), "good"), ("7.0.1", (3, 11), "doubtful"), ("8.2", (3, 11), "good"), ("8.2", (3, 12), "doubtful"),
     ("9.0.0", (3, 13), "good"), ("9.0.0", (3, 14), "doubtful")],
)  # fmt: skip
def test_python_is_held_against_cann(npu_machine: Machine, cann: str, python: tuple[int, int], state: str) -> None:
    (npu_machine.path(npu_machine.environment["ASCEND_HOME_PATH"]) / "version.cfg").write_text(f"Version={cann}\n")
    machine = Machine(npu_machine.root, npu_machine.environment, npu_machine.groups, python)

    assert ascend.check_cann(machine).state == state


def test_a_missing_pyacl_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)

    finding = check_acl()
    assert (finding.state, finding.found) == (State.BAD, "No module named 'acl'")


def test_another_module_named_acl_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "acl.py").write_text("import sys\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    finding = check_acl()
    assert finding.found == f"{tmp_path}/acl.py is another module named acl"
    assert "pip uninstall acl" in finding.advice


def test_a_pyacl_that_crashes_the_process_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "acl.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    assert check_acl().found == "importing it ended the process (-11)"


def test_the_right_pyacl_is_named_with_its_chip(processes: ProcessReports) -> None:
    finding = check_acl()

    assert finding.state is State.GOOD
    assert finding.found.endswith("tests/acl_simulator/acl.py, Ascend310P3")


# General checks


@pytest.fixture
def static_pack(tmp_path: Path) -> Path:
    return write_tone_pack(tmp_path / "tones", static=True)


def as_offline(onnx_pack: Path, folder: Path, acoustic: str = "") -> Path:
    """The same pack with fake offline models; ``acoustic`` replaces its key ``blank_id``."""
    shutil.copytree(onnx_pack, folder)
    for name in ("acoustic", "language"):
        om.write_om(om.offline_model(folder / f"{name}.onnx"), folder / f"{name}.om")
        (folder / f"{name}.onnx").unlink()
    manifest = (folder / "pack.toml").read_text().replace(".onnx", ".om").replace('"onnx"', '"ascend"')
    (folder / "pack.toml").write_text(manifest.split("[files]")[0].replace("blank_id = 5", acoustic or "blank_id = 5"))
    seal_pack(folder)
    return folder


def golden_of(pack: Path, target: Path, syllables: tuple[int, ...] = (0, 1, 4, 3)) -> None:
    pcm = np.concatenate([hiss(0.3), *(np.concatenate([tone(each, 0.4), hiss(0.2)]) for each in syllables)])
    with load_models(load_pack(pack), RecognizerSettings()) as models:
        write_golden(target, [listen(models, "tones", pcm)])


def on_npu(folder: Path) -> dict[str, Finding]:
    settings = RecognizerSettings(pack=str(folder), ascend=AscendSettings(retry_pause_ms=0))
    return {finding.name: finding for finding in check_ascend_pack(settings)}


def run(*arguments: str) -> tuple[int, dict[str, dict[str, str]]]:
    outcome = CliRunner().invoke(app, ["--json", *arguments], catch_exceptions=False)
    return outcome.exit_code, {line["name"]: line for line in map(json.loads, outcome.stdout.splitlines())}


def test_the_pack_runs_on_the_npu_and_agrees_with_its_golden_inputs(
    static_pack: Path, tmp_path: Path, processes: ProcessReports
) -> None:
    folder = as_offline(static_pack, tmp_path / "offline")
    golden_of(static_pack, folder / GOLDEN_NAME)
    seal_pack(folder)

    _, found = run("--ascend", "--pack", str(folder))
    assert found["NPU"]["found"] == "Ascend310P3 0: tones 1 loaded, log-probabilities"
    assert found["golden inputs"]["state"] == "good"
    assert "100.0% of steps agree, scores differ by 0.000" in found["golden inputs"]["found"]


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
    folder = as_offline(static_pack, tmp_path / "offline")
    golden_of(static_pack, folder / GOLDEN_NAME)
    with np.load(folder / GOLDEN_NAME) as arrays:
        content = dict(arrays)
    content["000_scores"] = content["000_scores"] - 0.5
    np.savez_compressed(folder / GOLDEN_NAME, allow_pickle=False, **content)
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
    wrong = as_offline(bare, tmp_path / "wrong", "first_id = 1\nblank_id = 6")

    finding = on_npu(wrong)["syllable ids"]
    assert finding.state is State.BAD
    assert found in finding.found
    assert finding.advice.startswith("import the models again with --am-first-id 0")


def test_a_device_that_fails_is_told(static_pack: Path, tmp_path: Path, processes: ProcessReports) -> None:
    processes.inject("rt.set_device:1+:107001")
    folder = as_offline(static_pack, tmp_path / "offline")

    [finding] = on_npu(folder).values()
    assert finding.state is State.BAD
    assert "failed 3 times in a row" in finding.found
    assert "107001, INVALID_DEVICEID" in finding.found


def test_without_ascend_only_the_general_checks_run(static_pack: Path) -> None:
    _, found = run("--pack", str(static_pack))

    names = ["Python", "libraries", "audio", "ffmpeg", f"pack {static_pack}", "disk", "store", "MQTT", "outbox"]
    assert list(found) == names
    assert found[f"pack {static_pack}"]["found"].endswith("both models load, with scores")


def test_a_broken_pack_is_bad_and_the_exit_code_says_so(static_pack: Path) -> None:
    (static_pack / "language.onnx").write_bytes(b"")

    outcome = CliRunner().invoke(app, ["--pack", str(static_pack)], catch_exceptions=False)
    assert outcome.exit_code == 1
    assert "✗ pack" in outcome.stdout
    assert "→ " in outcome.stdout


def test_text_from_outside_is_no_markup(tmp_path: Path) -> None:
    outcome = CliRunner().invoke(app, ["--pack", str(tmp_path / "[red]x[/]")], catch_exceptions=False)

    assert "[red]x[/]" in outcome.stdout
