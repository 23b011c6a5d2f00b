"""The loaded acoustic model of a pack, behind arrays: features to syllables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from streamer.asr.contract import MAX_LENGTH, PADDING_ID, AcousticTensors, acoustic_tensors
from streamer.asr.ctc import LogProbs
from streamer.asr.heard import AcousticOutput, require_numbers
from streamer.asr.hearings import doubtful_span, later, mean_hearing
from streamer.asr.modelpack import ModelPack
from streamer.asr.tokens import TokenTable
from streamer.errors import RecognizerError
from streamer.interfaces import ModelRunner

_FRAME_MS = 10
"""Milliseconds from one feature frame to the next."""
_LENGTH_MS = 40
"""Milliseconds that one unit of the contract's ``length`` stands for, whatever the model's own subsampling."""


class AcousticModel:
    """Hears syllables. Called from the one inference thread."""

    def __init__(self, pack: ModelPack, runner: ModelRunner, syllables: TokenTable) -> None:
        """Check a loaded model against the contract.

        Args:
            pack: whose model it is.
            runner: executes it; whoever loaded it closes it.
            syllables: the pack's table of what it hears.

        Raises:
            PackError: the model does not fit.
        """
        self._pack = pack
        self._runner = runner
        self._syllables = syllables
        self._tensors: AcousticTensors = acoustic_tensors(runner, pack.manifest.acoustic.file)

    @property
    def has_log_probs(self) -> bool:
        """Whether it offers log-probabilities."""
        return self._tensors.log_probs is not None

    def hear_all(self, features: Sequence[npt.NDArray[np.float32]], *, second_hearing: int = 0) -> list[AcousticOutput]:
        """Run the model over each, all of them before anything else drives it out of the processor's cache.

        Args:
            features: of each utterance, ``(frames, 80)``, at most 1001 frames.
            second_hearing: feature frames by which each is heard later a second time, and both hearings joined; 0, or
                without log-probabilities: it is heard once.

        Raises:
            RecognizerError: the model failed, or gave what its pack's table does not hold.
        """
        outputs = self._run(features)
        ids, name = [self._known(each[self._tensors.ids]) for each in outputs], self._tensors.log_probs
        if name is None:
            return [AcousticOutput(each, None) for each in ids]
        heard = self._log_probs([each[name] for each in outputs], list(map(len, features)))
        if second_hearing:
            self._hear_again(features, heard, second_hearing, name)
        return [AcousticOutput(*each) for each in zip(ids, heard, strict=True)]

    def _hear_again(
        self, features: Sequence[npt.NDArray[np.float32]], heard: Sequence[LogProbs], frames: int, name: str
    ) -> None:
        """Put the mean of two hearings in the place of the first, where that is not surely blank."""
        blank_id, step = self._pack.manifest.acoustic.blank_id, self._pack.manifest.acoustic.step_ms / _FRAME_MS
        spans = [doubtful_span(each, blank_id) for each in heard]
        places = [place for place, (begin, end) in enumerate(spans) if begin < end]
        moved = [
            later(features[place][int(begin * step) : None if end == len(heard[place]) else int(end * step)], frames)
            for place in places
            for begin, end in [spans[place]]
        ]
        again = self._log_probs([each[name] for each in self._run(moved)], list(map(len, moved)))
        for place, other in zip(places, again, strict=True):
            mean_hearing(heard[place], other, blank_id, begin=spans[place][0], in_place=True)

    def _run(self, features: Sequence[npt.NDArray[np.float32]]) -> list[dict[str, npt.NDArray[Any]]]:
        return [self._runner.run(self._inputs(each)) for each in features]

    def _inputs(self, features: npt.NDArray[np.float32]) -> dict[str, npt.NDArray[Any]]:
        frames = len(features)
        if self._tensors.frames is not None:
            features = np.pad(features, ((0, self._tensors.frames - frames), (0, 0)))
        return {
            self._tensors.features: np.ascontiguousarray(features[None, :, :, None], np.float32),
            self._tensors.length: np.array([[self._length(frames)]], np.int32),
        }

    def _length(self, frames: int) -> int:
        return MAX_LENGTH if self._pack.manifest.acoustic.length == "padded" else min(frames // 4, MAX_LENGTH)

    def _log_probs(self, found: Sequence[LogProbs], frames: Sequence[int]) -> list[LogProbs]:
        """What the model gave for so many feature frames each, over the real part of each utterance."""
        blank_id = self._pack.manifest.acoustic.blank_id
        columns = max(self._syllables.last_id, blank_id) + 1
        real = []
        for (log_probs,), count in zip(found, frames, strict=True):
            if log_probs.shape[1] != columns:
                raise RecognizerError(
                    f"pack {self._pack.label}: log_probs has {log_probs.shape[1]} columns, expected {columns} "
                    f"(table {self._pack.manifest.acoustic.tokens} and a blank)"
                )
            steps = int(self._length(count) * _LENGTH_MS / self._pack.manifest.acoustic.step_ms)
            real.append(log_probs[:steps])
            require_numbers(real[-1][:, blank_id], self._pack.label, "the acoustic model")
        return real

    def _known(self, ids: npt.NDArray[np.int32]) -> tuple[int, ...]:
        """The ids without padding and blanks; one that the table does not hold would make wrong text of all."""
        found = ids[(ids != PADDING_ID) & (ids != self._pack.manifest.acoustic.blank_id)]
        strange = found[(found < self._syllables.first_id) | (found > self._syllables.last_id)]
        if len(strange):
            raise RecognizerError(
                f"pack {self._pack.label}: the acoustic model gave the id {strange[0]}, expected "
                f"{self._syllables.first_id} to {self._syllables.last_id}: does {self._pack.manifest.acoustic.tokens} "
                "belong to the model, and is acoustic.first_id right?"
            )
        return tuple(found.tolist())
