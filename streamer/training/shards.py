"""Training sound on disk: int16 waveforms end to end in one file, one JSON line each in the index beside it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from streamer.errors import SettingsError

_MANIFEST = "manifest"
"""The list of all texts lies beside the shards, under the name of one."""
Pcm = npt.NDArray[np.int16]
"""Mono samples at 16 kHz."""


@dataclass(frozen=True, slots=True)
class Clip:
    """What the index knows of one waveform."""

    id: str
    """Unique in its shard; names the recording, or the synthesiser and the sentence, and the voice."""
    text: str
    """What is said."""
    tokens: tuple[str, ...]
    """Its spelling."""
    offset: int
    """Position of the first sample in the shard."""
    samples: int
    """Length."""
    spans: tuple[tuple[int, int], ...] | None
    """First and last-plus-one sample of each token where known, else None."""


class ShardWriter:
    """Appends waveforms to ``NAME.pcm`` and ``NAME.jsonl``; continues a shard that a killed run left behind."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._sound_path, self._index_path = folder / f"{name}.pcm", folder / f"{name}.jsonl"
        clips = read_index(self._index_path) if self._index_path.exists() else []
        self.written = {clip.id for clip in clips}
        """Ids that are in the shard."""
        self._end = clips[-1].offset + clips[-1].samples if clips else 0

    def __enter__(self) -> Self:
        self._sound = self._sound_path.open("ab")
        self._sound.truncate(2 * self._end)
        self._index = self._index_path.open("a+", encoding="utf-8")
        self._index.truncate(_whole_lines(self._index_path))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._index.close()
        self._sound.close()

    def append(
        self, pcm: Pcm, *, clip_id: str, text: str, tokens: tuple[str, ...], spans: list[tuple[int, int]] | None
    ) -> None:
        """Add one waveform; the sound is on disk before its index line."""
        clip = Clip(clip_id, text, tokens, self._end, len(pcm), None if spans is None else tuple(spans))
        self._sound.write(pcm.tobytes())
        self._sound.flush()
        self._index.write(json.dumps(asdict(clip), ensure_ascii=False) + "\n")
        self._index.flush()
        self._end += len(pcm)
        self.written.add(clip_id)


class Shard:
    """A shard opened for reading; the waveforms are mapped, not loaded."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.clips = read_index(folder / f"{name}.jsonl")
        self._path = folder / f"{name}.pcm"
        self._sound: Pcm = np.memmap(self._path, np.int16, "r") if self.clips else np.empty(0, np.int16)

    def pcm(self, clip: Clip) -> Pcm:
        """The samples of a clip (read-only view)."""
        return self._sound[clip.offset : clip.offset + clip.samples]


def open_shards(folder: Path) -> dict[str, Shard]:
    """All shards of a corpus by name, in order."""
    return {path.stem: Shard(folder, path.stem) for path in sorted(folder.glob("*.jsonl")) if path.stem != _MANIFEST}


def no_sound(folder: Path, sources: Iterable[str]) -> SettingsError:
    """What to raise where a corpus has nothing of the sources that training names."""
    return SettingsError(f"no sound in {folder} for train.sources {sorted(sources)}; run `streamer train synth` first")


def read_index(path: Path) -> list[Clip]:
    """Clips of an index; a last line cut short by a kill is left out."""
    return list(_complete(path))


def _whole_lines(path: Path) -> int:
    """Bytes of an index up to its last line break."""
    return path.read_bytes().rfind(b"\n") + 1


def _complete(path: Path) -> Iterator[Clip]:
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
        if not line.endswith("\n"):
            return
        entry = json.loads(line)
        spans = entry["spans"]
        yield Clip(
            entry["id"], entry["text"], tuple(entry["tokens"]), entry["offset"], entry["samples"],
            None if spans is None else tuple((first, last) for first, last in spans),
        )  # fmt: skip
