"""Packs of offline models (``.om``) that somebody else converted."""

from __future__ import annotations

from pathlib import Path

from streamer.asr.modelpack import ModelPack
from streamer.errors import PackError
from streamer.packs.writer import AM_TOKENS, LM_TOKENS, PackFacts, copy_file, manifest_of, write_pack

_MAGIC = b"IMOD"


def import_offline(facts: PackFacts, conformer: Path, transformer: Path, folder: Path) -> ModelPack:
    """Make a pack of two offline models.

    Nothing here needs an NPU: what the models expect and give is checked when they are loaded.

    Raises:
        PackError: a file is missing or no offline model, a table is wrong, or the folder is taken.
    """
    for path in (conformer, transformer):
        check_offline(path)
    manifest = manifest_of(facts, "ascend", ".om")

    def copy_models(draft: Path) -> None:
        copy_file(conformer, draft / manifest.acoustic.file)
        copy_file(transformer, draft / manifest.language.file)

    return write_pack(folder, manifest, {AM_TOKENS: facts.am_tokens, LM_TOKENS: facts.lm_tokens}, copy_models)


def check_offline(path: Path) -> None:
    """See that a file begins as offline models do.

    Raises:
        PackError: it does not, or cannot be read.
    """
    try:
        with path.open("rb") as stream:
            magic = stream.read(len(_MAGIC))
    except OSError as error:
        raise PackError(f"cannot read offline model {path}: {error.strerror}") from error
    if magic != _MAGIC:
        raise PackError(
            f"{path} is no offline model: it begins with {magic!r}, expected {_MAGIC!r} "
            "(`atc` makes one; a Git LFS pointer or an unfinished download looks like this too)"
        )
