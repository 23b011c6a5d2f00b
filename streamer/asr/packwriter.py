"""Seals a model pack: writes the sha256 of every file into its manifest."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

import msgspec

from streamer.asr.manifest import MANIFEST_NAME, PackManifest
from streamer.asr.modelpack import ModelPack, file_digest, load_pack, read_manifest
from streamer.errors import PackError

_FILES_TABLE = re.compile(r"^\[files\][^\n]*\n(?:(?!\[).*\n?)*", re.MULTILINE)


def seal_pack(folder: Path) -> ModelPack:
    """Rewrite the table ``[files]`` of a pack's manifest; every other line of it stays as it is.

    Sealed are the files that the manifest names and all others in the folder but hidden ones.

    Raises:
        PackError: the manifest is malformed, or a file that it names is missing.
    """
    path = folder / MANIFEST_NAME
    manifest = read_manifest(path)
    names = sealed_names(folder, manifest)
    table = "".join(f"{_key(name)} = {_key(file_digest(folder / name))}\n" for name in names)
    text = path.read_text(encoding="utf-8")
    rest = _FILES_TABLE.sub("", text).rstrip("\n")
    sealed = f"{rest}\n\n[files]\n{table}"
    msgspec.convert(tomllib.loads(sealed), PackManifest)
    temporary = path.with_name(f".{MANIFEST_NAME}.{os.getpid()}")
    temporary.write_text(sealed, encoding="utf-8")
    temporary.replace(path)
    return load_pack(folder)


def sealed_names(folder: Path, manifest: PackManifest) -> list[str]:
    """Paths inside the folder that a seal covers, sorted.

    Raises:
        PackError: a file that the manifest names is missing.
    """
    for key, name in manifest.named_files().items():
        if not (folder / name).is_file():
            raise PackError(f"{folder / MANIFEST_NAME}: {key} names {name!r}, which is not in the folder")
    inside = {
        file.relative_to(folder).as_posix()
        for file in folder.rglob("*")
        if file.is_file() and not any(part.startswith(".") for part in file.relative_to(folder).parts)
    }
    return sorted(inside - {MANIFEST_NAME})


def _key(text: str) -> str:
    """A TOML string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
