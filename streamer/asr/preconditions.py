"""What must hold for packs to be loaded, as far as it is known before anything heavy is imported or read."""

from __future__ import annotations

from pathlib import Path

from streamer.asr.manifest import MANIFEST_NAME, PackManifest
from streamer.asr.modelpack import existing_file, find_pack, read_manifest
from streamer.asr.runners import check_providers
from streamer.errors import PackError
from streamer.settings.recognizer import RecognizerSettings


def check_preconditions(folder: Path, settings: RecognizerSettings) -> PackManifest:
    """Find a mistake before a meeting begins: models are loaded while it runs already. The pack's manifest.

    Raises:
        PackError: the pack's manifest is missing or malformed, a file that it names is missing, the fallback pack is
            of no use, or no execution provider is installed.
        MissingDependencyError: ONNX Runtime cannot be loaded.
    """
    manifest = _checked(folder)
    fallback = fallback_folder(settings) if manifest.runner == "ascend" else None
    if fallback is not None:
        _checked(fallback)
    if manifest.runner == "onnx" or fallback is not None:
        check_providers(settings)
    return manifest


def fallback_folder(settings: RecognizerSettings) -> Path | None:
    """The folder of the pack that stands in for one on an NPU; None where none is configured.

    Raises:
        PackError: there is no such pack, or it is for the NPU too.
    """
    name = settings.ascend.fallback_pack
    if not name:
        return None
    folder = find_pack(name)
    if read_manifest(folder / MANIFEST_NAME).runner == "ascend":
        raise PackError(
            f"recognizer.ascend.fallback_pack = {name!r} is for the NPU as well; expected a pack with runner = 'onnx'"
        )
    return folder


def _checked(folder: Path) -> PackManifest:
    manifest = read_manifest(folder / MANIFEST_NAME)
    for name in manifest.files:
        existing_file(folder, name)
    return manifest
