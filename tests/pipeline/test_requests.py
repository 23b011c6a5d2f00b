"""What is asked before the sound begins."""

from __future__ import annotations

from streamer.pipeline.requests import Requests
from tests.sinks.mqtt.parts import NotingControl


def passed_on(requests: Requests) -> list[tuple[str, ...]]:
    control = NotingControl()
    requests.pass_on(control)
    return control.calls


def test_nothing_is_asked_at_first() -> None:
    assert passed_on(Requests()) == []


def test_all_is_passed_on_once_the_last_title_and_pause_count() -> None:
    requests = Requests()
    requests.set_title("一")
    requests.set_title("二")
    requests.pause()
    requests.resume()
    requests.pause()
    requests.mark("决定")
    requests.stop()

    assert passed_on(requests) == [("set-title", "二"), ("mark", "决定"), ("pause",), ("stop",)]


def test_of_many_marks_the_last_hundred_are_kept() -> None:
    requests = Requests()
    for number in range(101):
        requests.mark(str(number))

    assert [note for _, note in passed_on(requests)] == [str(number) for number in range(1, 101)]
