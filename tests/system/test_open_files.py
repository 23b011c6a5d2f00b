from __future__ import annotations

import resource
from pathlib import Path

import pytest
from typer.testing import CliRunner

from streamer.cli import app
from streamer.errors import OpenFilesError
from streamer.system.open_files import allow_open_files


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The limits of a process, newest last."""
    known = [(16, 64)]
    monkeypatch.setattr(resource, "getrlimit", lambda _: known[-1])
    monkeypatch.setattr(resource, "setrlimit", lambda _, both: known.append(both))
    return known


@pytest.mark.parametrize("needed", [17, 64])
def test_what_the_system_allows_is_asked_for(limits: list[tuple[int, int]], needed: int) -> None:
    allow_open_files(needed)

    assert limits == [(16, 64), (needed, 64)]


@pytest.mark.parametrize("enough", [(16, 16), (16, resource.RLIM_INFINITY), (resource.RLIM_INFINITY, 4)])
def test_what_suffices_stays(limits: list[tuple[int, int]], enough: tuple[int, int]) -> None:
    limits[:] = [enough]
    allow_open_files(16)

    assert limits == [enough]


def test_no_limit_at_all_may_be_asked_for(limits: list[tuple[int, int]]) -> None:
    limits[:] = [(16, resource.RLIM_INFINITY)]
    allow_open_files(2000)

    assert limits[-1] == (2000, resource.RLIM_INFINITY)


@pytest.mark.parametrize(("needed", "advised"), [(65, 1024), (2000, 2000)])
def test_too_low_a_limit_is_refused_with_what_raises_it(
    limits: list[tuple[int, int]], needed: int, advised: int
) -> None:
    with pytest.raises(OpenFilesError) as refused:
        allow_open_files(needed)

    assert str(refused.value) == (
        f"only 64 files may be open at once, expected {needed} or more: raise the limit, as root with "
        f"`ulimit -n {advised}` before this command, for a user in /etc/security/limits.conf, for a service with "
        f"LimitNOFILE={advised}"
    )


@pytest.mark.parametrize(
    ("command", "needed"),
    [(["run", "--source", "demo", "--data-dir", "."], 44), (["transcribe", "a.wav"], 32), (["doctor"], 32)],
)
def test_commands_say_so_before_they_open_anything(
    limits: list[tuple[int, int]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: list[str],
    needed: int,
) -> None:
    limits[:] = [(16, 16)]
    monkeypatch.chdir(tmp_path)
    outcome = CliRunner().invoke(app, command)

    assert isinstance(outcome.exception, OpenFilesError)
    assert str(outcome.exception).startswith(f"only 16 files may be open at once, expected {needed} or more: ")
    assert not list(tmp_path.iterdir())
