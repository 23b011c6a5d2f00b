"""Loss curves of an acoustic training run."""

from __future__ import annotations

import json
from pathlib import Path

from streamer.errors import MissingDependencyError
from streamer.system.installation import install_command

_SMOOTH = 0.9


def read_log(path: Path) -> list[dict[str, float]]:
    """Lines of a run's ``log.jsonl``; a last line cut short by a kill is left out."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith("\n")]


def series(log: list[dict[str, float]], name: str) -> tuple[list[float], list[float]]:
    """Steps and values of one quantity where it was logged and is a number."""
    points = [(line["step"], line[name]) for line in log if name in line and line[name] == line[name]]
    return [step for step, _ in points], [value for _, value in points]


def plot_curves(log: list[dict[str, float]], path: Path) -> None:
    """Draw losses, smoothed, and errors on the tune list into a PNG.

    Raises:
        MissingDependencyError: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 - wanted after training only
    except ImportError as error:
        raise MissingDependencyError(
            f"matplotlib is missing; install streamer's extra: {install_command('train')}"
        ) from error
    figure = Figure(figsize=(9, 6))
    loss, errors = figure.subplots(2, 1, sharex=True)
    for name, label in (("ctc", "CTC, per token"), ("frame", "frames, per labelled frame")):
        steps, values = series(log, name)
        loss.plot(steps, _smoothed(values), label=label)
    for name, label in (("toned", "toned syllables"), ("toneless", "toneless syllables")):
        steps, values = series(log, name)
        errors.plot(steps, [100 * value for value in values], label=label)
    loss.set(ylabel="loss", yscale="log")
    errors.set(xlabel="step", ylabel="error on tune.tsv, %", ylim=(0, 100))
    for axes in (loss, errors):
        axes.grid(alpha=0.3)
        axes.legend()
    figure.savefig(path, dpi=120)


def _smoothed(values: list[float]) -> list[float]:
    smooth: list[float] = []
    for value in values:
        smooth.append(value if not smooth else _SMOOTH * smooth[-1] + (1 - _SMOOTH) * value)
    return smooth
