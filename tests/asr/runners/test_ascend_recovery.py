"""A device or a worker process that fails, and what becomes of the utterance."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from streamer.asr.runners.ascend import AscendDevice
from streamer.errors import AscendError
from streamer.settings.ascend import AscendSettings
from tests.acl_simulator.fixtures import ProcessReports, TinyFiles
from tests.asr.runners.devices import SYLLABLES, Launches, load
from tests.asr.runners.test_ascend_faults import CALLS, RELEASES
from tests.asr.runners.test_ascend_model import assert_same, feeds, onnx_outputs


def test_a_device_fault_is_recovered_in_a_new_process(
    device: AscendDevice, launches: Launches, tiny_files: TinyFiles, processes: ProcessReports, pauses: list[float]
) -> None:
    processes.inject("rt.synchronize_stream_with_timeout:2:507015", once=True)
    runner = load(device, tiny_files.language)
    expected = onnx_outputs(tiny_files.language_onnx, SYLLABLES)

    for _ in range(3):
        assert_same(runner.run(SYLLABLES), expected)
    runner.close()
    assert len(launches.processes) == 2
    assert len({process.pid for process in launches.processes}) == 2
    assert (device.statistics.runs, device.statistics.failures, device.statistics.replacements) == (3, 1, 1)
    assert "507015, AICORE_EXCEPTION" in device.statistics.last_failure
    assert pauses == [0.5]


@pytest.mark.slow
@pytest.mark.parametrize("which", [1, 2])
@pytest.mark.parametrize("api", [api for api in CALLS if api not in RELEASES])
def test_every_call_that_fails_once_is_recovered(
    api: str, which: int, device: AscendDevice, tiny_files: TinyFiles, processes: ProcessReports
) -> None:
    processes.inject(f"{api}:{which}:507899", once=True)
    acoustic, language = load(device, tiny_files.acoustic), load(device, tiny_files.language)

    for _ in range(2):
        assert_same(acoustic.run(feeds()), onnx_outputs(tiny_files.acoustic_onnx, feeds()))
        assert_same(language.run(SYLLABLES), onnx_outputs(tiny_files.language_onnx, SYLLABLES))
    made_once = {"init", "rt.set_device", "rt.get_run_mode", "rt.create_context", "rt.create_stream"}
    assert device.statistics.failures == (0 if which == 2 and api in made_once else 1)
    language.close()
    acoustic.close()


def test_what_a_failed_device_cannot_release_is_no_warning(
    device: AscendDevice, tiny_files: TinyFiles, processes: ProcessReports, caplog: pytest.LogCaptureFixture
) -> None:
    """Its one is enough on a screen with captions."""
    processes.inject("rt.synchronize_stream_with_timeout:1:507015", once=True)
    load(device, tiny_files.language).run(SYLLABLES)

    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert [text.partition(":")[0] for text in warnings] == ["the Ascend device failed, its worker process is replaced"]


def test_a_device_that_fails_every_time_is_an_error_after_all_tries(
    device: AscendDevice, launches: Launches, tiny_files: TinyFiles, processes: ProcessReports, pauses: list[float]
) -> None:
    processes.inject("mdl.execute_async:1+:507011")
    runner = load(device, tiny_files.language)

    with pytest.raises(
        AscendError, match=r"failed 3 times in a row, the last time: acl.mdl.execute_async returned 50701"
    ):
        runner.run(SYLLABLES)
    assert (len(launches.processes), pauses) == (3, [0.5, 1.0])
    assert [report["leftovers"] for report in processes.lines()] == [[], [], []]


def test_the_next_utterance_tries_again_after_the_device_came_back(
    device: AscendDevice, tiny_files: TinyFiles, processes: ProcessReports
) -> None:
    processes.inject("mdl.execute_async:1+:507011")
    runner = load(device, tiny_files.language)
    with pytest.raises(AscendError):
        runner.run(SYLLABLES)
    processes.inject("")

    assert_same(runner.run(SYLLABLES), onnx_outputs(tiny_files.language_onnx, SYLLABLES))


def test_a_worker_that_dies_is_replaced(device: AscendDevice, launches: Launches, tiny_files: TinyFiles) -> None:
    runner = load(device, tiny_files.language)
    os.kill(launches.processes[0].pid, signal.SIGKILL)

    assert_same(runner.run(SYLLABLES), onnx_outputs(tiny_files.language_onnx, SYLLABLES))
    assert "died during run (SIGKILL)" in device.statistics.last_failure


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_to_all_processes_is_for_the_supervisor_alone(
    device: AscendDevice, launches: Launches, tiny_files: TinyFiles, number: signal.Signals
) -> None:
    """As of systemd, which stops a service: what was said last is decoded after it."""
    runner = load(device, tiny_files.language)
    os.kill(launches.processes[0].pid, number)

    assert_same(runner.run(SYLLABLES), onnx_outputs(tiny_files.language_onnx, SYLLABLES))
    assert device.statistics.replacements == 0


@pytest.mark.parametrize("lacking", ["python", "room"])
def test_a_worker_that_cannot_be_started_is_a_failure_of_the_device(
    device: AscendDevice, tiny_files: TinyFiles, monkeypatch: pytest.MonkeyPatch, lacking: str
) -> None:
    if lacking == "python":
        monkeypatch.setattr(sys, "executable", "/nowhere/python")
    else:
        monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    before = psutil.Process().num_fds()

    with pytest.raises(
        AscendError,
        match=r"failed 3 times in a row, the last time: no process can be started that works with the Ascend device: "
        "No such file or directory",
    ):
        load(device, tiny_files.language)
    assert psutil.Process().num_fds() == before


def test_what_lies_in_the_current_folder_is_not_imported(
    device: AscendDevice, tiny_files: TinyFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "socket.py").write_text("raise SystemExit('another socket')\n")
    monkeypatch.chdir(tmp_path)

    assert_same(load(device, tiny_files.language).run(SYLLABLES), onnx_outputs(tiny_files.language_onnx, SYLLABLES))


def test_a_worker_that_hangs_is_killed_and_replaced(
    processes: ProcessReports, launches: Launches, tiny_files: TinyFiles
) -> None:
    processes.inject("mdl.execute_async:1:hang", once=True)
    settings = AscendSettings(timeout_ms=100)
    device = AscendDevice(settings, launch=launches, pause=lambda _: None, grace_s=0.5)
    runner = load(device, tiny_files.language)

    assert_same(runner.run(SYLLABLES), onnx_outputs(tiny_files.language_onnx, SYLLABLES))
    assert "did not answer within 0.6 s (run)" in device.statistics.last_failure
    assert not psutil.pid_exists(launches.processes[0].pid)
    runner.close()


@pytest.mark.parametrize(("has_fallback", "starts"), [(True, 1), (False, 2)])
def test_a_start_that_hangs_is_not_tried_again_where_something_else_can_decode(
    processes: ProcessReports, launches: Launches, tiny_files: TinyFiles, *, has_fallback: bool, starts: int
) -> None:
    processes.inject("rt.set_device:1:hang")
    settings = AscendSettings(start_timeout_s=1, retries=1)
    device = AscendDevice(settings, launch=launches, pause=lambda _: None, has_fallback=has_fallback)

    with pytest.raises(AscendError, match=r"did not answer within 1 s \(start\); it was killed"):
        load(device, tiny_files.language)
    assert len(launches.processes) == starts


def test_a_worker_that_is_stopped_before_it_reads_is_replaced(
    device: AscendDevice, launches: Launches, tiny_files: TinyFiles
) -> None:
    """The features are larger than what the socket holds, so that sending them would wait for ever."""
    small = AscendDevice(AscendSettings(timeout_ms=100), launch=lambda: launches(1), pause=lambda _: None, grace_s=0.1)
    runner = load(small, tiny_files.acoustic)
    os.kill(launches.processes[0].pid, signal.SIGSTOP)

    assert_same(runner.run(feeds()), onnx_outputs(tiny_files.acoustic_onnx, feeds()))
    runner.close()
