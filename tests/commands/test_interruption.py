from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from streamer.archive.archive import Archive
from streamer.cli import app
from streamer.commands.interruption import interruptible
from streamer.offline.redecoding import Redecoder
from streamer.offline.transcriber import Transcriber
from streamer.settings import Settings
from tests.meeting.real_run import Studio, lines_of, record_only, said


@pytest.fixture(scope="module")
def data_dir(studio: Studio, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    studio.run(folder, "--fast")
    return folder


def interrupting(monkeypatch: pytest.MonkeyPatch, owner: str, name: str, number: int) -> None:
    """Have the signal come when something is called."""
    monkeypatch.setattr(f"{owner}.{name}", lambda *_a, **_k: signal.raise_signal(number))


SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.fixture(autouse=True)
def as_in_a_terminal() -> Iterator[None]:
    """No signal is ignored: whoever starts the tests with ``nohup`` has them inherit that."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in SIGNALS}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", SIGNALS)
def test_what_is_interrupted_says_so_and_ends_with_the_signals_code(capsys, number):
    with pytest.raises(typer.Exit) as ended, interruptible(lambda: "nothing was done"):
        signal.raise_signal(number)

    assert ended.value.exit_code == 128 + number
    assert capsys.readouterr() == ("", "nothing was done\n")


def test_signals_are_as_before_afterwards():
    before = [signal.getsignal(number) for number in SIGNALS]
    with interruptible(lambda: ""):
        pass

    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_a_signal_that_is_ignored_stays_ignored():
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with interruptible(lambda: ""):
        signal.raise_signal(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def test_a_command_that_has_nothing_to_say_about_it_says_so_too(monkeypatch):
    interrupting(monkeypatch, "streamer.commands.devices", "find_inputs", signal.SIGINT)
    done = CliRunner().invoke(app, ["devices"])

    assert (done.exit_code, done.stdout, done.stderr) == (130, "", "Interrupted.\n")


def test_a_run_that_is_interrupted_before_its_meeting_begins_says_so(studio, tmp_path, monkeypatch):
    @contextmanager
    def interrupted(*_arguments, **_options):
        signal.raise_signal(signal.SIGINT)
        yield

    monkeypatch.setattr("streamer.app.controls", interrupted)
    command = ["run", "--source", str(studio.sound), "--config", str(studio.config), "--data-dir", str(tmp_path)]
    done = CliRunner().invoke(app, command)

    assert (done.exit_code, done.stdout, done.stderr) == (130, "", "Interrupted.\n")


def test_redo_keeps_the_text_until_it_has_all_of_the_new_one(studio, data_dir, monkeypatch):
    before = lines_of(data_dir)
    interrupting(monkeypatch, "streamer.offline.rehearing", "recorded_runs", signal.SIGINT)
    command = ["meetings", "redo", "last", "--data-dir", str(data_dir), "--config", str(studio.config)]
    done = CliRunner().invoke(app, command)

    assert (done.exit_code, done.stdout) == (130, "")
    assert done.stderr == "Interrupted: the meeting's text stays as it was.\n"
    assert lines_of(data_dir) == before


def test_redo_that_is_interrupted_once_the_text_is_stored_says_how_its_files_follow(studio, data_dir, monkeypatch):
    interrupting(monkeypatch, "streamer.offline.redoing", "write_minutes", signal.SIGTERM)
    command = ["meetings", "redo", "last", "--data-dir", str(data_dir), "--config", str(studio.config)]
    done = CliRunner().invoke(app, command)
    store = Archive(data_dir).open_store(Settings())
    (record,) = store.records()
    store.close()

    assert done.exit_code == 143
    assert f"`streamer meetings redo {record.id} --data-dir {data_dir}`" in done.stderr.replace("\n", " ")


def test_recover_that_is_interrupted_goes_on_next_time(studio, tmp_path, monkeypatch):
    record_only(studio, tmp_path, seconds=30)
    segments = Redecoder.segments

    def interrupted(*arguments):
        for count, segment in enumerate(segments(*arguments)):
            if count == 2:
                signal.raise_signal(signal.SIGTERM)
            yield segment

    command = ["recover", "--data-dir", str(tmp_path), "--config", str(studio.config)]
    with monkeypatch.context() as patched:
        patched.setattr(Redecoder, "segments", interrupted)
        done = CliRunner().invoke(app, command)
    completed = said(tmp_path)
    again = CliRunner().invoke(app, command)

    assert (done.exit_code, done.stdout) == (143, "")
    assert done.stderr == "Interrupted: what was completed is kept, and the same command goes on from there.\n"
    assert len(completed) == 2
    assert again.exit_code == 0
    assert said(tmp_path)[: len(completed)] == completed
    assert len(said(tmp_path)) > len(completed)


def test_summarize_that_is_interrupted_says_what_is_kept(data_dir, monkeypatch):
    interrupting(monkeypatch, "streamer.commands.summarize", "sum_up", signal.SIGINT)
    done = CliRunner().invoke(app, ["summarize", "last", "--data-dir", str(data_dir)])

    assert (done.exit_code, done.stdout) == (130, "")
    assert done.stderr == "Interrupted: no summary yet; the same command goes on from what the model has answered.\n"


@pytest.mark.parametrize("number", SIGNALS)
def test_a_transcript_that_is_interrupted_leaves_no_file_behind(studio, tmp_path, monkeypatch, number):
    segments = Transcriber.segments

    def interrupted(*arguments):
        for count, segment in enumerate(segments(*arguments)):
            if count == 2:
                signal.raise_signal(number)
            yield segment

    monkeypatch.setattr(Transcriber, "segments", interrupted)
    (tmp_path / "out").mkdir()
    command = ["transcribe", str(studio.sound), "--config", str(studio.config), "--out", str(tmp_path / "out/text.srt")]
    done = CliRunner().invoke(app, command)

    assert (done.exit_code, done.stdout) == (128 + number, "")
    assert done.stderr == "Interrupted: only transcripts that were complete by then are written.\n"
    assert list((tmp_path / "out").iterdir()) == []


def test_in_a_chinese_locale_it_is_said_in_chinese(monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    interrupting(monkeypatch, "streamer.commands.devices", "find_inputs", signal.SIGINT)

    assert CliRunner().invoke(app, ["devices"]).stderr == "已中断。\n"
