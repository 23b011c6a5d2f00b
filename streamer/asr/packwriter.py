"""Rewrites parts of a model pack's manifest: the sha256 of every file, and tables that programs measure."""

from __future__ import annotations

import contextlib
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from streamer.asr.manifest import MANIFEST_NAME, PackManifest
from streamer.asr.modelpack import ModelPack, file_digest, load_pack, manifest_text, read_manifest
from streamer.errors import PackError
from streamer.settings.refusals import explained

Values = Mapping[str, object]
"""A table: numbers and texts by key, or tables of them."""
_UNWRITABLE = re.compile("[\\x00-\\x1f\\x7f\\ud800-\\udfff]")
"""Controls, and bytes that are no UTF-8."""


def seal_pack(folder: Path) -> ModelPack:
    """Rewrite the table ``[files]`` of a pack's manifest; every other line of it stays as it is.

    Sealed are the files that the manifest names and all others in the folder but hidden ones.

    Raises:
        PackError: the manifest is malformed, a file that it names is missing, or one has a name that it cannot hold.
    """
    path = folder / MANIFEST_NAME
    manifest = read_manifest(path)
    names = sealed_names(folder, manifest)
    table = "".join(f"{toml_value(name)} = {toml_value(file_digest(folder / name))}\n" for name in names)
    text = manifest_text(path)
    rest = _without_table(text, "files").rstrip("\n")
    _replace(path, f"{rest}\n\n[files]\n{table}")
    return load_pack(folder)


def write_tables(folder: Path, tables: Mapping[str, Values]) -> ModelPack:
    """Put tables into a pack's manifest, instead of those of the same names, and seal it.

    Raises:
        PackError: the manifest is or would become malformed, or a file that it names is missing.
    """
    path = folder / MANIFEST_NAME
    read_manifest(path)
    text = manifest_text(path)
    for name in tables:
        text = _without_table(text, name)
    head, found, tail = text.partition("[files]")
    _replace(path, f"{head.rstrip()}\n\n{toml_tables(tables)}\n{found}{tail}")
    return seal_pack(folder)


def toml_tables(tables: Mapping[str, Values]) -> str:
    """Tables of numbers and texts as TOML."""
    written = []
    for name, values in tables.items():
        nested = {f"{name}.{key}": value for key, value in values.items() if isinstance(value, Mapping)}
        plain = [f"{key} = {toml_value(value)}\n" for key, value in values.items() if not isinstance(value, Mapping)]
        written += [f"[{name}]\n", *plain, "\n", toml_tables(nested)]
    return "".join(written)


def sealed_names(folder: Path, manifest: PackManifest) -> list[str]:
    """Paths inside the folder that a seal covers, sorted.

    Raises:
        PackError: a file that the manifest names is missing, or one in the folder has a name that no manifest holds.
    """
    for key, name in manifest.named_files().items():
        if not (folder / name).is_file():
            raise PackError(f"{folder / MANIFEST_NAME}: {key} names {name!r}, which is not in the folder")
    inside = {
        file.relative_to(folder).as_posix()
        for file in folder.rglob("*")
        if file.is_file() and not any(part.startswith(".") for part in file.relative_to(folder).parts)
    }
    names = sorted(inside - {MANIFEST_NAME})
    if (strange := next(filter(_UNWRITABLE.search, names), None)) is not None:
        raise PackError(
            f"{folder}: the file {strange!r} cannot stand in {MANIFEST_NAME}: rename it, its name has to be UTF-8 "
            "without control characters"
        )
    return names


def toml_value(value: object) -> str:
    """A text, a number or a truth as TOML has it."""
    if isinstance(value, str):
        # JSON's strings are TOML's basic strings but for DEL.
        return msgspec.json.encode(value).decode().replace("\x7f", "\\u007f")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _without_table(text: str, name: str) -> str:
    """A manifest without a table and those inside it."""
    heading = rf"^[ \t]*\[[ \t]*{name}[ \t]*(?:\.[^\]]*)?\][^\n]*\n"
    return re.sub(rf"{heading}(?:(?![ \t]*\[).*\n)*", "", f"{text.rstrip()}\n", flags=re.MULTILINE)


def _replace(path: Path, text: str) -> None:
    """Write a manifest in one step, if it is well formed.

    Raises:
        PackError: it is not, or the disk refuses.
    """
    try:
        tables = tomllib.loads(text)
        msgspec.convert(tables, PackManifest)
    except tomllib.TOMLDecodeError as error:
        raise PackError(f"{path}: what was to be written into it does not fit: {error}") from error
    except msgspec.ValidationError as error:
        told = explained(str(error), tables, PackManifest)
        raise PackError(f"{path}: what was to be written into it does not fit: {told}") from error
    temporary = path.with_name(f".{MANIFEST_NAME}.{os.getpid()}")
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise PackError(f"cannot write {path}: {error.strerror or error}") from error
