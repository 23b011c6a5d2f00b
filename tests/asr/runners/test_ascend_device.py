from __future__ import annotations

import gc
import os
import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest

from streamer.asr.runners import open_runner
from streamer.asr.runners.ascend import AscendDevice
from streamer.errors import AscendError, MissingDependencyError, PackError, RecognizerError
from streamer.settings.ascend import AscendSettings
from streamer.system.memory import give_memory_back
from tests.acl_simulator.fixtures import ProcessReports, TinyFiles
from tests.asr.runners.devices import SETTINGS, SYLLABLES, Launches, load
from tests.asr.runners.test_ascend_model import assert_same, feeds, onnx_outputs


def test_two_models_share_one_process_and_give_what_onnx_runtime_gives(
    device: AscendDevice, launches: Launches, tiny_files: TinyFiles, processes: ProcessReports
) -> None:
    acoustic, language = load(device, tiny_files.acoustic), load(device, tiny_files.language)

    assert_same(acoustic.run(feeds()), onnx_outputs(tiny_files.acoustic_onnx, feeds()))
    assert_same(language.run(SYLLABLES), onnx_outputs(tiny_files.language_onnx, SYLLABLES))
    language.close()
    acoustic.close()
    assert len(launches.processes) == 1
    [report] = processes.lines()
    assert report["calls"]["init"] == report["calls"]["finalize_reference"] == 1
    assert device.soc_name == "Ascend310P3"


def test_an_input_that_does_not_fit_costs_no_process(
    device: AscendDevice, launches: Launches, tiny_files: TinyFiles
) -> None:
    runner = load(device, tiny_files.language)
    with pytest.raises(RecognizerError, match=r"inputs is int32\[1, 250\], expected int32\[1, 251\]"):
        runner.run({"inputs": np.zeros((1, 250), np.int32)})

    assert_same(runner.run(SYLLABLES), onnx_outputs(tiny_files.language_onnx, SYLLABLES))
    assert len(launches.processes) == 1


def test_a_model_that_does_not_fit_is_refused_at_once(
    device: AscendDevice, launches: Launches, tiny_files: TinyFiles, altered: Callable[..., Path]
) -> None:
    with pytest.raises(PackError, match=r"batch gears \[1, 2\]"):
        load(device, altered(tiny_files.language_onnx, gears=(1, 2)))

    assert len(launches.processes) == 1
    assert not psutil.pid_exists(launches.processes[0].pid)


def test_a_missing_file_starts_no_process(device: AscendDevice, launches: Launches, tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"model file not found: .*none.om"):
        load(device, tmp_path / "none.om")

    assert launches.processes == []


def test_a_file_exchanged_under_a_running_program_is_noticed(
    device: AscendDevice, launches: Launches, tiny_files: TinyFiles, tmp_path: Path
) -> None:
    path = tmp_path / "model.om"
    path.write_bytes(tiny_files.language.read_bytes())
    runner = load(device, path)
    path.write_bytes(tiny_files.acoustic.read_bytes())
    os.kill(launches.processes[0].pid, signal.SIGKILL)

    with pytest.raises(AscendError, match=r"cannot be loaded again .*model.om changed while it was in use"):
        runner.run(SYLLABLES)


def test_without_pyacl_the_error_says_what_to_do(tiny_files: TinyFiles, launches: Launches) -> None:
    device = AscendDevice(AscendSettings(), launch=launches, pause=lambda _: None)

    with pytest.raises(MissingDependencyError, match=r"pyACL cannot be imported .*set_env.sh"):
        load(device, tiny_files.language)
    assert len(launches.processes) == 1


def test_the_worker_ends_when_its_supervisor_is_gone(
    device: AscendDevice, launches: Launches, tiny_files: TinyFiles, processes: ProcessReports
) -> None:
    load(device, tiny_files.language)
    [worker] = launches.processes
    worker._connection.close()

    psutil.Process(worker.pid).wait(10)
    [report] = processes.lines()
    assert report["leftovers"] == []
    worker.kill()


def test_ctrl_c_does_not_reach_the_worker(device: AscendDevice, launches: Launches, tiny_files: TinyFiles) -> None:
    runner = load(device, tiny_files.language)
    os.kill(launches.processes[0].pid, signal.SIGINT)

    runner.run(SYLLABLES)
    assert device.statistics.failures == 0
    assert os.getpgid(launches.processes[0].pid) != os.getpgid(0)


def test_failures_while_releasing_are_told(
    device: AscendDevice, tiny_files: TinyFiles, processes: ProcessReports, caplog: pytest.LogCaptureFixture
) -> None:
    processes.inject("rt.free_host:1:507899")
    load(device, tiny_files.language).close()

    [line] = caplog.messages
    assert "releasing the Ascend device: acl.rt.free_host returned 507899" in line


def test_closing_twice_is_safe_and_a_closed_model_says_so(device: AscendDevice, tiny_files: TinyFiles) -> None:
    runner = load(device, tiny_files.language)
    runner.close()
    runner.close()
    device.close()

    with pytest.raises(RecognizerError, match=r"language.om is closed"):
        runner.run(SYLLABLES)


def test_only_offline_models_are_opened(device: AscendDevice, tiny_files: TinyFiles) -> None:
    with pytest.raises(PackError, match=r"language.onnx: an Ascend device runs offline models only"):
        device.open_runner("onnx", tiny_files.language_onnx, SETTINGS)


def test_a_pack_asks_for_this_runner_by_its_name(processes: ProcessReports, tiny_files: TinyFiles) -> None:
    runner = open_runner("ascend", tiny_files.language, SETTINGS)

    assert [spec.name for spec in runner.outputs] == ["ids"]
    runner.close()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_ten_thousand_utterances_leave_all_memory_flat(
    device: AscendDevice, launches: Launches, tiny_files: TinyFiles, processes: ProcessReports
) -> None:
    acoustic, language = load(device, tiny_files.acoustic), load(device, tiny_files.language)
    ours, theirs = psutil.Process(), psutil.Process(launches.processes[0].pid)

    def measure(count: int) -> tuple[int, int]:
        for _ in range(count):
            language.run({"inputs": acoustic.run(feeds())["ids"]})
        gc.collect()  # what other tests left in this process is not the device's
        give_memory_back()
        return ours.memory_info().rss, theirs.memory_info().rss

    before = measure(1000)
    after = measure(10_000)
    language.close()
    acoustic.close()

    assert [new - old < 2 << 20 for new, old in zip(after, before, strict=True)] == [True, True]
    [report] = processes.lines()
    tensors = [1001 * 80 * 4, 4, 251 * 4, 251 * 80 * 4, 251 * 4, 252 * 4]
    models = sum(path.stat().st_size + (1 << 20) for path in (tiny_files.acoustic_onnx, tiny_files.language_onnx))
    assert report["host_peak"] == sum(tensors)
    assert report["device_peak"] == models + sum((size + 31) // 32 * 32 + 32 for size in tensors)
