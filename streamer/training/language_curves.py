"""Pictures of how the language stage's training goes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

CURVES: Final = "curves.jsonl"


def plot_language_curves(folder: Path) -> None:
    """Draw the curves noted so far to ``curves.png``."""
    import matplotlib as mpl  # noqa: PLC0415 - needed here only

    mpl.use("Agg")
    import matplotlib.pyplot as plt  # noqa: PLC0415 - after the choice of the backend

    entries = [json.loads(line) for line in (folder / CURVES).read_text(encoding="utf-8").splitlines()]
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4))
    losses = [(entry["step"], entry["loss"]) for entry in entries if "loss" in entry]
    left.plot(*zip(*losses, strict=True) if losses else ([], []))
    left.set(xlabel="step", ylabel="training loss", yscale="log")
    for key in sorted({key for entry in entries for key in entry if key.startswith("tune_")}):
        points = [(entry["step"], 100 * entry[key]) for entry in entries if key in entry]
        right.plot(*zip(*points, strict=True), marker="o", label=key.removeprefix("tune_") + " wrong syllables")
    right.set(xlabel="step", ylabel="character errors on tuning meetings, %", yscale="log")
    right.legend()
    figure.tight_layout()
    figure.savefig(folder / "curves.png")
    plt.close(figure)
