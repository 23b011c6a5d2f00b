from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from streamer.asr.runners.ascend import AscendDevice
from streamer.asr.runners.ascend.api import Acl
from streamer.asr.runners.ascend.codes import _ADVICE
from streamer.asr.runners.ascend.messages import Load, Request, Start, Stop
from streamer.asr.runners.ascend.process import WorkerProcess
from streamer.packs.offline import check_offline
from streamer.settings.ascend import AscendSettings
from streamer.sinks.failures.npu import NPU
from tests.acl_simulator.fixtures import ProcessReports, TinyFiles, processes, tiny_files
from tests.asr.runners.devices import SETTINGS, SYLLABLES, Launches, load
from tests.sinks.failures.failing import chinese

__all__ = ["processes", "tiny_files"]


def acl(recent: str | None = None) -> Acl:
    """A library whose calls fail, with what it says of that."""
    module: Any = SimpleNamespace(init=None, rt=None, mdl=None, get_recent_err_msg=lambda: recent)
    return Acl(module)


def test_codes() -> None:
    told = {code: NPU.chinese(str(acl()._failure("acl.rt.malloc", code, " of 8 bytes"))) for code in _ADVICE}

    assert told[207004] == (
        "acl.rt.malloc（8 字节）返回 207004，NO_DEVICE：没有设备；请检查 `npu-smi info`，在容器中还有它的 --device 选项"
    )
    assert [code for code, text in told.items() if text.split("：", 1)[1].isascii()] == []
    assert NPU.chinese(str(acl("E10001")._failure("acl.init", 507046))) == (
        "acl.init 返回 507046，STREAM_SYNC_TIMEOUT：设备没有及时应答（recognizer.ascend.timeout_ms） (E10001)"
    )
    assert NPU.chinese(str(acl("E1")._failure("acl.init", 1))) == "acl.init 返回 1，undocumented (E1)"


def opened(launches: Launches) -> AscendDevice:
    return AscendDevice(AscendSettings(), launch=launches, pause=lambda _: None, grace_s=0.5)


def test_a_device_that_fails_every_time(tiny_files: TinyFiles, processes: ProcessReports) -> None:
    processes.inject("mdl.execute_async:1+:507011")
    device = opened(Launches())
    runner = load(device, tiny_files.language)
    told = chinese(lambda: runner.run(SYLLABLES))
    device.close()

    assert told.startswith(
        "昇腾设备连续 3 次失败，最近一次：acl.mdl.execute_async 返回 507011，MODEL_EXECUTE：模型运行失败；"
    )


def test_a_device_that_fails_once_where_another_takes_its_place(
    tiny_files: TinyFiles, processes: ProcessReports
) -> None:
    processes.inject("rt.set_device:1+:107001")
    device = AscendDevice(AscendSettings(retries=0), launch=Launches(), pause=lambda _: None, grace_s=0.5)
    told = chinese(lambda: load(device, tiny_files.language))
    device.close()

    assert told.startswith(
        "昇腾设备失败：acl.rt.set_device 返回 107001，INVALID_DEVICEID：没有这个设备，或驱动没有加载；"
    )


def test_a_worker_that_dies_or_hangs(tiny_files: TinyFiles, processes: ProcessReports) -> None:
    launches = Launches()
    device = AscendDevice(AscendSettings(retries=0), launch=launches, pause=lambda _: None, grace_s=0.5)
    runner = load(device, tiny_files.language)
    os.kill(launches.processes[0].pid, signal.SIGKILL)
    died = chinese(lambda: runner.run(SYLLABLES))
    processes.inject("mdl.execute_async:1:hang")
    device._run_timeout_s = 0.5
    hung = chinese(lambda: runner.run(SYLLABLES))
    device.close()

    assert died == "昇腾设备失败：昇腾工作进程在运行时意外结束 (SIGKILL)"
    assert hung == "昇腾设备失败：昇腾工作进程在运行时 0.5 秒没有应答，已结束它"


def test_a_model_that_was_changed_meanwhile(tmp_path: Path, tiny_files: TinyFiles, processes: ProcessReports) -> None:
    launches, path = Launches(), tmp_path / "x.om"
    device = opened(launches)
    shutil.copy(tiny_files.language, path)
    runner = load(device, path)
    os.kill(launches.processes[0].pid, signal.SIGKILL)
    shutil.copy(tiny_files.acoustic, path)
    changed = chinese(lambda: runner.run(SYLLABLES))
    path.write_bytes(b"no model")
    damaged = chinese(lambda: load(device, path))
    device.close()

    assert changed.startswith(f"设备失败后，模型无法重新加载：{path} 在使用中变了：现为 ")
    assert damaged.startswith(
        f"昇腾设备连续 3 次失败，最近一次：acl.mdl.load_from_file（{path}）返回 145006，EXEC_MODEL_DATA_SIZE_INVALID："
        "模型文件不完整，或不是离线模型；请重新复制或转换"
    )


def test_a_process_that_cannot_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(subprocess, "Popen", refuse)

    assert chinese(lambda: WorkerProcess(1)) == "无法启动操作昇腾设备的进程：内存不足"


def test_another_module_of_its_name() -> None:
    module: Any = SimpleNamespace(__file__="/a/acl.py")

    assert chinese(lambda: Acl(module)) == (
        "/a/acl.py 不是昇腾的 pyACL（没有 acl.rt 和 acl.mdl；PyPI 上有同名的包）：请卸载它，并在启动前 source CANN 的 "
        "set_env.sh"
    )


def test_a_model_of_another_kind(tmp_path: Path, tiny_files: TinyFiles) -> None:
    device, path = opened(Launches()), tmp_path / "x.om"
    path.write_bytes(b"no model")

    assert chinese(lambda: check_offline(path)) == (
        f"{path} 不是离线模型：开头是 b'no m'，应为 b'IMOD'（离线模型由 `atc` 生成；Git LFS "
        f"指针或没有下载完的文件也会这样）"
    )
    assert chinese(lambda: device.open_runner("onnx", tiny_files.language, SETTINGS)) == (
        f"{tiny_files.language.name}：昇腾设备只运行离线模型，而模型包写的是 runner = 'onnx'"
    )


@pytest.mark.parametrize(
    ("request_", "work"), [(Start(AscendSettings()), "启动"), (Load("x.om"), "加载模型"), (Stop(), "停止")]
)
def test_a_worker_that_does_not_answer(request_: Request, work: str, processes: ProcessReports) -> None:
    worker = WorkerProcess(10)
    told = chinese(lambda: worker._exchange(request_, 0.0))
    worker.kill()

    assert told == f"昇腾工作进程在{work}时 0 秒没有应答，已结束它"
