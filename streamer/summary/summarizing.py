"""A meeting summed up, part by part where it is long."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from streamer.errors import SummaryError
from streamer.settings.summary import SummarySettings
from streamer.summary.answers import Answers
from streamer.summary.endpoint import ChatEndpoint
from streamer.summary.extract import extract
from streamer.summary.prompts import merging, summing_up
from streamer.summary.reading import as_json, as_text, is_readable, joined, read_answer
from streamer.summary.values import Summary, SummaryLine

_MERGED = 2
"""How many times the characters of a part one request to merge may hold: summaries are denser than text."""

_SHOWN = 80
"""Characters of an answer that cannot be used, for a message."""

Progress = Callable[[float, float], None]
"""Told parts done, and parts in all."""


def summarize(
    title: str,
    lines: Sequence[SummaryLine],
    settings: SummarySettings,
    progress: Progress | None = None,
    answers: Answers | None = None,
) -> Summary:
    """Sum up lines: with the endpoint of the settings, or else by picking sentences.

    Args:
        title: the meeting's.
        lines: what was said.
        settings: who sums it up.
        progress: told how far it is.
        answers: those that are known are not asked for; those that come are added.

    Raises:
        SettingsError: the endpoint's address or model is malformed.
        SummaryError: the endpoint is down or answers in no known form.
        MissingDependencyError: there is no endpoint, and sumy is not installed.
    """
    if not settings.base_url or not lines:
        return extract(lines, settings.sentences)
    endpoint = ChatEndpoint(settings)
    try:
        return summarize_with(endpoint, title, lines, settings.part_characters, progress, answers)
    finally:
        endpoint.close()


def summarize_with(
    endpoint: ChatEndpoint,
    title: str,
    lines: Sequence[SummaryLine],
    part_characters: int,
    progress: Progress | None = None,
    answers: Answers | None = None,
) -> Summary:
    """Sum up lines in parts of at most so many characters, then merge what came out.

    Raises:
        SummaryError: the endpoint is down or answers in no known form.
    """
    known = {line.id for line in lines}
    parts = list(_parts(lines, part_characters))
    found: list[Summary] = []
    for number, part in enumerate(parts, 1):
        found.append(_asked(endpoint, summing_up(title, part, number, len(parts)), known, answers))
        if progress is not None:
            progress(number, len(parts))
    while len(found) > 1:
        merged = [
            _merged(endpoint, title, group, known, answers) for group in _groups(found, _MERGED * part_characters)
        ]
        if len(merged) == len(found):
            merged = [joined(merged)]  # two together are too long for a request already
        found = merged
    if not is_readable(found[0]):  # must not take the place of a summary that is there
        raise SummaryError(
            f"{endpoint.model} answered in another form than it was asked for, or broke off: "
            f"{found[0].overview[:_SHOWN]} …; lower [summary] part_characters, let it answer at greater length, or "
            "take another model"
        )
    return found[0]


def _merged(
    endpoint: ChatEndpoint, title: str, group: Sequence[Summary], known: set[int], answers: Answers | None
) -> Summary:
    """One summary of several; they stand one after another where the model does not merge them."""
    if len(group) == 1:
        return group[0]
    summary = _asked(endpoint, merging(title, group), known, answers)
    return summary if is_readable(summary) else joined(group)


def _asked(endpoint: ChatEndpoint, messages: list[dict[str, str]], known: set[int], answers: Answers | None) -> Summary:
    """The answer as a summary; asked once more where it came in another form, then taken as it is.

    Raises:
        SummaryError: as in :func:`summarize_with`, or the model says nothing.
    """
    if answers is not None and (kept := answers.find(messages)) is not None:
        return kept
    answer = ""
    for _ in range(2):
        answer = endpoint.ask(messages)
        summary = read_answer(answer, known, endpoint.model)
        if summary is not None:
            if answers is not None:
                answers.add(messages, summary)
            return summary
    summary = as_text(answer, endpoint.model)
    if not summary.overview:  # must not take the place of a summary that is there
        raise SummaryError(
            f"{endpoint.model} answered nothing, twice; lower [summary] part_characters, or take another model"
        )
    return summary


def _parts(lines: Sequence[SummaryLine], characters: int) -> Iterator[list[SummaryLine]]:
    part: list[SummaryLine] = []
    size = 0
    for line in lines:
        if part and size + len(line.text) > characters:
            yield part
            part, size = [], 0
        part.append(line)
        size += len(line.text)
    if part:
        yield part


def _groups(summaries: Sequence[Summary], characters: int) -> Iterator[list[Summary]]:
    """Neighbours that fit into one request."""
    group: list[Summary] = []
    size = 0
    for summary in summaries:
        length = len(as_json(summary))
        if group and size + length > characters:
            yield group
            group, size = [], 0
        group.append(summary)
        size += length
    yield group
