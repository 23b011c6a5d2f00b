from __future__ import annotations

import os
from pathlib import Path

import pytest

from streamer.doctor import ascend
from streamer.doctor.finding import Finding, State, good
from streamer.doctor.machine import Machine
from streamer.doctor.probe import check_acl
from tests.acl_simulator.fixtures import ProcessReports

ROOT = Path(__file__).parents[2]
NODES = ("davinci0", "davinci_manager", "devmm_svm", "hisi_hdc")


@pytest.fixture
def npu_machine(tmp_path: Path) -> Machine:
    """A machine on which everything is as it should be."""
    for node in NODES:
        (tmp_path / "dev").mkdir(exist_ok=True)
        (tmp_path / "dev" / node).touch()
    home = tmp_path / "usr/local/Ascend/ascend-toolkit/latest"
    (home / "opp").mkdir(parents=True)
    (home / "version.cfg").write_text("# version: 1.0\nruntime_running_version=[7.6.0.1.220:8.0.0]\n")
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
    assert (found["CANN"].state, found["CANN"].found) == (State.GOOD, "8.0.0, Python 3.11")


def test_a_board_with_an_npu_of_its_own_has_other_nodes(npu_machine: Machine) -> None:
    for node in ("devmm_svm", "hisi_hdc"):
        npu_machine.path(f"/dev/{node}").unlink()
    npu_machine.path("/dev/svm0").touch()

    assert ascend.check_nodes(npu_machine, 0) == good("devices", "davinci0; may be opened")


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


def test_the_version_of_cann_is_not_that_of_a_part_of_it(npu_machine: Machine) -> None:
    home = npu_machine.path(npu_machine.environment["ASCEND_HOME_PATH"])
    (home / "version.cfg").unlink()
    (home / "version.info").write_text("Version=7.6.0.1.220\nversion_dir=8.0.0\ntimestamp=20250113_1\n")

    finding = ascend.check_cann(npu_machine)
    assert (finding.state, finding.found) == (State.GOOD, "8.0.0, Python 3.11")


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
    monkeypatch.setenv("PYTHONPATH", str(ROOT))

    finding = check_acl()
    assert (finding.state, finding.found) == (State.BAD, "No module named 'acl'")


def test_another_module_named_acl_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "acl.py").write_text("import sys\n")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{ROOT}")

    finding = check_acl()
    assert finding.found == f"{tmp_path}/acl.py is another module named acl"
    assert "pip uninstall acl" in finding.advice


def test_a_module_named_acl_in_the_current_folder_is_passed_over(
    processes: ProcessReports, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "acl.py").touch()
    monkeypatch.chdir(tmp_path)

    assert check_acl().state is State.GOOD


def test_a_pyacl_that_crashes_the_process_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "acl.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{ROOT}")

    assert check_acl().found == "importing it ended the process (-11)"


def test_what_its_libraries_print_before_and_after_is_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = "os.write(1, '[日志] '.encode('gbk'))"
    (tmp_path / "acl.py").write_text(f"import atexit, os\n{noise}\natexit.register(lambda: {noise})\n")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{ROOT}")

    assert check_acl().found == f"{tmp_path}/acl.py is another module named acl"


def test_the_right_pyacl_is_named_with_its_chip(processes: ProcessReports) -> None:
    finding = check_acl()

    assert finding.state is State.GOOD
    assert finding.found.endswith("tests/acl_simulator/acl.py, Ascend310P3")
