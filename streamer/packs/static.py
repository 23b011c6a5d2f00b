"""Models in the static form that ``atc`` needs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from streamer.asr.contract import MAX_TOKENS, acoustic_tensors, language_tensors
from streamer.asr.fbank import MAX_FRAMES
from streamer.asr.mel import MEL_BINS
from streamer.asr.modelpack import ModelPack
from streamer.asr.runners import open_runner
from streamer.errors import PackError
from streamer.interfaces import ModelRunner
from streamer.settings.recognizer import RecognizerSettings

_QUANTISED = (b"DynamicQuantizeLinear", b"MatMulInteger", b"ConvInteger", b"QLinearMatMul", b"QLinearConv")
_EXPORT = "make the fp32 static form first: `streamer models static OUT --pack PACK`"


@dataclass(frozen=True, slots=True)
class StaticModel:
    """A model file that atc can convert."""

    path: Path
    """ONNX file, or frozen TensorFlow graph (``.pb``)."""
    input_shape: str
    """``--input_shape`` of atc: ``name:1,251``, inputs separated by ``;``."""

    @property
    def is_graph(self) -> bool:
        """Whether it is a frozen TensorFlow graph."""
        return self.path.suffix == ".pb"


def static_models(pack: ModelPack) -> tuple[StaticModel, StaticModel]:
    """The acoustic model and the language stage of an ONNX pack.

    Raises:
        PackError: they are quantised, of dynamic shape, or no ONNX files.
    """
    manifest = pack.manifest
    if manifest.runner != "onnx":
        raise PackError(f"pack {pack.label} has runner {manifest.runner!r}, expected 'onnx': atc converts ONNX files")
    return _acoustic(pack.path(manifest.acoustic.file)), _language(pack.path(manifest.language.file))


def published_graphs(conformer: Path, transformer: Path) -> tuple[StaticModel, StaticModel]:
    """The published frozen graphs, with the names and shapes of the reference application's own commands.

    Raises:
        PackError: a file is missing or no ``.pb``.
    """
    for path in (conformer, transformer):
        if path.suffix != ".pb" or not path.is_file():
            raise PackError(f"frozen graph expected (a .pb file), found {path}{'' if path.is_file() else ' (missing)'}")
    return (
        StaticModel(conformer, f"features:1,{MAX_FRAMES},{MEL_BINS},1;length:1,1"),
        StaticModel(transformer, f"inputs:1,{MAX_TOKENS}"),
    )


def _acoustic(path: Path) -> StaticModel:
    runner = _open(path)
    try:
        tensors = acoustic_tensors(runner, path.name)
        _check_size(path, tensors.features, "feature frames", tensors.frames, MAX_FRAMES)
        shape = f"{tensors.features}:1,{MAX_FRAMES},{MEL_BINS},1;{tensors.length}:1,1"
    finally:
        runner.close()
    return StaticModel(path, shape)


def _language(path: Path) -> StaticModel:
    runner = _open(path)
    try:
        tensors = language_tensors(runner, path.name)
        _check_size(path, tensors.inputs, "syllables", tensors.tokens, MAX_TOKENS)
        shape = f"{tensors.inputs}:1,{MAX_TOKENS}"
    finally:
        runner.close()
    return StaticModel(path, shape)


def _open(path: Path) -> ModelRunner:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PackError(f"cannot read {path}: {error.strerror}") from error
    # Operator names stand in ONNX files as they are, so that no ONNX library is needed to find them.
    found = [name.decode() for name in _QUANTISED if name in content]
    if found:
        raise PackError(
            f"{path.name} is quantised to int8 for CPUs ({', '.join(found)}), which atc cannot convert; {_EXPORT}"
        )
    return open_runner("onnx", path, RecognizerSettings())


def _check_size(path: Path, name: str, what: str, found: int | None, expected: int) -> None:
    if found != expected:
        raise PackError(
            f"{path.name}: input {name} takes {found or 'any number of'} {what}, expected {expected} for atc; {_EXPORT}"
        )
