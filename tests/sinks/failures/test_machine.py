from __future__ import annotations

import resource
import sys
from pathlib import Path

import pytest

from streamer.asr.runners import open_runner
from streamer.asr.runners.ascend.api import import_acl
from streamer.errors import shortage
from streamer.settings.minutes import MinutesSettings
from streamer.settings.recognizer import RecognizerSettings
from streamer.sinks.failures.failure import told_failure
from streamer.sinks.messages import CHINESE
from streamer.sinks.minutes.files import check_formats
from streamer.system.installation import install_command, package_command
from streamer.system.open_files import allow_open_files
from tests.sinks.failures.failing import chinese


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (MemoryError(), "内存不足；请结束别的程序，或提高本程序的上限（ulimit -v）"),
        (MemoryError("3 GiB"), "内存不足（3 GiB）；请结束别的程序，或提高本程序的上限（ulimit -v）"),
    ],
)
def test_memory(error: MemoryError, told: str) -> None:
    assert told_failure(str(shortage(error)), CHINESE) == told


def test_open_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (16, 64))

    assert chinese(lambda: allow_open_files(2000)) == (
        "最多只能同时打开 64 个文件，至少需要 2000 个：请提高上限，以 root 身份在本命令之前用 `ulimit -n 2000`，"
        "给用户用 /etc/security/limits.conf，给服务用 LimitNOFILE=2000"
    )


def test_the_runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "streamer.asr.runners.onnx", raising=False)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)

    assert chinese(lambda: open_runner("onnx", tmp_path / "x.onnx", RecognizerSettings())) == (
        "无法加载 ONNX Runtime（import of onnxruntime halted; None in sys.modules）；请补上缺少的文件，或重新安装："
        f"{package_command('onnxruntime')}"
    )


def test_word_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "docx", None)

    assert chinese(lambda: check_formats(MinutesSettings(formats=("docx",)))) == (
        f"DOCX 文件需要 python-docx：{install_command('docx')}\n或从 [minutes] formats 里去掉 docx"
    )


def test_the_library_of_the_npu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "acl", None)

    assert chinese(import_acl) == (
        "无法导入昇腾的 pyACL（import of acl halted; None in sys.modules）；请安装 CANN，并在 streamer 之前运行 "
        "`source /usr/local/Ascend/ascend-toolkit/set_env.sh`（`streamer doctor --ascend` 说明更多）"
    )
