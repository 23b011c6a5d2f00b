"""Why a model pack cannot be used, in Chinese: choosing it, its files, its manifest, its models."""

from __future__ import annotations

from typing import Final

from streamer.sinks.failures.settings import PROBLEMS
from streamer.sinks.failures.system import SYSTEM
from streamer.sinks.sayings import Sayings

_NAMES = Sayings(
    (
        (
            (
                r"(?P<name>'.*') is no name of a pack: expected letters from A to Z, digits, '\.', '_' and '-', the "
                r"first of "
                r"them a letter or a digit, as in (?P<example>\S+)"
            ),
            "{name} 不能是模型包的名字：应为英文字母、数字、'.'、'_' 和 '-'，以字母或数字开头，如 {example}",
        ),
    )
)

PACKS: Final = Sayings(
    (
        (
            (
                r"no model pack (?P<name>.*): neither a folder with (?P<manifest>\S+), nor a name in (?P<places>.*) "
                r"\((?P<how>`.*`) shows what is installed\)"
            ),
            "没有模型包 {name}：既不是有 {manifest} 的文件夹，也不是 {places} 中的名字（{how} 列出已安装的）",
        ),
        (
            r"cannot look for the model pack at (?P<path>.*): (?P<error>.*)",
            "无法在 {path} 查找模型包：{error}",
        ),
        (r"cannot read the manifest (?P<path>.*): (?P<error>.*)", "无法读取模型包的清单 {path}：{error}"),
        (
            r"pack (?P<folder>.*): (?P<name>.*) is missing \(expected by \[files\] of its manifest\)",
            "模型包 {folder} 缺少文件 {name}（它的清单 [files] 中有）",
        ),
        (
            (
                r"pack (?P<folder>.*): (?P<name>.*) does not match its manifest: expected sha256 (?P<digest>\w+), "
                r"found "
                r"(?P<found>\w+) \(copied incompletely, or changed; after a change of your own run (?P<how>`.*`)\)"
            ),
            (
                "模型包 {folder} 的文件 {name} 与清单不符：sha256 应为 {digest}，实为 {found}（没有复制完整，或被改过；"
                "如果是自己改的，请运行 {how}）"
            ),
        ),
        (
            (
                r"(?P<path>.*): (?P<key>\S+) = (?P<name>.*) is not in \[files\] \(expected its sha256 there; "
                r"(?P<how>`.*`) "
                r"writes it\)"
            ),
            "{path}：{key} = {name} 不在 [files] 里（那里应有它的 sha256；{how} 会写入）",
        ),
        (
            r"(?P<path>.*): \[files\] names (?P<name>.*) \(expected a path inside the pack\)",
            "{path}：[files] 中的 {name} 应是模型包以内的路径",
        ),
        (
            (
                r"(?P<path>.*): the pack follows contract (?P<found>\S+), expected (?P<known>\S+) "
                r"\(another version of streamer made it\)"
            ),
            "{path}：模型包遵循第 {found} 版约定，这里需要第 {known} 版（它由另一版 streamer 制作）",
        ),
        (
            (
                r"(?P<path>.*/pack\.toml): (?P<problem>.*) \(where another version of streamer wrote this key, delete "
                r"its line\)"
            ),
            "{path}：{problem}（如果是另一版 streamer 写的，请删去这一行）",
        ),
        (r"(?P<path>.*/pack\.toml): (?P<problem>(?:unknown key )?`.*)", "{path}：{problem}"),
        (r"model file not found: (?P<path>.*)", "没有模型文件：{path}"),
        (
            r"(?P<path>.*) is no model that ONNX Runtime (?P<version>\S+) loads: (?P<error>.*)",
            "{path} 不是 ONNX Runtime {version} 能加载的模型：{error}",
        ),
        (
            (
                r"none of the execution providers (?P<wanted>\[.*\]) is installed \(available: (?P<available>.*)\); "
                r"set "
                r"recognizer\.providers, or install the matching onnxruntime package"
            ),
            (
                "执行提供者 {wanted} 都没有安装（现有：{available}）；请设置 recognizer.providers，或安装相应的 "
                "onnxruntime 包"
            ),
        ),
        (
            (
                r"recognizer\.ascend\.fallback_pack = (?P<name>.*) is for the NPU as well; expected a pack with "
                r"runner = (?P<runner>.*)"
            ),
            "recognizer.ascend.fallback_pack = {name} 也是给 NPU 用的；应为 runner = {runner} 的模型包",
        ),
        (
            r"pack (?P<name>.*) has no reading table \(resources\.readings\), which hotwords need",
            "模型包 {name} 没有读音表（resources.readings），热词需要它",
        ),
        (
            r"(?P<folder>.*) exists and is not empty: choose another --name or --out, or remove it",
            "{folder} 已存在，而且不是空的：请换一个 --name 或 --out，或删除它",
        ),
        (
            r"(?P<folder>.*) holds a pack already: name another folder, or remove it",
            "{folder} 中已有模型包：请换一个文件夹，或删除它",
        ),
        (r"cannot write the pack (?P<folder>.*): (?P<error>.*)", "无法写模型包 {folder}：{error}"),
        (r"cannot copy (?P<path>.*) into the pack: (?P<error>.*)", "无法把 {path} 复制进模型包：{error}"),
        (
            r"(?P<folder>.*): a pack is called like its folder, but (?P<naming>.*)",
            "{folder}：模型包与它的文件夹同名，而 {naming}",
        ),
    ),
    {"error": SYSTEM.chinese, "problem": PROBLEMS.chinese, "naming": _NAMES.chinese},
)
"""Errors of packs."""
