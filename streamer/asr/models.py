"""The two loaded models of a pack, behind arrays: features to syllables, syllables to characters."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from streamer.asr.contract import (
    MAX_LENGTH,
    PADDING_ID,
    AcousticTensors,
    LanguageTensors,
    acoustic_tensors,
    language_tensors,
)
from streamer.asr.ctc import LogProbs
from streamer.asr.heard import AcousticOutput, LanguageOutput
from streamer.asr.hearings import doubtful_span, later, mean_hearing
from streamer.asr.modelpack import ModelPack
from streamer.asr.runners import RunnerFactory, open_runner, runner_factory
from streamer.asr.sentences import SentenceModel
from streamer.asr.syllable_lm import SyllableLanguageModel
from streamer.asr.syllable_lookup import SyllableLookup
from streamer.errors import PackError, RecognizerError
from streamer.interfaces import ModelRunner
from streamer.settings.recognizer import RecognizerSettings

_FRAME_MS = 10
"""Milliseconds from one feature frame to the next."""
_LENGTH_MS = 40
"""Milliseconds that one unit of the contract's ``length`` stands for, whatever the model's own subsampling."""


class LoadedModels:
    """A pack's models, loaded. Several recognisers may share them, all from the one inference thread."""

    def __init__(
        self, pack: ModelPack, acoustic: ModelRunner, language: ModelRunner, sentences: ModelRunner | None = None
    ) -> None:
        """Check loaded models against the contract and the pack's tables.

        Args:
            pack: whose models they are.
            acoustic: features to syllables.
            language: syllables to characters.
            sentences: judges syllable sequences; None where the pack has no such model.

        Raises:
            PackError: a model or a table does not fit.
        """
        self.pack = pack
        self.syllables = pack.syllables()
        self.characters = pack.characters()
        self._acoustic = acoustic
        self._language = language
        self._heard: AcousticTensors = acoustic_tensors(acoustic, pack.manifest.acoustic.file)
        self._written: LanguageTensors = language_tensors(language, pack.manifest.language.file)
        self._trigram: SyllableLookup | None = None
        self.sentences = None if sentences is None else SentenceModel(sentences, self.syllables.first_id)
        """Judges syllable sequences; None where the pack has no such model."""
        self._check_tables()

    @property
    def has_log_probs(self) -> bool:
        """Whether the acoustic model offers log-probabilities: times, confidence, beam and hotwords need them."""
        return self._heard.log_probs is not None

    @property
    def has_language_scores(self) -> bool:
        """Whether the language stage offers log-probabilities."""
        return self._written.log_probs is not None

    def hear(self, features: npt.NDArray[np.float32]) -> AcousticOutput:
        """Run the acoustic model.

        Args:
            features: ``(frames, 80)``, at most 1001 frames.

        Raises:
            RecognizerError: the model failed, or gave what its pack's table does not hold.
        """
        return self.hear_all([features])[0]

    def hear_all(self, features: Sequence[npt.NDArray[np.float32]], *, second_hearing: int = 0) -> list[AcousticOutput]:
        """As :meth:`hear` of each, all of them before anything else drives the model out of the processor's cache.

        Args:
            features: of each utterance.
            second_hearing: feature frames by which each is heard later a second time, and both hearings joined; 0, or
                without log-probabilities: it is heard once.
        """
        outputs = self._run_acoustic(features)
        ids, name = [self._known(each[self._heard.ids]) for each in outputs], self._heard.log_probs
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
        blank_id, step = self.pack.manifest.acoustic.blank_id, self.pack.manifest.acoustic.step_ms / _FRAME_MS
        spans = [doubtful_span(each, blank_id) for each in heard]
        places = [place for place, (begin, end) in enumerate(spans) if begin < end]
        moved = [
            later(features[place][int(begin * step) : None if end == len(heard[place]) else int(end * step)], frames)
            for place in places
            for begin, end in [spans[place]]
        ]
        again = self._log_probs([each[name] for each in self._run_acoustic(moved)], list(map(len, moved)))
        for place, other in zip(places, again, strict=True):
            mean_hearing(heard[place], other, blank_id, begin=spans[place][0], in_place=True)

    def _run_acoustic(self, features: Sequence[npt.NDArray[np.float32]]) -> list[dict[str, npt.NDArray[Any]]]:
        return [self._acoustic.run(self._acoustic_inputs(each)) for each in features]

    def _acoustic_inputs(self, features: npt.NDArray[np.float32]) -> dict[str, npt.NDArray[Any]]:
        frames = len(features)
        if self._heard.frames is not None:
            features = np.pad(features, ((0, self._heard.frames - frames), (0, 0)))
        return {
            self._heard.features: np.ascontiguousarray(features[None, :, :, None], np.float32),
            self._heard.length: np.array([[self._length(frames)]], np.int32),
        }

    def _length(self, frames: int) -> int:
        return MAX_LENGTH if self.pack.manifest.acoustic.length == "padded" else min(frames // 4, MAX_LENGTH)

    def _log_probs(self, found: Sequence[LogProbs], frames: Sequence[int]) -> list[LogProbs]:
        """What the model gave for so many feature frames each, over the real part of each utterance."""
        blank_id = self.pack.manifest.acoustic.blank_id
        columns = max(self.syllables.last_id, blank_id) + 1
        real = []
        for (log_probs,), count in zip(found, frames, strict=True):
            if log_probs.shape[1] != columns:
                raise RecognizerError(
                    f"pack {self.pack.label}: log_probs has {log_probs.shape[1]} columns, expected {columns} "
                    f"(table {self.pack.manifest.acoustic.tokens} and a blank)"
                )
            steps = int(self._length(count) * _LENGTH_MS / self.pack.manifest.acoustic.step_ms)
            real.append(log_probs[:steps])
            self._check_numbers(real[-1][:, blank_id], "the acoustic model")
        return real

    def write(self, syllables: tuple[int, ...]) -> LanguageOutput:
        """Run the language stage.

        Args:
            syllables: ids of the acoustic table, at most 251.

        Raises:
            RecognizerError: the model failed.
        """
        if not syllables:
            return LanguageOutput((), np.empty((0, 0), np.float32) if self.has_language_scores else None)
        inputs = np.full((1, self._written.tokens or len(syllables)), PADDING_ID, np.int32)
        inputs[0, : len(syllables)] = syllables
        outputs = self._language.run({self._written.inputs: inputs})
        ids: list[int] = []
        # Position 0 is S; then one character a syllable, up to /S.
        for token in outputs[self._written.ids].reshape(-1)[1 : len(syllables) + 1].tolist():
            if token == self.pack.manifest.language.end_id:
                break
            ids.append(token)
        if self._written.log_probs is None:
            return LanguageOutput(tuple(ids))
        log_probs = outputs[self._written.log_probs][0, 1 : len(ids) + 1]
        self._check_numbers(log_probs[:, 0], "the language stage")
        return LanguageOutput(tuple(ids), log_probs)

    def trigram(self) -> SyllableLookup | None:
        """The pack's syllable trigram, loaded once for all recognisers; None where the pack has none.

        Raises:
            PackError: it is damaged, or was made for another token table.
        """
        path = self.pack.resource("syllable_lm")
        if self._trigram is None and path is not None:
            self._trigram = SyllableLookup(SyllableLanguageModel.load(path, tokens=len(self.syllables)))
        return self._trigram

    def close(self) -> None:
        """Release the models. Safe to call twice."""
        if self.sentences is not None:
            self.sentences.close()
        self._language.close()
        self._acoustic.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _check_numbers(self, scores: npt.NDArray[np.float32], model: str) -> None:
        """Refuse the scores of one token that are none: so are all of that step, which are of one softmax."""
        if np.isnan(scores).any():
            raise RecognizerError(
                f"pack {self.pack.label}: {model} gave scores that are no numbers, expected log-probabilities: in fp16 "
                "it may overflow, convert it with another --precision"
            )

    def _known(self, ids: npt.NDArray[np.int32]) -> tuple[int, ...]:
        """The ids without padding and blanks; one that the table does not hold would make wrong text of all."""
        found = ids[(ids != PADDING_ID) & (ids != self.pack.manifest.acoustic.blank_id)]
        strange = found[(found < self.syllables.first_id) | (found > self.syllables.last_id)]
        if len(strange):
            raise RecognizerError(
                f"pack {self.pack.label}: the acoustic model gave the id {strange[0]}, expected "
                f"{self.syllables.first_id} to {self.syllables.last_id}: does {self.pack.manifest.acoustic.tokens} "
                "belong to the model, and is acoustic.first_id right?"
            )
        return tuple(found.tolist())

    def _check_tables(self) -> None:
        manifest, table, blank_id = self.pack.manifest, self.syllables, self.pack.manifest.acoustic.blank_id
        beside = [one for one in (table.first_id - 1, table.last_id + 1) if one >= 0]
        if blank_id not in beside:
            raise PackError(
                f"pack {self.pack.folder}: blank_id {blank_id} is not beside the ids {table.first_id} to "
                f"{table.last_id} of {manifest.acoustic.tokens}, expected {' or '.join(map(str, beside))}"
            )
        for key, token in (("start_id", manifest.language.start_id), ("end_id", manifest.language.end_id)):
            if not self.characters.holds(token):
                raise PackError(
                    f"pack {self.pack.folder}: {key} {token} is not in {manifest.language.tokens}, expected "
                    f"{self.characters.first_id} to {self.characters.last_id}"
                )


def load_models(pack: ModelPack, settings: RecognizerSettings, factory: RunnerFactory | None = None) -> LoadedModels:
    """Load the models of a pack, in the thread that will run them. Close what is returned.

    The sentence model is small and of changing shape: it runs on the processor, also beside an NPU.

    Raises:
        PackError: a model file or table does not follow the contract.
        RecognizerError: the device failed.
        MissingDependencyError: the pack's runner is not installed.
    """
    manifest = pack.manifest
    load = factory or runner_factory(manifest.runner, settings)
    with ExitStack() as loaded:

        def opened(runner: ModelRunner) -> ModelRunner:
            loaded.callback(runner.close)
            return runner

        acoustic = opened(load(manifest.runner, pack.path(manifest.acoustic.file), settings))
        language = opened(load(manifest.runner, pack.path(manifest.language.file), settings))
        path = pack.resource("sentences")
        sentences = None if path is None else opened(open_runner("onnx", path, settings))
        models = LoadedModels(pack, acoustic, language, sentences)
        loaded.pop_all()
    return models
