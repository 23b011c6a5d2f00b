"""The models of a pack, loaded once and used by every room of this process."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from streamer.asr.favouring import NOTICE_KEY
from streamer.asr.hotword_list import Hotword, as_written
from streamer.asr.hotword_watch import HotwordSource, HotwordWatch
from streamer.asr.modelpack import find_pack
from streamer.asr.preconditions import check_preconditions
from streamer.pipeline import Recognition
from streamer.settings import Settings
from streamer.sinks.told_notices import log_notice
from streamer.system.code_pages import give_code_back
from streamer.system.memory import Thrift, loading
from streamer.types import HotwordsChanged, Notice

if TYPE_CHECKING:
    from streamer.asr.models import LoadedModels
    from streamer.asr.packset import NpuStatistics, PackSet
    from streamer.text.punctuation import Punctuator


def log_hotwords(notice: Notice | HotwordsChanged) -> None:
    """What is wrong with hotwords is for the log, too. Outages of an NPU are in it already."""
    if isinstance(notice, Notice) and notice.key == NOTICE_KEY:
        log_notice(notice)


class _HotwordNames:
    """The hotwords with numerals, which stay in finals as the list has them; called in the inference thread."""

    def __init__(self, source: HotwordSource | None) -> None:
        self._source = source
        self._words: Sequence[Hotword] = ()
        self._pattern: re.Pattern[str] | None = None

    def __call__(self, start_sample: int) -> re.Pattern[str] | None:
        """Those for an utterance that begins there."""
        words = () if self._source is None else self._source.words_from(start_sample)
        if words is not self._words:
            from streamer.text.names import names_pattern  # noqa: PLC0415 - its rules load off the loop

            self._words, self._pattern = words, names_pattern(as_written(word.text) for word in words)
        return self._pattern


class SharedModels:
    """Loads a pack's models in the inference thread, and makes a recogniser for each room that shares them."""

    def __init__(self, settings: Settings, hotwords: HotwordSource | None = None) -> None:
        """Find the pack, read its manifest and the hotwords; nothing heavy is loaded.

        Args:
            settings: of the run.
            hotwords: what to favour; None: those of the settings.

        Raises:
            PackError: there is no such pack, its manifest is malformed, a file of it is missing, or no execution
                provider is installed.
            MissingDependencyError: ONNX Runtime cannot be loaded.
            SettingsError: a hotword or the list of hotwords is malformed.
        """
        self._settings = settings
        wanted = settings.hotwords.words or settings.hotwords.file
        self._hotwords = hotwords or (HotwordWatch(settings.hotwords) if wanted else None)
        self._names = _HotwordNames(self._hotwords)
        self._folder: Path = find_pack(settings.recognizer.pack)
        manifest = check_preconditions(self._folder, settings.recognizer)
        self.label = f"{manifest.name} {manifest.version}"
        """The pack's name and version."""
        self.runner = manifest.runner
        """What executes its models."""
        self._owned = ExitStack()

    def load(self) -> None:
        """Load the models now rather than for the first room. Called in the inference thread.

        Raises:
            PackError: a file of the pack has changed, or a model does not follow the contract.
            RecognizerError, MissingDependencyError: the models cannot be run here.
        """
        _ = self._models
        if self._models.has_log_probs:
            with loading():
                self._models.trigram()
        _ = self._punctuator
        # What a room's recogniser is made of would take the first caption 100 ms.
        import streamer.text.finisher  # noqa: PLC0415
        import streamer.vad.gate  # noqa: F401, PLC0415

        give_code_back()

    def new_recognition(
        self, notify: Callable[[Notice | HotwordsChanged], object] = log_hotwords, *, is_thrifty: bool = False
    ) -> Recognition:
        """A room's own recogniser and written form. Called in the inference thread; errors as :meth:`load`.

        Args:
            notify: told that the fallback pack took over from the NPU, or gave back, and of hotwords that changed;
                called in that thread.
            is_thrifty: whether memory is given back after every final, for a program that goes on for hours beside
                others. What decodes one utterance after another would ask for it again at once: a tenth more time.
        """
        from streamer.text.finisher import CaptionFinisher  # noqa: PLC0415
        from streamer.text.hindsight import Hindsight  # noqa: PLC0415
        from streamer.vad.gate import GatedRecognizer  # noqa: PLC0415

        recognizer = GatedRecognizer(self._packs.new_recognizer(notify), self._settings.gate)
        punctuator, settings = self._punctuator, self._settings.text
        hindsight = None
        if punctuator is not None and settings.punctuation:
            hindsight = partial(Hindsight, punctuator, settings, self._names)
        return Recognition(
            recognizer, CaptionFinisher(punctuator, settings, self._names), hindsight, Thrift() if is_thrifty else None
        )

    def npu_statistics(self) -> NpuStatistics | None:
        """How the NPU did so far; None without one, or before it is loaded. May be called from any thread."""
        packs = self.__dict__.get("_packs")  # not to load them here
        return packs.statistics if packs is not None else None

    def close(self) -> None:
        """Release the models. Called in the inference thread; safe to call twice."""
        self._owned.close()

    @cached_property
    def _packs(self) -> PackSet:
        from streamer.asr.packset import PackSet  # noqa: PLC0415 - numpy and the rest load here, off the loop

        packs = PackSet(
            self._folder,
            self._settings.recognizer,
            hotwords=self._hotwords,
            written_from=self._settings.gate.early_syllables,
        )
        self._owned.callback(packs.close)
        return packs

    @cached_property
    def _models(self) -> LoadedModels:
        """Those of the pack; of its fallback where the NPU does not start."""
        packs = self._packs
        with loading():
            return packs.load()

    @cached_property
    def _punctuator(self) -> Punctuator | None:
        path = self._models.pack.resource("punctuation")
        if path is None:
            return None
        from streamer.asr.runners import open_runner  # noqa: PLC0415
        from streamer.text.punctuation import Punctuator  # noqa: PLC0415

        with loading():
            runner = open_runner("onnx", path, self._settings.recognizer)
        self._owned.callback(runner.close)
        return Punctuator(runner, self._models.characters.ids)
