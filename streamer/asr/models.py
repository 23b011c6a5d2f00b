"""The two loaded models of a pack, behind arrays: features to syllables, syllables to characters."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from streamer.asr.acoustic_model import AcousticModel
from streamer.asr.contract import PADDING_ID, LanguageTensors, language_tensors
from streamer.asr.heard import AcousticOutput, LanguageOutput, require_numbers
from streamer.asr.modelpack import ModelPack
from streamer.asr.runners import RunnerFactory, open_runner, runner_factory
from streamer.asr.search.sentences import SentenceModel
from streamer.asr.search.syllable_lm import SyllableLanguageModel
from streamer.asr.search.syllable_lookup import SyllableLookup
from streamer.errors import PackError
from streamer.interfaces import ModelRunner
from streamer.settings.recognizer import RecognizerSettings


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
        self._hearing = AcousticModel(pack, acoustic, self.syllables)
        self._written: LanguageTensors = language_tensors(language, pack.manifest.language.file)
        self._trigram: SyllableLookup | None = None
        self.sentences = None if sentences is None else SentenceModel(sentences, self.syllables.first_id)
        """Judges syllable sequences; None where the pack has no such model."""
        self._check_tables()

    @property
    def has_log_probs(self) -> bool:
        """Whether the acoustic model offers log-probabilities: times, confidence, beam and hotwords need them."""
        return self._hearing.has_log_probs

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
        """As :meth:`~streamer.asr.acoustic_model.AcousticModel.hear_all`."""
        return self._hearing.hear_all(features, second_hearing=second_hearing)

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
        require_numbers(log_probs[:, 0], self.pack.label, "the language stage")
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
