from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from benchmarks.replay import TARGETS
from benchmarks.store import exports, finals, main, replay, searches
from streamer.archive.archive import Archive
from streamer.meeting.search import search
from streamer.settings import Settings


def test_finals_are_counted(tmp_path):
    assert finals(tmp_path, count=3)["durable finals per second"] > 0


def test_what_is_searched_for_is_found(tmp_path):
    figures = searches(tmp_path, meetings=2)
    assert any(key.startswith("ms for 预算 (") and "(0 hits" not in key for key in figures)
    assert figures["ms for 没有人说过这句话 (0 hits)"].keys() == {"p50", "p95"}


def test_copied_meetings_are_found_too(tmp_path):
    searches(tmp_path, meetings=5, templates=1)
    store = Archive(tmp_path).open_store(Settings())
    found = [len(search(store.database, "预算", limit=1000, meeting_id=f"{number:06d}")) for number in range(5)]
    ended = {record.ended_at is not None for record in store.records()}
    store.close()

    assert len(set(found)) == 1
    assert found[0] > 0
    assert ended == {True}


def test_every_text_format_is_timed(tmp_path):
    assert len(exports(tmp_path, hours=0.01)) == 6


def test_figures_are_printed_as_a_table_and_are_numbers_for_programs(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr("benchmarks.store.finals", lambda _folder: {"ms per final": {"p50": 0.5, "p95": 1.25}})
    main(["finals", "--disk", str(tmp_path)])
    shown = capsys.readouterr().out
    main(["finals", "--disk", str(tmp_path), "--json"])

    assert "│ ms per final │ p50 0.5, p95 1.25 │        │" in shown
    assert json.loads(capsys.readouterr().out) == {"finals": {"ms per final": {"p50": 0.5, "p95": 1.25}}}


def test_an_unknown_part_is_refused(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["finale"])

    told = capsys.readouterr().err.replace("'", "")  # which newer versions of Python leave out
    assert "argument WHAT: invalid choice: finale (choose from finals, search, export, replay, " in told


def test_a_short_replay_prints_its_figures(capsys):
    main(["replay", "--hours", "0.01", "--json"])
    assert json.loads(capsys.readouterr().out)["replay"]["lines"] == 10


def test_a_target_stands_beside_its_figure(capsys, monkeypatch):
    monkeypatch.setattr("benchmarks.store.replay", lambda _folder, _hours: {"MB that memory grew": 0.7})
    main(["replay"])

    assert "│ MB that memory grew │ 0.7   │ ≤ 5    │" in capsys.readouterr().out


def test_every_target_is_of_a_figure(tmp_path):
    assert replay(tmp_path, 0.01).keys() > TARGETS.keys()


def test_an_update_of_the_minutes_moves_as_much_at_the_end_as_at_the_beginning(tmp_path):
    assert_updates_do_not_grow(replay(tmp_path, 0.22))


def assert_updates_do_not_grow(figures):
    """Rewriting one text format as a whole would move twenty times as much; numbers of lines get more digits."""
    early, late = (figures[f"bytes moved by an update, {which} 100 (median)"] for which in ("first", "last"))
    assert early <= late < early + 50


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_four_hours_leave_memory_and_the_work_of_an_update_flat():
    command = [sys.executable, "-m", "benchmarks.store", "replay", "--hours", "4", "--json"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    told = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
    figures = json.loads(told)["replay"]

    assert figures["lines"] == 4000
    assert figures["MB that memory grew"] <= 5
    assert_updates_do_not_grow(figures)
