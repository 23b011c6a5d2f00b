"""The words of the commands that look at model packs, in Chinese and in English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from streamer.commands.meetings.words import screen_language


@dataclass(frozen=True, slots=True)
class PackWords:
    """Headings and sentences in one language; ``{…}`` is filled in by whoever shows them."""

    columns: tuple[str, ...]
    """Name, version, runner, licence and description of a pack."""
    entries: Mapping[str, str]
    """What the entries of a manifest are called, by their keys."""
    accuracy: str
    """``{name}`` of a test."""
    file: str
    """``{name}``."""
    missing: str
    verified: str
    """``{pack}``, ``{count}`` of its files."""
    capabilities: Mapping[str, str]
    """What a pack may offer."""
    offered: str
    """``{capability}`` that it has."""
    lacking: str
    """``{capability}`` that it has not."""


_CHINESE = PackWords(
    columns=("名称", "版本", "运行器", "许可", "说明"),
    entries={
        "description": "说明",
        "runner": "运行器",
        "contract": "约定",
        "licence": "许可",
        "provenance": "来源",
        "features": "特征",
    },
    accuracy="准确率：{name}",
    file="文件：{name}",
    missing="缺少",
    verified="{pack}：{count} 个文件与清单相符，两个模型都符合约定",
    capabilities={
        "token_times": "逐字时间",
        "beam_and_hotwords": "束搜索与热词",
        "scores_of_the_language_stage": "文本模型的分数",
        "confidence": "置信度",
        "dereverberation": "去混响",
        "punctuation": "标点",
    },
    offered="{capability}：有",
    lacking="{capability}：没有",
)

_ENGLISH = PackWords(
    columns=("name", "version", "runner", "licence", "what"),
    entries={name: name for name in _CHINESE.entries},
    accuracy="accuracy: {name}",
    file="file: {name}",
    missing="missing",
    verified="{pack}: {count} files match, both models follow the contract",
    capabilities={name: name.replace("_", " ") for name in _CHINESE.capabilities},
    offered="{capability}: yes",
    lacking="{capability}: no",
)


def pack_words() -> PackWords:
    """Those of the terminal's locale."""
    return _CHINESE if screen_language() == "zh" else _ENGLISH
