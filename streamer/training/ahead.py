"""Batches made ahead of training, in a thread of their own."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import torch

from streamer.training.batches import Batch

AHEAD = 4
"""Batches that are made, or being made, while training takes none."""

_Ready = Callable[[], Batch]
"""Hands a batch over to the stream that calls it."""


def made_ahead(batches: Iterator[Batch], device: torch.device) -> Iterator[Batch]:
    """The same batches, made in a thread; on CUDA on a stream of their own, too, beside the kernels of training.

    What is raised in the thread is raised here. The thread ends with the iterator.

    Args:
        batches: whose tensors are on the device; only the thread draws from it.
        device: of training.
    """
    make: Callable[[], _Ready | None] = _OnStream(batches, device) if device.type == "cuda" else _Plainly(batches)
    maker = ThreadPoolExecutor(1, thread_name_prefix="batches")
    try:
        # Bounded by what was asked for: the next batch is asked for when one is taken.
        asked = deque(maker.submit(make) for _ in range(AHEAD))
        while ready := asked.popleft().result():
            asked.append(maker.submit(make))
            yield ready()
    finally:
        maker.shutdown(cancel_futures=True)


class _Plainly:
    """Makes batches where there are no streams."""

    def __init__(self, batches: Iterator[Batch]) -> None:
        self._batches = batches

    def __call__(self) -> _Ready | None:
        """The next batch; nothing after the last."""
        batch = next(self._batches, None)
        return None if batch is None else lambda: batch


class _OnStream:
    """Makes batches on a stream of their own."""

    def __init__(self, batches: Iterator[Batch], device: torch.device) -> None:
        self._batches, self._device = batches, device
        self._stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        # What batches are made of was brought to the device by the stream of training.
        self._stream.wait_stream(torch.cuda.current_stream(device))

    def __call__(self) -> _Ready | None:
        """The next batch, launched but perhaps not made yet; nothing after the last."""
        with torch.cuda.stream(self._stream):
            batch = next(self._batches, None)
            made = torch.cuda.Event()  # type: ignore[no-untyped-call]
            made.record(self._stream)
        return None if batch is None else lambda: self._handed_over(batch, made)

    def _handed_over(self, batch: Batch, made: torch.cuda.Event) -> Batch:
        """Let the training's stream wait for a batch, and its memory for that stream before it is used again."""
        training = torch.cuda.current_stream(self._device)
        training.wait_event(made)
        for tensor in (batch.features, batch.tokens, batch.labels):
            tensor.record_stream(training)
        return batch
