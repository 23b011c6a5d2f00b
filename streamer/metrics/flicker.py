"""How much of a shown text its successor changes. Pure."""

from __future__ import annotations


def lost_characters(before: str, after: str) -> int:
    """Characters of a text that are not in the later one any more: its deletions and substitutions.

    Of the ways with the fewest edits that one counts which loses the fewest characters.
    """
    same = 0
    for left, right in zip(before, after, strict=False):
        if left != right:
            break
        same += 1
    before, after = before[same:], after[same:]
    while before and after and before[-1] == after[-1]:
        before, after = before[:-1], after[:-1]
    row = [(at, 0) for at in range(len(after) + 1)]
    for at, left in enumerate(before, start=1):
        above, row = row, [(at, at)]
        for place, right in enumerate(after, start=1):
            diagonal = above[place - 1]
            edits = (
                diagonal if left == right else (diagonal[0] + 1, diagonal[1] + 1),
                (above[place][0] + 1, above[place][1] + 1),
                (row[-1][0] + 1, row[-1][1]),
            )
            row.append(min(edits))
    return row[-1][1]
