"""Writes a pack folder from a manifest, model files, and other files."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

from streamer.asr.fbank import FeatureRecipe
from streamer.asr.manifest import (
    CONTRACT_VERSION,
    MANIFEST_NAME,
    AcousticManifest,
    LanguageManifest,
    PackManifest,
    check_name,
)
from streamer.asr.modelpack import ModelPack, load_pack, pack_folders
from streamer.asr.packwriter import seal_pack, toml_value
from streamer.asr.tokens import TokenTable, read_tokens
from streamer.errors import PackError
from streamer.packs.tables import language_table
from streamer.settings.refusals import explained

UNKNOWN_LICENCE = "unknown: see where the weights came from"
AM_TOKENS, LM_TOKENS = "am_tokens.txt", "lm_tokens.txt"
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
"""What TOML takes without quotes."""


@dataclass(frozen=True, slots=True)
class PackFacts:
    """What nobody can read off the model files. The defaults are those of the published weights."""

    name: str
    """The pack's and its folder's name."""
    am_tokens: Path
    """Token table of the acoustic model."""
    lm_tokens: Path
    """Token table of the language stage, ids from 1."""
    am_first_id: int = 0
    """Id of the acoustic table's first token."""
    blank_id: int | None = None
    """Id of the CTC blank; None for the one after the last token."""
    length: Literal["real", "padded"] = "padded"
    """Whether the acoustic model is told the real length, or always 250."""
    padding: Literal["constant", "reflect"] = "reflect"
    """What the features' transform finds beyond both ends of the sound."""
    licence: str = UNKNOWN_LICENCE
    provenance: str = ""


def default_folder(name: str) -> Path:
    """Where a pack of this name is installed for the user."""
    return pack_folders()[0] / name


def name_in(folder: Path) -> str:
    """What a pack in this folder is called.

    Raises:
        PackError: no pack can be called like the folder.
    """
    name = folder.absolute().name
    try:
        check_name(name)
    except ValueError as error:
        raise PackError(f"{folder}: a pack is called like its folder, but {error}") from error
    return name


def manifest_of(facts: PackFacts, runner: Literal["onnx", "ascend"], suffix: str) -> PackManifest:
    """The manifest of a new pack.

    Args:
        facts: tables, ids, recipe.
        runner: what executes the model files.
        suffix: of the model files (``.om``).

    Raises:
        PackError: a table is wrong, the blank is none of its neighbours, or the name is no pack name.
    """
    syllables = read_tokens(facts.am_tokens, facts.am_first_id)
    blank_id = _blank_id(facts, syllables)
    _, start_id, end_id = language_table(facts.lm_tokens)
    try:
        return PackManifest(
            name=facts.name,
            version="1",
            contract=CONTRACT_VERSION,
            runner=runner,
            licence=facts.licence,
            description=f"imported for the {runner} runner",
            provenance=facts.provenance,
            features=FeatureRecipe(padding=facts.padding),
            acoustic=AcousticManifest(
                file=f"conformer{suffix}",
                tokens=AM_TOKENS,
                first_id=facts.am_first_id,
                blank_id=blank_id,
                length=facts.length,
            ),
            language=LanguageManifest(file=f"transformer{suffix}", tokens=LM_TOKENS, start_id=start_id, end_id=end_id),
        )
    except ValueError as error:  # of the name
        raise PackError(str(error)) from error


def write_pack(
    folder: Path, manifest: PackManifest, files: Mapping[str, Path], make_models: Callable[[Path], None]
) -> ModelPack:
    """Write a pack; the folder appears only once it is whole.

    Args:
        folder: where; must not exist or be empty.
        manifest: everything but ``[files]``.
        files: what to copy, by its name in the pack.
        make_models: puts the model files that the manifest names into a folder.

    Raises:
        PackError: the folder is taken or cannot be written, or a file is missing.
    """
    check_folder(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as temporary:
            draft = Path(temporary) / folder.name
            draft.mkdir()
            for name, source in files.items():
                copy_file(source, draft / name)
            make_models(draft)
            tables = msgspec.to_builtins(_checked(manifest))
            (draft / MANIFEST_NAME).write_text(_toml({**tables, "files": {}}), encoding="utf-8")
            seal_pack(draft)
            if folder.exists():
                folder.rmdir()
            draft.rename(folder)
    except OSError as error:
        raise PackError(f"cannot write the pack {folder}: {error.strerror or error}") from error
    return load_pack(folder)


def check_folder(folder: Path) -> None:
    """See that a pack can be written there.

    Raises:
        PackError: something is in the way, or the folder cannot be looked into.
    """
    try:
        is_taken = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    except OSError as error:
        raise PackError(f"cannot write the pack {folder}: {error.strerror}") from error
    if is_taken:
        raise PackError(f"{folder} exists and is not empty: choose another --name or --out, or remove it")


def copy_file(source: Path, target: Path) -> None:
    """Copy a file of a pack.

    Raises:
        PackError: it cannot be read.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    except OSError as error:
        raise PackError(f"cannot copy {source} into the pack: {error.strerror}") from error


def _blank_id(facts: PackFacts, syllables: TokenTable) -> int:
    """A model has no columns but those of its table and the blank."""
    if facts.blank_id is None:
        return syllables.last_id + 1
    possible = [one for one in (syllables.first_id - 1, syllables.last_id + 1) if one >= 0]
    if facts.blank_id not in possible:
        raise PackError(
            f"--blank-id {facts.blank_id} is not beside the ids {syllables.first_id} to {syllables.last_id} of "
            f"{facts.am_tokens}, expected {' or '.join(map(str, possible))} (--am-first-id says where the table begins)"
        )
    return facts.blank_id


def _checked(manifest: PackManifest) -> PackManifest:
    tables = msgspec.to_builtins(manifest)
    try:
        return msgspec.convert(tables, PackManifest)
    except msgspec.ValidationError as error:
        told = explained(str(error), tables, PackManifest)
        raise PackError(f"no pack can have the manifest of {manifest.name!r}: {told}") from error


def _toml(tables: dict[str, Any], path: str = "") -> str:
    """A manifest as TOML: scalars first, then tables; what is None is left out."""
    present = {key: value for key, value in tables.items() if value is not None and value != {}}
    lines = [f"{_key(key)} = {toml_value(value)}" for key, value in present.items() if not isinstance(value, dict)]
    parts = ["\n".join([f"[{path}]", *lines] if path and lines else lines)]
    parts += [_toml(value, f"{path}.{_key(key)}" if path else _key(key)) for key, value in present.items()
              if isinstance(value, dict)]  # fmt: skip
    return "\n\n".join(part.rstrip("\n") for part in parts if part) + "\n"


def _key(name: str) -> str:
    """Names of what was measured may be anything."""
    return name if _BARE_KEY.fullmatch(name) else toml_value(name)
