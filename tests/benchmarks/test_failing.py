"""What is said where a benchmark lacks something."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import FOLDER, main
from streamer.errors import AudioFileError
from streamer.system.installation import install_command

WITH_DATA = (
    "accuracy",
    "fit_decoding",
    "latency",
    "murmur",
    "noise",
    "overhead",
    "rooms",
    "seams",
    "soak",
    "speed",
    "text",
)


def run(*command: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """``python -m …`` in the checkout, with other packages first where ``path`` is given."""
    environment = {**os.environ, "PYTHONPATH": str(path or "")}
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=FOLDER.parent, capture_output=True, text=True, timeout=100, check=False, env=environment,
    )  # fmt: skip


UNREAD = (
    "cannot read /nonexistent/{}: No such file or directory; expected a table of file, seconds and text: "
    "name the folder with its recordings by --data"
)


def test_data_that_are_not_there_are_named_in_one_line() -> None:
    done = run("benchmarks.latency", "--data", "/nonexistent")

    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith(UNREAD.format("test.tsv"))
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("name", WITH_DATA)
def test_each_names_the_data_that_are_not_there(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [])
    monkeypatch.delitem(sys.modules, f"benchmarks.{name}", raising=False)  # where its own tests have imported it
    texts = ["--only", "decoding"] if name == "text" else []
    with pytest.raises((AudioFileError, SystemExit)) as unread:  # the first is said by the one process above
        main([name, "--data", "/nonexistent", *texts])
    ended = unread.value
    said, code = (
        (str(ended), ended.exit_code)
        if isinstance(ended, AudioFileError)
        else (capsys.readouterr().err.rstrip(), ended.code)
    )

    assert code == 2
    assert said.endswith(UNREAD.format("tune.tsv" if name == "fit_decoding" else "test.tsv"))


@pytest.mark.parametrize("name", ["benchmarks.start", "benchmarks"])
def test_a_package_that_is_not_there_is_named_in_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "psutil.py").write_text("raise ModuleNotFoundError(name=__name__)\n", encoding="utf-8")
    done = run(name, *(["start"] if name == "benchmarks" else []), path=tmp_path)

    assert (done.returncode, done.stderr) == (2, f"benchmarks: psutil is not installed: {install_command('test')}\n")


def test_a_defect_keeps_its_traceback(tmp_path: Path) -> None:
    (tmp_path / "psutil.py").write_text("1 / 0\n", encoding="utf-8")
    done = run("benchmarks.start", path=tmp_path)

    assert done.returncode == 1
    assert done.stderr.endswith("ZeroDivisionError: division by zero\n")


def test_one_that_is_interrupted_says_so_with_the_code_of_shells(tmp_path: Path) -> None:
    (tmp_path / "psutil.py").write_text("raise KeyboardInterrupt\n", encoding="utf-8")
    done = run("benchmarks.start", path=tmp_path)

    assert (done.returncode, done.stderr) == (130, "Interrupted.\n")
