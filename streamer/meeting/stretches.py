"""The stretches of a recording that are decoded on their own. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

Stretch = tuple[int, int]
"""First position, and position after the last."""


def stretches(
    spans: Iterable[Stretch], resets: Iterable[int] = (), excluded: Iterable[Stretch] = (), upto: int | None = None
) -> tuple[Stretch, ...]:
    """Cut what is recorded where a live meeting lets no utterance and no detector's state across.

    Args:
        spans: what is recorded, in order.
        resets: positions of gaps and pauses.
        excluded: ranges left out, such as those that edits own.
        upto: where everything ends; None: with the recording.
    """
    cuts = sorted({*resets, *(edge for stretch in excluded for edge in stretch)})
    found: list[Stretch] = []
    for start, end in spans:
        last = end if upto is None else min(end, upto)
        edges = [start, *(cut for cut in cuts if start < cut < last), last]
        found += [(left, right) for left, right in pairwise(edges) if left < right]
    taken = tuple(excluded)
    return tuple(one for one in found if not any(left <= one[0] and one[1] <= right for left, right in taken))
