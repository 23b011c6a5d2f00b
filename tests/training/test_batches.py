from __future__ import annotations

import itertools
import os
import queue
import re
import signal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from streamer.errors import SettingsError  # noqa: E402 - torch is optional
from streamer.training import batches as module  # noqa: E402
from streamer.training.batches import Batch, Loader, augmentation_strength, collated  # noqa: E402
from streamer.training.examples import Example  # noqa: E402
from streamer.training.settings import AugmentSettings, TrainSettings  # noqa: E402

pytestmark = pytest.mark.train


class LoaderProcess:
    """A process that fills its queue with what a test gives, and dies."""

    def __init__(self, ready: list[Any], *, late: int = 0) -> None:
        """``late``: how many times nothing is ready yet, while the process lives."""
        self._ready = ready
        self._late = late
        self.size = 0
        self.given: dict[str, Any] = {}
        self.calls: list[str] = []
        self.exitcode = -9

    def Queue(self, size: int) -> LoaderProcess:  # noqa: N802 - the name that multiprocessing has
        self.size = size
        return self

    def Process(self, **given: Any) -> LoaderProcess:  # noqa: N802 - same
        self.given = given
        return self

    def get(self, timeout: float) -> Any:
        self._late -= 1
        if self._late >= 0 or not self._ready:
            raise queue.Empty
        return self._ready.pop(0)

    def start(self) -> None:
        blocked = signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])
        self.calls.append("start without Ctrl-C" if blocked else "start")

    def is_alive(self) -> bool:
        return self._late >= 0

    def terminate(self) -> None:
        self.calls.append("terminate")

    def join(self) -> None:
        self.calls.append("join")


def loader(process: LoaderProcess, monkeypatch: pytest.MonkeyPatch) -> Loader:
    monkeypatch.setattr(module.processes, "get_context", lambda _: process)
    return Loader(Path(), [], TrainSettings(), AugmentSettings())


def test_ctrl_c_is_for_the_process_that_trains(monkeypatch: pytest.MonkeyPatch) -> None:
    process = LoaderProcess(["batch"])
    batches = loader(process, monkeypatch).batches(0)

    assert next(batches) == "batch"
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])
    batches.close()
    assert process.calls == ["start without Ctrl-C", "terminate", "join"]


def test_a_loader_that_died_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    process = LoaderProcess([])

    with pytest.raises(RuntimeError, match="the loader process ended with code -9"):
        next(loader(process, monkeypatch).batches(0))

    assert process.calls[1:] == ["terminate", "join"]


@pytest.mark.parametrize("error", [SettingsError("no sound in corpus"), FileNotFoundError(2, "No such file", "a.pcm")])
def test_a_corpus_of_which_nothing_can_be_made_is_told_of_at_once(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr(module, "ExampleMaker", refuse)
    monkeypatch.setattr(torch, "set_num_threads", lambda _: None)
    put: list[Exception] = []
    module._fill(SimpleNamespace(put=put.append), Path(), [], TrainSettings(), AugmentSettings(), 0)
    process = LoaderProcess(list(put))

    with pytest.raises(type(error), match=re.escape(str(error))):
        next(loader(process, monkeypatch).batches(0))

    assert process.calls[1:] == ["terminate", "join"]


def test_the_loader_ends_with_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[str | int] = []
    monkeypatch.setattr(
        module.processes, "parent_process", lambda: SimpleNamespace(join=lambda: ended.append("parent"))
    )
    monkeypatch.setattr(os, "_exit", ended.append)

    module._end_with_the_parent()

    assert ended == ["parent", 1]


def example(frames: int, *tokens: int, value: float = 1.0) -> Example:
    """One whose every 40 ms are its first token."""
    labels = np.full(frames // 4, tokens[0] if tokens else -1, np.int64)
    return Example(np.full((frames, 80), value, np.float32), np.array(tokens, np.int64), labels)


def test_examples_are_padded_to_the_longest_in_steps_of_eight_frames() -> None:
    batch = collated([example(13, 5, 6), example(8, 7, value=2.0), example(8)])

    assert batch.features.shape == (3, 16, 80)
    assert batch.features[:, :, 0].tolist() == [[1.0] * 13 + [0.0] * 3, [2.0] * 8 + [0.0] * 8, [1.0] * 8 + [0.0] * 8]
    assert batch.length.tolist() == [3, 2, 2]
    assert batch.tokens.tolist() == [5, 6, 7]
    assert batch.counts.tolist() == [2, 1, 0]
    assert batch.labels.tolist() == [[5, 5, 5, -1], [7, 7, -1, -1], [-1, -1, -1, -1]]
    assert batch.views == 1


@pytest.mark.parametrize(("frames", "padded", "length"), [(3, 8, 0), (16, 16, 4), (1001, 1008, 250)])
def test_a_batch_has_at_least_eight_frames_and_ten_seconds_at_most(frames: int, padded: int, length: int) -> None:
    batch = collated([example(frames)])

    assert (batch.features.shape[1], batch.length.tolist()) == (padded, [length])


@pytest.mark.parametrize(
    ("step", "ramp", "strength"), [(0, 100, 0.1), (50, 100, 0.55), (100, 100, 1.0), (900, 100, 1.0), (1, 0, 1.0)]
)
def test_augmentation_grows_from_a_tenth_to_all_of_it(step: int, ramp: int, strength: float) -> None:
    assert augmentation_strength(step, AugmentSettings(ramp_steps=ramp)) == pytest.approx(strength)


class LengthMaker:
    """Draws examples of 8 to 88 frames; each has a token of its own."""

    def __init__(self) -> None:
        self.drawn: list[tuple[tuple[int, ...], float]] = []

    def draw(self, seed: tuple[int, ...], strength: float) -> Example:
        self.drawn.append((seed, strength))
        return example(8 + 8 * (seed[2] * 7 % 11), seed[2])


TRAIN = TrainSettings(seed=3, batch_seconds=2.4)


def first_batches(maker: LengthMaker, step: int, count: int) -> list[Batch]:
    return list(itertools.islice(module.batches(maker, TRAIN, AugmentSettings(ramp_steps=24), step), count))


def test_a_round_holds_what_was_drawn_once_in_batches_of_one_length() -> None:
    maker = LengthMaker()
    made = first_batches(maker, 0, 12)

    frames = [8 + 8 * (number * 7 % 11) for number in range(len(maker.drawn))]
    assert sum(frames[:-1]) < 12 * 240 * 0.97 <= sum(frames)
    assert sorted(token for batch in made for token in batch.tokens.tolist()) == list(range(len(frames)))
    lengths = sorted(sorted((4 * batch.length).tolist()) for batch in made)
    assert [one for batch in lengths for one in batch] == sorted(frames)
    assert all(abs(sum(batch) - sum(frames) / 12) <= max(batch) for batch in lengths)


def test_rounds_are_drawn_and_shuffled_by_the_seed_and_their_number() -> None:
    maker = LengthMaker()
    made = first_batches(maker, 0, 24)
    second = len(maker.drawn) // 2

    assert maker.drawn[0] == ((3, 0, 0), pytest.approx(0.1))
    assert maker.drawn[second] == ((3, 1, 0), pytest.approx(0.55))
    orders = [[int(batch.length.max()) for batch in part] for part in (made[:12], made[12:])]
    assert sorted(orders[0]) == sorted(orders[1])
    assert sorted(orders[0]) not in orders
    assert orders[0] != orders[1]


def test_a_loader_that_is_slow_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    process = LoaderProcess(["batch"], late=2)
    batches = loader(process, monkeypatch).batches(0)

    assert next(batches) == "batch"
    batches.close()


def test_the_process_is_asked_for_the_batches_from_a_step_on(monkeypatch: pytest.MonkeyPatch) -> None:
    process = LoaderProcess(["batch"])
    batches = loader(process, monkeypatch).batches(7)
    next(batches)
    batches.close()

    assert process.given == {
        "target": module._fill,
        "args": (process, Path(), [], TrainSettings(), AugmentSettings(), 7),
        "daemon": True,
    }
    assert process.size == 16


def test_the_process_makes_batches_with_one_thread_beside_one_that_watches_its_parent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    threads: list[int] = []
    put: list[object] = []
    watching: list[dict[str, object]] = []

    def thread(**given: object) -> SimpleNamespace:
        return SimpleNamespace(start=lambda: watching.append(given))

    monkeypatch.setattr(module.threading, "Thread", thread)
    monkeypatch.setattr(torch, "set_num_threads", threads.append)
    monkeypatch.setattr(module, "ExampleMaker", lambda *given: given)
    monkeypatch.setattr(module, "batches", lambda *given: iter(given))

    module._fill(SimpleNamespace(put=put.append), Path(), [], TRAIN, AugmentSettings(), 7)

    assert put == [(Path(), [], TRAIN, AugmentSettings()), TRAIN, AugmentSettings(), 7]
    assert threads == [1]
    assert watching == [{"target": module._end_with_the_parent, "daemon": True}]
