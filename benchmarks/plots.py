"""Curves as PNG files; matplotlib comes with the extras ``train`` and ``test``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from streamer.errors import MissingDependencyError
from streamer.system.installation import install_command


@dataclass(frozen=True, slots=True)
class Curve:
    """One picture of a figure."""

    title: str
    x_label: str
    y_label: str
    lines: Mapping[str, tuple[Sequence[float], Sequence[float]]]
    """Abscissas and ordinates by label."""
    limit: float | None = None
    """Drawn across as a dashed line."""


def draw(curves: Sequence[Curve], path: Path) -> None:
    """Draw curves below each other.

    Raises:
        MissingDependencyError: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ImportError as error:
        raise MissingDependencyError(f"plots need matplotlib: {install_command('test')}") from error
    figure = Figure(figsize=(9, 2.6 * len(curves)), layout="constrained")
    for place, curve in enumerate(curves, start=1):
        axes = figure.add_subplot(len(curves), 1, place)
        for label, (x, y) in curve.lines.items():
            axes.plot(x, y, marker="." if len(x) < 40 else "", label=label, linewidth=1.2)
        if curve.limit is not None:
            axes.axhline(curve.limit, linestyle="--", color="grey", linewidth=1)
        axes.set(title=curve.title, xlabel=curve.x_label, ylabel=curve.y_label)
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
        if len(curve.lines) > 1:
            axes.legend(fontsize=8)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
