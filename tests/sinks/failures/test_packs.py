from __future__ import annotations

import re
from pathlib import Path

import pytest

from streamer.asr.hotword_list import Hotword
from streamer.asr.modelpack import find_pack, load_pack
from streamer.asr.models import load_models
from streamer.asr.preconditions import check_preconditions
from streamer.asr.recognizer import PackRecognizer
from streamer.asr.runners.onnx import OnnxRunner
from streamer.packs.writer import check_folder, copy_file
from streamer.settings.recognizer import AscendSettings, RecognizerSettings
from tests.disks import locked
from tests.sinks.failures.failing import chinese, command
from tests.tonepack import rewrite_manifest, write_tone_pack


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return write_tone_pack(tmp_path / "tones")


def loading(pack: Path) -> str:
    """Why it cannot be loaded, without where it lies."""
    return chinese(lambda: load_pack(pack)).replace(str(pack), "…")


def test_a_pack_that_there_is_not(tmp_path: Path) -> None:
    assert chinese(lambda: find_pack("none", (tmp_path,))) == (
        f"没有模型包 'none'：既不是有 pack.toml 的文件夹，也不是 {tmp_path} 中的名字（`streamer models list` "
        f"列出已安装的）"
    )


def test_a_manifest_that_cannot_be_read(tmp_path: Path) -> None:
    assert loading(tmp_path / "none") == "无法读取模型包的清单 …/pack.toml：没有这个文件或文件夹"


def test_a_file_that_is_missing(pack: Path) -> None:
    (pack / "language.onnx").unlink()

    assert loading(pack) == "模型包 … 缺少文件 language.onnx（它的清单 [files] 中有）"


def test_a_file_that_may_not_be_read(pack: Path) -> None:
    file = pack / "language.onnx"
    with locked(file):
        assert loading(pack) == "无法读取 …/language.onnx：没有权限"


def test_a_file_that_was_changed(pack: Path) -> None:
    (pack / "language.onnx").write_bytes(b"")
    told = loading(pack)

    assert told.startswith("模型包 … 的文件 language.onnx 与清单不符：sha256 应为 ")
    assert told.endswith("（没有复制完整，或被改过；如果是自己改的，请运行 `streamer models seal`）")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "contract = 1",
            "contract = 9",
            "…/pack.toml：模型包遵循第 9 版约定，这里需要第 1 版（它由另一版 streamer 制作）",
        ),
        ("contract = 1", 'contract = "x"', "…/pack.toml：`contract` 的值是 'x'；应为整数，不加引号"),
        (
            "contract = 1",
            "contract = 1\ncolour = 3",
            "…/pack.toml：没有这个键：`colour`（如果是另一版 streamer 写的，请删去这一行）",
        ),
        (
            '"language.onnx" = ',
            '"other" = ',
            (
                "…/pack.toml：language.file = 'language.onnx' 不在 [files] 里（那里应有它的 sha256；`streamer models "
                "seal` 会写入）"
            ),
        ),
        (
            '"language.onnx" = ',
            '"../x" = "0"\n"language.onnx" = ',
            "…/pack.toml：[files] 中的 '../x' 应是模型包以内的路径",
        ),
        ("contract = 1", "contract 1", "…/pack.toml 不是有效的 TOML：第 3 行第 10 列，键的后面缺少 ="),
    ],
)
def test_a_manifest_that_is_wrong(pack: Path, old: str, new: str, told: str) -> None:
    rewrite_manifest(pack, old, new)

    assert loading(pack) == told


def test_a_model_file_that_is_no_model(tmp_path: Path) -> None:
    path = tmp_path / "x.onnx"
    settings = RecognizerSettings()
    missing = chinese(lambda: OnnxRunner(path, settings))
    path.write_bytes(b"no model")

    assert missing == f"没有模型文件：{path}"
    assert chinese(lambda: OnnxRunner(path, settings)).startswith(f"{path} 不是 ONNX Runtime ")


def test_a_fallback_that_is_for_the_npu_too(pack: Path) -> None:
    rewrite_manifest(pack, 'runner = "onnx"', 'runner = "ascend"')
    settings = RecognizerSettings(ascend=AscendSettings(fallback_pack=str(pack)))

    assert chinese(lambda: check_preconditions(pack, settings)) == (
        f"recognizer.ascend.fallback_pack = {str(pack)!r} 也是给 NPU 用的；应为 runner = 'onnx' 的模型包"
    )


def test_a_place_that_is_taken(pack: Path) -> None:
    assert chinese(lambda: check_folder(pack)) == f"{pack} 已存在，而且不是空的：请换一个 --name 或 --out，或删除它"
    assert command("models", "static", pack) == f"{pack} 中已有模型包：请换一个文件夹，或删除它"


def test_a_name_that_no_pack_can_have(tmp_path: Path) -> None:
    assert command("models", "static", tmp_path / "我的") == (
        f"{tmp_path}/我的：模型包与它的文件夹同名，而 '我的' 不能是模型包的名字：应为英文字母、数字、'.'、'_' 和 '-'，"
        "以字母或数字开头，如 my-pack"
    )


def test_a_file_that_cannot_be_copied(tmp_path: Path) -> None:
    assert chinese(lambda: copy_file(tmp_path / "none", tmp_path / "x")) == (
        f"无法把 {tmp_path}/none 复制进模型包：没有这个文件或文件夹"
    )


def test_a_folder_that_cannot_be_looked_into(tmp_path: Path) -> None:
    folder = tmp_path / "packs"
    folder.mkdir()
    with locked(folder):
        told = chinese(lambda: find_pack("tones", (folder,)))

    assert told == f"无法在 {folder}/tones/pack.toml 查找模型包：没有权限"


def test_providers_of_which_none_is_installed(pack: Path) -> None:
    settings = RecognizerSettings(providers=("CUDAExecutionProvidr",))

    assert re.fullmatch(
        r"执行提供者 \['CUDAExecutionProvidr'\] 都没有安装（现有：\[.*\]）；"
        "请设置 recognizer.providers，或安装相应的 onnxruntime 包",
        chinese(lambda: check_preconditions(pack, settings)),
    )


def test_hotwords_that_a_pack_cannot_spell(pack: Path) -> None:
    with load_models(load_pack(pack), RecognizerSettings()) as models:
        recognizer = PackRecognizer(models, RecognizerSettings())
        told = chinese(lambda: recognizer.set_hotwords((Hotword("张伟"),)))

    assert told == "模型包 tones 1 没有读音表（resources.readings），热词需要它"


def test_a_place_that_may_not_be_written(pack: Path, tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir()
    with locked(folder):
        told = chinese(lambda: check_folder(folder / "new"))

    assert told == f"无法写模型包 {folder}/new：没有权限"
