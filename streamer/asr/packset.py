"""A pack and, where an NPU may fail, its fallback pack."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from streamer.asr.fallback import FallbackRecognizer, Outage
from streamer.asr.favouring import HotwordRecognizer
from streamer.asr.hotword_watch import HotwordSource
from streamer.asr.modelpack import ModelPack, load_pack
from streamer.asr.models import LoadedModels, load_models
from streamer.asr.preconditions import fallback_folder
from streamer.asr.recognizer import PackRecognizer
from streamer.asr.runners import RunnerFactory
from streamer.asr.shared_hotwords import SharedHotwords
from streamer.errors import AscendError
from streamer.interfaces import Recognizer
from streamer.settings.recognizer import RecognizerSettings
from streamer.types import HotwordsChanged, Notice

if TYPE_CHECKING:
    from streamer.asr.runners.ascend import AscendDevice


@dataclass(frozen=True, slots=True)
class NpuStatistics:
    """How the NPU behind a pack did so far."""

    runs: int
    """Model runs that succeeded."""
    failures: int
    """Model runs, starts and loads that failed."""
    replacements: int
    """Worker processes that were replaced."""
    outages: int
    """How often the fallback pack took over."""
    is_away: bool
    """Whether the fallback pack is decoding now."""
    bridged: int
    """Utterances whose final came from the fallback pack."""


class PackSet:
    """The models behind the recognisers of all rooms. Used in the inference thread only.

    A pack for the NPU with ``recognizer.ascend.fallback_pack`` brings that pack along, loaded, so that the next
    utterance can be decoded with it; every other pack stands alone.
    """

    def __init__(
        self,
        folder: Path,
        settings: RecognizerSettings,
        clock: Callable[[], float] = time.monotonic,
        hotwords: HotwordSource | None = None,
        written_from: int = 0,
    ) -> None:
        """Verify the packs; no model is loaded.

        Args:
            folder: the pack's folder.
            settings: how it is executed, and which pack is its fallback.
            clock: seconds that only grow.
            hotwords: what all rooms favour; None: nothing.
            written_from: as of :class:`~streamer.asr.recognizer.PackRecognizer`.

        Raises:
            PackError: a pack is not there, not what it claims to be, or the fallback is for the NPU too.
        """
        self._settings = settings
        self._hotwords = hotwords
        self._written_from = written_from
        self._pack = load_pack(folder)
        self._shared: defaultdict[Path, SharedHotwords] = defaultdict(SharedHotwords)
        """By pack."""
        self._owned = ExitStack()
        self._device: AscendDevice | None = None
        self._primary: LoadedModels | None = None
        self._fallback_models: LoadedModels | None = None
        self._fallback_pack: ModelPack | None = None
        if self._pack.manifest.runner == "ascend":
            from streamer.asr.runners.ascend import AscendDevice  # noqa: PLC0415 - most machines have no NPU

            fallback = fallback_folder(settings)
            if fallback is not None:
                self._fallback_pack = load_pack(fallback)
            self._device = AscendDevice(
                settings.ascend, has_fallback=fallback is not None, is_replaced=lambda: self.outage.is_on
            )
        self.outage = Outage(settings.ascend.return_after_s, clock)
        """When the NPU failed, and how often."""

    @property
    def statistics(self) -> NpuStatistics | None:
        """How the NPU did so far; None for packs that need none. May be read from any thread."""
        if self._device is None:
            return None
        device, outage = self._device.statistics, self.outage
        return NpuStatistics(
            runs=device.runs,
            failures=device.failures,
            replacements=device.replacements,
            outages=outage.count,
            is_away=outage.is_on,
            bridged=outage.bridged,
        )

    def load(self) -> LoadedModels:
        """Load the models, once.

        Returns:
            The pack's, or the fallback's where the NPU does not start.

        Raises:
            PackError: a model does not follow the contract.
            RecognizerError: the device failed, and there is no fallback.
            MissingDependencyError: what executes the pack is not installed.
        """
        if self._fallback_pack is None:
            return self._load_primary()
        if self._fallback_models is None:
            self._fallback_models = self._load(self._fallback_pack, None)
        if self._primary is None and not self.outage.allows_try:
            return self._fallback_models
        try:
            return self._load_primary()
        except AscendError as error:
            # Whoever asks next must not wait for a device again that has just failed.
            self.outage.begin(str(error))
            return self._fallback_models

    def new_recognizer(self, notify: Callable[[Notice | HotwordsChanged], object]) -> Recognizer:
        """A room's own recogniser.

        Args:
            notify: told that another pack took over, or gave back, and of other hotwords; called in the inference
                thread.

        Raises:
            PackError, RecognizerError, MissingDependencyError: as :meth:`load`.
        """
        models = self.load()
        if self._fallback_models is None:
            return self._open(models, notify)
        # It favours the same words, and tells of them only where it has to decode.
        fallback = self._open(self._fallback_models, notify, is_first=False)
        recognizer = FallbackRecognizer(partial(self._open_primary, notify), fallback, self.outage, notify)
        recognizer.warm_up()
        return recognizer

    def close(self) -> None:
        """Release all models. Safe to call twice."""
        self._owned.close()
        self._primary = self._fallback_models = None

    def _open_primary(self, notify: Callable[[Notice | HotwordsChanged], object]) -> Recognizer:
        return self._open(self._load_primary(), notify)

    def _open(
        self, models: LoadedModels, notify: Callable[[Notice | HotwordsChanged], object], *, is_first: bool = True
    ) -> Recognizer:
        recognizer = PackRecognizer(
            models, self._settings, written_from=self._written_from, shared=self._shared[models.pack.folder]
        )
        if self._hotwords is None:
            return recognizer
        favouring = HotwordRecognizer(recognizer, self._hotwords, notify)
        if is_first:
            favouring.prepare()
        return favouring

    def _load_primary(self) -> LoadedModels:
        if self._primary is None:
            self._primary = self._load(self._pack, self._device.open_runner if self._device is not None else None)
        return self._primary

    def _load(self, pack: ModelPack, factory: RunnerFactory | None) -> LoadedModels:
        models = load_models(pack, self._settings, factory)
        self._owned.callback(models.close)
        return models
