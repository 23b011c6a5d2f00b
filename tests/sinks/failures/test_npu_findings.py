from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from streamer.arrays import save_arrays
from streamer.asr.packwriter import seal_pack
from streamer.doctor import ascend, probe
from streamer.doctor.machine import Machine
from streamer.doctor.probe import check_acl
from streamer.packs.golden import GOLDEN_NAME
from streamer.sinks.failures.findings import NAMES
from tests.acl_simulator.copies import offline_copy
from tests.acl_simulator.fixtures import ProcessReports, processes
from tests.commands.doctoring import static_pack
from tests.commands.test_doctor_ascend import ROOT, changed, checks, npu_machine
from tests.commands.test_doctor_pack import golden_of, on_npu
from tests.sinks.failures.finding import told
from tests.tonepack import rewrite_manifest, write_tone_pack

__all__ = ["npu_machine", "processes", "static_pack"]

SOURCE = "`source /usr/local/Ascend/ascend-toolkit/set_env.sh`（新版 CANN：/usr/local/Ascend/cann/set_env.sh）"
OPTIONS = (
    "在容器中：--device /dev/davinci0 --device /dev/davinci_manager --device /dev/devmm_svm --device /dev/hisi_hdc"
)
NOWHERE = Machine(Path("/nonexistent"), {}, frozenset(), (3, 11))


def test_a_machine_as_it_should_be(npu_machine: Machine) -> None:
    found = checks(npu_machine)

    assert told(found["driver"])[0] == f"版本 24.1.rc2，{npu_machine.root}/bin/npu-smi"
    assert told(found["devices"])[0] == "davinci0；可以打开"
    assert told(found["CANN"])[0] == "8.0.0, Python 3.11"
    assert [NAMES.chinese(name) for name in found] == ["驱动", "设备", "环境变量", "CANN"]


def test_a_machine_without_anything() -> None:
    assert {name: told(finding) for name, finding in checks(NOWHERE).items()} == {
        "driver": (
            "没有 /usr/local/Ascend/driver/version.info",
            "请安装昇腾驱动和固件；在容器中请挂载主机的 /usr/local/Ascend/driver",
        ),
        "devices": ("没有 /dev/davinciN", f"请检查 `npu-smi info`；{OPTIONS}"),
        "environment": ("没有设置 ASCEND_HOME_PATH, ASCEND_OPP_PATH", f"启动 streamer 之前请运行 {SOURCE}"),
        "CANN": ("版本未知，Python 3.11", f"请运行 {SOURCE}；CANN 8.0 或更新的版本支持 Python 3.11"),
    }


def test_a_container_without_the_tool(npu_machine: Machine) -> None:
    npu_machine.path("/bin/npu-smi").unlink()

    assert told(ascend.check_driver(npu_machine)) == (
        "版本 24.1.rc2，没有 npu-smi",
        "在容器中请同时挂载 /usr/local/bin/npu-smi",
    )


def test_a_node_that_is_missing(npu_machine: Machine) -> None:
    npu_machine.path("/dev/hisi_hdc").unlink()

    assert told(ascend.check_nodes(npu_machine, 0)) == ("davinci0，但没有 hisi_hdc", OPTIONS)


def test_a_node_that_may_not_be_opened(npu_machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda path, _: not str(path).endswith("hisi_hdc"))
    stranger = Machine(npu_machine.root, npu_machine.environment, frozenset({"users"}), (3, 11))

    assert told(ascend.check_nodes(stranger, 0)) == (
        "没有权限打开 hisi_hdc",
        "请把用户加入组：usermod -aG HwHiAiUser $USER，然后重新登录（容器中的 root 需要 CAP_DAC_OVERRIDE）",
    )
    assert told(ascend.check_nodes(npu_machine, 0))[1] == "设备文件的组号与容器里的不同：请用主机的 gid 运行"


def test_an_environment_that_is_wrong(npu_machine: Machine) -> None:
    assert told(ascend.check_environment(changed(npu_machine, ASCEND_HOME_PATH="/gone"))) == (
        "ASCEND_HOME_PATH = /gone：没有这个文件夹",
        f"CANN 已移走或删除：请运行现有的 {SOURCE}",
    )
    assert told(ascend.check_environment(changed(npu_machine, LD_LIBRARY_PATH="/cann/lib64/stub"))) == (
        "LD_LIBRARY_PATH 中有 /cann/lib64/stub",
        "请去掉它：桩库会以 100039 失败",
    )


def test_a_python_that_cann_does_not_know(npu_machine: Machine) -> None:
    machine = Machine(npu_machine.root, npu_machine.environment, npu_machine.groups, (3, 14))

    assert told(ascend.check_cann(machine)) == (
        "8.0.0, Python 3.14",
        "这一版 CANN 只知道支持到 Python 3.11：请用那一版，或更新的 CANN",
    )


@pytest.mark.parametrize(
    ("module", "found", "advice"),
    [
        (
            "",
            "No module named 'acl'",
            "请安装 CANN 的 toolkit，并在这个 shell 或服务中 source 它的 set_env.sh",
        ),
        (
            "x = 1",
            "{}/acl.py 是另一个也叫 acl 的模块",
            "PyPI 上有同名而无关的包：pip uninstall acl pyacl，再 source CANN 的 set_env.sh",
        ),
        ("import os\nos._exit(9)", "导入它时进程结束了（9）", "驱动与 CANN 不匹配"),
    ],
)
def test_a_library_that_is_not_that_of_the_npu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, found: str, advice: str
) -> None:
    if module:
        (tmp_path / "acl.py").write_text(module)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{ROOT}")

    assert told(check_acl()) == (found.format(tmp_path), advice)


def test_a_library_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "_SECONDS", 0)

    assert told(check_acl()) == ("导入它用了 0 秒以上", "请检查 `npu-smi info` 和驱动的日志")


def test_a_pack_that_is_not_for_the_npu(static_pack: Path, tmp_path: Path) -> None:
    assert told(on_npu(tmp_path / "none")["pack"])[1] == "用 `streamer models import-om` 或 `streamer models atc` 制作"
    assert NAMES.chinese("pack") == "模型包"
    assert told(on_npu(static_pack)["pack"]) == (
        "tones 1 用的是 onnx 运行器",
        "请用 --pack 选昇腾模型包；用 `streamer models atc` 制作",
    )


def test_a_pack_on_the_npu(static_pack: Path, tmp_path: Path, processes: ProcessReports) -> None:
    folder = offline_copy(static_pack, tmp_path / "offline")
    golden_of(static_pack, folder / GOLDEN_NAME)
    seal_pack(folder)
    good = on_npu(folder)
    with np.load(folder / GOLDEN_NAME) as arrays:
        content = dict(arrays)
    content["000_scores"] = content["000_scores"] - 0.5
    save_arrays(folder / GOLDEN_NAME, content, compressed=True)
    seal_pack(folder)
    bad = on_npu(folder)

    assert [NAMES.chinese(name) for name in good] == ["NPU", "标准输入"]
    assert told(good["NPU"]) == ("Ascend310P3 0：已加载 tones 1，有对数概率", "")
    assert told(good["golden inputs"]) == ("tones：音节差 0.0%，字差 0.0%，100.0% 的步一致，分数相差 0.000", "")
    assert told(bad["golden inputs"])[1] == (
        "请用 `streamer models atc --precision mixed_float16`（或 allow_fp32_to_fp16）为这个芯片重新转换"
    )


@pytest.mark.parametrize(
    ("syllables", "found", "advice"),
    [
        (
            (1, 2, 4, 3),
            "在内置模型包的声音上，无调音节错 100%；如果第一个编号是 0，错 0%",
            "请用 --am-first-id 0 重新导入模型",
        ),
        ((0, 1, 4, 3), "", "请用 --am-first-id 0 重新导入模型，或换成与它们配套的词表"),
    ],
)
def test_a_first_id_that_is_wrong(
    syllables: tuple[int, ...],
    found: str,
    advice: str,
    static_pack: Path,
    tmp_path: Path,
    processes: ProcessReports,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reference = tmp_path / "reference.npz"
    golden_of(static_pack, reference, syllables)
    monkeypatch.setattr("streamer.doctor.ascend_pack._reference_golden", lambda: reference)
    bare = write_tone_pack(tmp_path / "bare", static=True, log_probs=False)
    wrong = offline_copy(bare, tmp_path / "wrong")
    rewrite_manifest(wrong, "blank_id = 5", "first_id = 1\nblank_id = 6")
    finding = on_npu(wrong)["syllable ids"]

    assert told(finding)[1] == advice
    assert not found or told(finding)[0] == found
    assert NAMES.chinese(finding.name) == "音节编号"


def test_a_device_that_fails(static_pack: Path, tmp_path: Path, processes: ProcessReports) -> None:
    processes.inject("rt.set_device:1+:107001")
    [finding] = on_npu(offline_copy(static_pack, tmp_path / "offline")).values()

    assert told(finding)[1] == "请看上面的消息；细节在 ~/ascend/log/debug/plog"


def test_a_device_that_fails_for_a_while(static_pack: Path, tmp_path: Path, processes: ProcessReports) -> None:
    processes.inject("mdl.execute_async:1:507011", once=True)
    folder = offline_copy(static_pack, tmp_path / "offline")
    golden_of(static_pack, folder / GOLDEN_NAME)
    seal_pack(folder)
    found = on_npu(folder)

    assert NAMES.chinese("NPU faults") == "NPU 故障"
    assert told(found["NPU faults"])[0].startswith("其间 1 次，最近一次：")
    assert told(found["NPU faults"])[1] == "反复出现时：请查看 ~/ascend/log/debug/plog、驱动和固件"


def test_nothing_to_compare_a_pack_with(
    static_pack: Path, tmp_path: Path, processes: ProcessReports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamer.doctor.ascend_pack._reference_golden", lambda: None)

    assert told(on_npu(offline_copy(static_pack, tmp_path / "offline"))["golden inputs"]) == (
        "没有",
        "`streamer models golden` 用 fp32 模型写出",
    )


def test_a_model_that_the_npu_does_not_take(static_pack: Path, tmp_path: Path, processes: ProcessReports) -> None:
    folder = offline_copy(static_pack, tmp_path / "offline")
    rewrite_manifest(folder, "blank_id = 5", "blank_id = 9")
    [finding] = on_npu(folder).values()

    assert told(finding)[1] == "请重新转换或导入模型"


def test_a_pack_without_scores(tmp_path: Path, processes: ProcessReports) -> None:
    bare = write_tone_pack(tmp_path / "bare", static=True, log_probs=False)
    folder = offline_copy(bare, tmp_path / "offline")
    golden_of(bare, folder / GOLDEN_NAME)
    seal_pack(folder)
    found = on_npu(folder)

    assert told(found["NPU"]) == ("Ascend310P3 0：已加载 tones 1，只有编号", "")
    assert told(found["golden inputs"]) == ("tones：音节差 0.0%，字差 0.0%", "")


@pytest.mark.parametrize(
    ("errors", "share", "advice"), [(0, "0%", ""), (9, "900%", "请检查词表与模型是否配套，以及芯片的精度")]
)
def test_weights_of_its_own(
    errors: int,
    share: str,
    advice: str,
    static_pack: Path,
    tmp_path: Path,
    processes: ProcessReports,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reference = tmp_path / "reference.npz"
    golden_of(static_pack, reference)
    monkeypatch.setattr("streamer.doctor.ascend_pack._reference_golden", lambda: reference)
    monkeypatch.setattr("streamer.doctor.ascend_pack.foreign_errors", lambda *_: errors)
    finding = on_npu(offline_copy(static_pack, tmp_path / "offline"))["syllable ids"]

    assert told(finding) == (f"在内置模型包的声音上，无调音节错 {share}", advice)
