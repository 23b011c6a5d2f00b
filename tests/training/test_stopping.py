from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from streamer.training.stopping import stop_at_signals


@pytest.fixture(params=[(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def ending(request: pytest.FixtureRequest) -> Iterator[tuple[signal.Signals, int]]:
    """A signal and its exit code; afterwards both signals do what they did before."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield request.param
    for number, handler in before.items():
        signal.signal(number, handler)


def test_training_ends_with_the_code_of_its_signal(
    ending: tuple[signal.Signals, int], capsys: pytest.CaptureFixture[str]
) -> None:
    number, code = ending
    signal.signal(number, signal.SIG_DFL)
    stop_at_signals()

    with pytest.raises(SystemExit) as ended:
        signal.raise_signal(number)

    assert ended.value.code == code
    assert capsys.readouterr().err == "Interrupted.\n"


def test_a_signal_that_nohup_ignores_stays_ignored(ending: tuple[signal.Signals, int]) -> None:
    number, _ = ending
    signal.signal(number, signal.SIG_IGN)

    stop_at_signals()

    assert signal.getsignal(number) is signal.SIG_IGN
