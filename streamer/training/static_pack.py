"""A pack for ``atc`` out of one for CPUs: the same weights in single precision, fixed shapes, documented operators."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from streamer.asr.contract import MAX_TOKENS
from streamer.asr.fbank import MAX_FRAMES
from streamer.asr.mel import MEL_BINS
from streamer.asr.modelpack import ModelPack
from streamer.errors import MissingDependencyError, PackError
from streamer.packs.writer import name_in, write_pack
from streamer.system.installation import package_command
from streamer.training.masks import mask_padding
from streamer.training.narrow_integers import narrow_integers
from streamer.training.older_operators import in_older_operators
from streamer.training.static_form import folded
from streamer.training.unquantised import unquantised

ACOUSTIC_SHAPES: Final = {"features": (1, MAX_FRAMES, MEL_BINS, 1), "length": (1, 1)}
"""Of the contract, by the names that our own models have."""
LANGUAGE_SHAPES: Final = {"inputs": (1, MAX_TOKENS)}


def write_static_pack(source: ModelPack, folder: Path) -> ModelPack:
    """Write the static form of a pack; tables, resources and golden inputs are copied.

    Args:
        source: an ONNX pack of this repository's models, int8 or fp32.
        folder: of the new pack; must not exist, or be empty.

    Raises:
        MissingDependencyError: onnx is not installed.
        PackError: the pack is for another runner, its models are of a form that is not known, the folder is taken, or
            no pack can be called like it.
    """
    old = source.manifest
    if old.runner != "onnx":
        raise PackError(f"pack {source.label} has runner {old.runner!r}, expected 'onnx'")
    if (folder / "pack.toml").is_file():
        raise PackError(f"{folder} holds a pack already: name another folder, or remove it")
    provenance = f"{old.provenance.rstrip()}\nStatic fp32 form of {source.label} (streamer models static)."
    manifest = msgspec.structs.replace(old, name=name_in(folder), provenance=provenance.lstrip(), files={})
    models = {old.acoustic.file, old.language.file}
    files = {name: source.path(name) for name in old.files if name not in models}
    ids = max(source.syllables().last_id, source.characters().last_id) + 2

    def make(draft: Path) -> None:
        write_static_model(source.path(old.acoustic.file), draft / old.acoustic.file, ACOUSTIC_SHAPES, ids)
        write_static_model(source.path(old.language.file), draft / old.language.file, LANGUAGE_SHAPES, ids)

    return write_pack(folder, manifest, files, make)


def write_static_model(source: Path, target: Path, shapes: Mapping[str, tuple[int, ...]], ids: int) -> None:
    """Write one model in the form that ``atc`` compiles.

    Args:
        source: an ONNX file, int8 or fp32, of any length.
        target: the file to write.
        shapes: of each input.
        ids: more than the highest id of syllables and characters; one more stands for none.

    Raises:
        MissingDependencyError: onnx is not installed.
        PackError: the model has other inputs, or is of a form that is not known.
    """
    try:
        import onnx  # noqa: PLC0415 - needed by makers of packs only
    except ImportError as error:
        raise MissingDependencyError(f"onnx is not installed: {package_command('onnx')}") from error
    model = unquantised(onnx.load(str(source)))
    _fix_shapes(model, source.name, shapes)
    mask_padding(model)
    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch) / "plain.onnx"
        onnx.save(model, str(plain))
        model = folded(plain, Path(scratch) / "folded.onnx")
    onnx.save(narrow_integers(in_older_operators(model, ids)), str(target))


def _fix_shapes(model: Any, name: str, shapes: Mapping[str, tuple[int, ...]]) -> None:
    found = {value.name for value in model.graph.input}
    if found != set(shapes):
        raise PackError(f"{name} has the inputs {', '.join(sorted(found))}; expected {', '.join(sorted(shapes))}")
    for value in model.graph.input:
        for dimension, size in zip(value.type.tensor_type.shape.dim, shapes[value.name], strict=True):
            dimension.ClearField("dim_param")
            dimension.dim_value = size
    for value in model.graph.output:
        value.type.tensor_type.ClearField("shape")
