"""Why an Ascend NPU does not run a model, in Chinese; its codes keep their names, by which they are looked up."""

from __future__ import annotations

from typing import Final

from streamer.sinks.failures.system import SYSTEM
from streamer.sinks.sayings import Sayings

_ADVICE = Sayings(
    (rf"{said}(?P<told>(?: \(.*\))?)", f"{chinese}{{told}}")
    for said, chinese in (
        (
            r"libascendcl\.so is CANN's stub for compiling; source CANN's set_env\.sh so that the real one comes first",
            "libascendcl.so 是 CANN 编译用的桩库；请 source CANN 的 set_env.sh，让真正的库排在前面",
        ),
        (
            r"no such device, or the driver is not loaded; check `npu-smi info` and recognizer\.ascend\.device_id",
            "没有这个设备，或驱动没有加载；请检查 `npu-smi info` 和 recognizer.ascend.device_id",
        ),
        ("this thread has no context", "这个线程没有 context"),
        ("the model file is missing or unreadable", "模型文件不存在或读不了"),
        (
            r"the model file is truncated or no offline model; copy or convert it again",
            "模型文件不完整，或不是离线模型；请重新复制或转换",
        ),
        (
            r"ASCEND_OPP_PATH is unset or wrong; source CANN's set_env\.sh",
            "ASCEND_OPP_PATH 没有设置或不对；请 source CANN 的 set_env.sh",
        ),
        (
            (
                r"the device is out of memory; see `npu-smi info` for who holds it, or set "
                r'recognizer\.ascend\.memory_policy = "normal_only"'
            ),
            '设备内存不足；`npu-smi info` 可看谁占用了它，或设置 recognizer.ascend.memory_policy = "normal_only"',
        ),
        (
            r"no device; check `npu-smi info` and, in a container, its --device flags",
            "没有设备；请检查 `npu-smi info`，在容器中还有它的 --device 选项",
        ),
        (r"no permission; the user must be in group HwHiAiUser", "没有权限；用户必须属于 HwHiAiUser 组"),
        (
            r"an inner error; check that driver, firmware and CANN fit together",
            "内部错误；请检查驱动、固件与 CANN 是否匹配",
        ),
        (
            (
                r"the \.om was built for another chip or by a newer CANN; convert it again on this machine "
                r"\(`streamer models atc PACK --soc-version …`, the value of `npu-smi info`\)"
            ),
            (
                "这个 .om 是为别的芯片、或用更新的 CANN 转换的；请在这台机器上重新转换"
                "（`streamer models atc PACK --soc-version …`，值见 `npu-smi info`）"
            ),
        ),
        (
            r"the model failed while running; often a \.om for another chip; see ~/ascend/log/debug/plog",
            "模型运行失败；往往是为别的芯片转换的 .om；请看 ~/ascend/log/debug/plog",
        ),
        (
            r"the device did not start; another process or container may hold it",
            "设备没有启动；可能被别的进程或容器占用",
        ),
        (
            r"the device did not answer in time \(recognizer\.ascend\.timeout_ms\)",
            "设备没有及时应答（recognizer.ascend.timeout_ms）",
        ),
        (r"the driver is absent or failed; check `npu-smi info`", "驱动不存在或出错；请检查 `npu-smi info`"),
        ("the link to the device was lost", "与设备的连接断开"),
        (
            r"a fault on the device; details are in ~/ascend/log/debug/plog; the worker process is replaced",
            "设备出错；细节在 ~/ascend/log/debug/plog；工作进程已更换",
        ),
    )
)

_ABOUT = Sayings(
    (
        ("", " "),
        (r" of (?P<size>\d+) bytes", "（{size} 字节）"),
        (r" of (?P<path>.*)", "（{path}）"),
    )
)

_WORK = Sayings((("start", "启动"), ("load", "加载模型"), ("run", "运行"), ("stop", "停止")))


def _failed(failure: str) -> str:
    return NPU.chinese(failure)


NPU: Final = Sayings(
    (
        (
            r"the Ascend device failed (?P<count>\d+) times in a row, the last time: (?P<failure>.*)",
            "昇腾设备连续 {count} 次失败，最近一次：{failure}",
        ),
        (r"the Ascend device failed: (?P<failure>.*)", "昇腾设备失败：{failure}"),
        (
            r"the model cannot be loaded again after the device failed: (?P<failure>.*)",
            "设备失败后，模型无法重新加载：{failure}",
        ),
        (
            r"(?P<api>acl\.\S+)(?P<about>.*?) returned (?P<code>\d+), (?P<name>\w+): (?P<advice>.*)",
            "{api}{about}返回 {code}，{name}：{advice}",
        ),
        (
            r"(?P<api>acl\.\S+)(?P<about>.*?) returned (?P<code>\d+), (?P<name>\w+)(?P<told>(?: \(.*\))?)",
            "{api}{about}返回 {code}，{name}{told}",
        ),
        (
            r"no process can be started that works with the Ascend device: (?P<error>.*)",
            "无法启动操作昇腾设备的进程：{error}",
        ),
        (
            r"the Ascend worker process did not answer within (?P<seconds>\S+) s \((?P<work>\w+)\); it was killed",
            "昇腾工作进程在{work}时 {seconds} 秒没有应答，已结束它",
        ),
        (
            r"(?P<path>.*) changed while it was in use: found (?P<found>.*), expected (?P<before>.*)",
            "{path} 在使用中变了：现为 {found}，应为 {before}",
        ),
        (
            r"the Ascend worker process died during (?P<work>\w+)(?P<why>.*)",
            "昇腾工作进程在{work}时意外结束{why}",
        ),
        (
            (
                r"(?P<file>.*) is not Ascend's pyACL \(it has no acl\.rt and acl\.mdl; PyPI has other packages named "
                r"acl\): "
                r"uninstall it, and source CANN's set_env\.sh before starting"
            ),
            (
                "{file} 不是昇腾的 pyACL（没有 acl.rt 和 acl.mdl；PyPI 上有同名的包）：请卸载它，并在启动前 source "
                "CANN "
                "的 set_env.sh"
            ),
        ),
        (
            r"(?P<file>.*): an Ascend device runs offline models only, the pack says runner = (?P<runner>.*)",
            "{file}：昇腾设备只运行离线模型，而模型包写的是 runner = {runner}",
        ),
        (
            r"(?P<path>.*) is no offline model: it begins with (?P<found>.*), expected (?P<magic>\S+) \(.*\)",
            (
                "{path} 不是离线模型：开头是 {found}，应为 {magic}（离线模型由 `atc` 生成；Git LFS "
                "指针或没有下载完的文件也会这样）"
            ),
        ),
    ),
    {
        "about": _ABOUT.chinese,
        "failure": _failed,
        "advice": _ADVICE.chinese,
        "work": _WORK.chinese,
        "error": SYSTEM.chinese,
    },
)
"""Errors of the device, and of the process that works with it."""
