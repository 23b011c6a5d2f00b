from __future__ import annotations

from pathlib import Path

import pytest

from streamer.training.curves import plot_curves, read_log, series

LOG = '{"step": 10, "ctc": NaN, "frame": 5.0}\n{"step": 20, "ctc": 3.0, "frame": 4.0, "toned": 0.5}\n{"step": 3'


def test_a_log_is_read_up_to_its_last_whole_line(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text(LOG)
    log = read_log(tmp_path / "log.jsonl")
    assert series(log, "frame") == ([10, 20], [5.0, 4.0])
    assert series(log, "ctc") == ([20], [3.0])
    assert series(log, "toned") == ([20], [0.5])


def test_curves_are_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    plot_curves([{"step": 10, "ctc": 2.0, "frame": 1.0, "toned": 0.5, "toneless": 0.4}], tmp_path / "curves.png")
    assert (tmp_path / "curves.png").read_bytes()[:4] == b"\x89PNG"
