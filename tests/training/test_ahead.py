from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from streamer.training.ahead import made_ahead  # noqa: E402 - torch is optional
from streamer.training.batches import Batch  # noqa: E402

CPU = torch.device("cpu")


def batch(number: int) -> Batch:
    return Batch(*(torch.full((1,), number) for _ in range(5)))


def makers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("batches")]


def test_batches_come_in_their_order_and_end() -> None:
    found = made_ahead((batch(number) for number in range(9)), CPU)

    assert [int(each.features) for each in found] == list(range(9))
    assert not makers()


def test_no_more_than_four_batches_are_made_ahead() -> None:
    made: list[int] = []
    more = threading.Semaphore(0)

    def endless() -> Iterator[Batch]:
        for number in itertools.count():
            made.append(number)
            more.release()
            yield batch(number)

    found = made_ahead(endless(), CPU)
    for taken in range(1, 4):
        next(found)
        for _ in range(1 + 4 if taken == 1 else 1):
            assert more.acquire(timeout=30)
        assert len(made) == taken + 4
    found.close()


def test_the_thread_ends_with_the_iterator() -> None:
    found = made_ahead(map(batch, itertools.count()), CPU)
    next(found)
    assert len(makers()) == 1
    found.close()

    assert not makers()


def test_what_is_raised_in_the_thread_is_raised_where_batches_are_taken() -> None:
    def breaking() -> Iterator[Batch]:
        yield batch(1)
        raise ArithmeticError("no number")

    found = made_ahead(breaking(), CPU)
    assert int(next(found).features) == 1
    with pytest.raises(ArithmeticError, match="no number"):
        next(found)
    assert not makers()


def test_training_waits_on_its_stream_for_what_was_made_on_another(monkeypatch: pytest.MonkeyPatch) -> None:
    # There is no card here: what is called of CUDA, in which thread and order, is what can be seen.
    calls: list[tuple[str, object]] = []

    class Event:
        def record(self, stream: Stream) -> None:
            calls.append(("recorded on", stream.name))

    class Stream:
        def __init__(self, name: object) -> None:
            self.name = str(name)

        def wait_stream(self, other: Stream) -> None:
            calls.append((f"{self.name} waits", other.name))

        def wait_event(self, event: Event) -> None:
            calls.append((f"{self.name} waits", type(event)))

    class OnCard:
        def record_stream(self, stream: Stream) -> None:
            calls.append(("used on", stream.name))

    @contextmanager
    def within(stream: Stream) -> Iterator[None]:
        calls.append(("enter", stream.name))
        yield
        calls.append(("leave", stream.name))

    def one() -> Iterator[Any]:
        calls.append(("made in", threading.current_thread().name.split("_")[0]))
        yield Batch(OnCard(), torch.ones(1), OnCard(), torch.ones(1), OnCard())

    monkeypatch.setattr(torch.cuda, "Stream", Stream)
    monkeypatch.setattr(torch.cuda, "stream", within)
    monkeypatch.setattr(torch.cuda, "Event", Event)
    monkeypatch.setattr(torch.cuda, "current_stream", lambda device: Stream("training's"))
    (found,) = made_ahead(one(), torch.device("cuda:1"))

    assert isinstance(found.features, OnCard)
    assert calls[:5] == [
        ("cuda:1 waits", "training's"),
        ("enter", "cuda:1"),
        ("made in", "batches"),
        ("recorded on", "cuda:1"),
        ("leave", "cuda:1"),
    ]
    handed_over = [call for call in calls[5:] if "training's" in (call[0].split(" waits")[0], call[1])]
    assert handed_over == [("training's waits", Event), *[("used on", "training's")] * 3]
