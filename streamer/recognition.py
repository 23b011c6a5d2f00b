"""The models of a pack, loaded once and used by every room of this process."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from streamer.asr.modelpack import find_pack, load_pack, read_manifest
from streamer.pipeline import Recognition
from streamer.settings import Settings

if TYPE_CHECKING:
    from streamer.asr.models import LoadedModels
    from streamer.text.punctuation import Punctuator


class SharedModels:
    """Loads a pack's models in the inference thread, and makes a recogniser for each room that shares them."""

    def __init__(self, settings: Settings) -> None:
        """Find the pack and read its manifest; nothing heavy is imported or loaded.

        Raises:
            PackError: there is no such pack, or its manifest is malformed.
        """
        self._settings = settings
        self._folder: Path = find_pack(settings.recognizer.pack)
        manifest = read_manifest(self._folder / "pack.toml")
        self.label = f"{manifest.name} {manifest.version}"
        """The pack's name and version."""
        self._owned = ExitStack()

    def load(self) -> None:
        """Load the models now rather than for the first room. Called in the inference thread.

        Raises:
            PackError: a file of the pack is missing or changed, or a model does not follow the contract.
            RecognizerError, MissingDependencyError: the models cannot be run here.
        """
        _ = self._models

    def new_recognition(self) -> Recognition:
        """A room's own recogniser and written form. Called in the inference thread; errors as :meth:`load`."""
        from streamer.asr.recognizer import PackRecognizer  # noqa: PLC0415 - numpy and the rest load here, off the loop
        from streamer.text.finisher import CaptionFinisher  # noqa: PLC0415
        from streamer.vad.gate import GatedRecognizer  # noqa: PLC0415

        recognizer = GatedRecognizer(PackRecognizer(self._models, self._settings.recognizer), self._settings.gate)
        return Recognition(recognizer, CaptionFinisher(self._punctuator))

    def close(self) -> None:
        """Release the models. Called in the inference thread; safe to call twice."""
        self._owned.close()

    @cached_property
    def _models(self) -> LoadedModels:
        from streamer.asr.models import load_models  # noqa: PLC0415

        models = load_models(load_pack(self._folder), self._settings.recognizer)
        self._owned.callback(models.close)
        return models

    @cached_property
    def _punctuator(self) -> Punctuator | None:
        path = self._models.pack.resource("punctuation")
        if path is None:
            return None
        from streamer.asr.runners import open_runner  # noqa: PLC0415
        from streamer.text.punctuation import Punctuator  # noqa: PLC0415

        runner = open_runner("onnx", path, self._settings.recognizer)
        self._owned.callback(runner.close)
        characters = self._models.characters
        return Punctuator(runner, {token: characters.id(token) for token in characters.tokens})
