"""A summary as plain text, for minutes and terminals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from streamer.summary.values import Item, Origin, Summary


@dataclass(frozen=True, slots=True)
class SummaryLabels:
    """Its headings in one language."""

    by_model: str
    """``{source}``: what this is, and that it must be checked."""
    extract: str
    """``{source}``."""
    overview: str
    topics: str
    decisions: str
    actions: str
    excerpts: str
    owner: str
    due: str
    unsourced: str
    """Behind a statement that names no line."""
    empty: str
    colon: str
    """Behind a heading."""
    facts: str
    """``{facts}`` behind a statement."""
    between_facts: str


CHINESE = SummaryLabels(
    by_model="由语言模型 {source} 生成，可能有误，请对照原文。",
    extract="由程序（{source}）从原文摘录，未经改写。",
    overview="概要",
    topics="议题",
    decisions="决定",
    actions="待办",
    excerpts="摘录",
    owner="负责人",
    due="期限",
    unsourced="未注明出处",
    empty="没有可摘要的内容。",
    colon="：",
    facts="（{facts}）",
    between_facts="；",
)
ENGLISH = SummaryLabels(
    by_model="Written by the language model {source}; it may be wrong: compare it with the text.",
    extract="Sentences of the text, picked by a program ({source}), as they stand.",
    overview="Overview",
    topics="Topics",
    decisions="Decisions",
    actions="Action items",
    excerpts="Excerpts",
    owner="owner",
    due="due",
    unsourced="no source named",
    empty="There is nothing to sum up.",
    colon=":",
    facts=" ({facts})",
    between_facts="; ",
)
LABELS = {"zh": CHINESE, "en": ENGLISH}
"""By language."""


def rendered(summary: Summary, times: Mapping[int, str], labels: SummaryLabels) -> str:
    """The summary with what it is, and with the time of each line that it rests on.

    ``times``: ``14:30:05`` by the id of each line.
    """
    is_model = summary.origin is Origin.MODEL
    parts = [(labels.by_model if is_model else labels.extract).format(source=summary.source)]
    if summary.overview:
        parts += [
            f"{labels.overview}{labels.colon}",
            *(line.strip() for line in summary.overview.splitlines() if line.strip()),
        ]
    for heading, items in (
        (labels.topics, summary.topics),
        (labels.decisions, summary.decisions),
        (labels.actions, summary.actions),
        (labels.excerpts, summary.excerpts),
    ):
        if items:
            parts += [f"{heading}{labels.colon}", *(f"· {_item(item, times, labels)}" for item in items)]
    return "\n".join(parts if len(parts) > 1 else [*parts, labels.empty])


def _item(item: Item, times: Mapping[int, str], labels: SummaryLabels) -> str:
    text = " ".join(item.text.split())
    facts = [
        f"{label} {' '.join(fact.split())}"
        for label, fact in ((labels.owner, item.owner), (labels.due, item.due))
        if fact
    ]
    facts.append(" ".join(times[line] for line in item.lines if line in times) or labels.unsourced)
    return text + labels.facts.format(facts=labels.between_facts.join(facts))
