"""Model packs: a folder with a manifest, found by name and verified before anything in it is used."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import msgspec

from streamer.asr.manifest import CONTRACT_VERSION, MANIFEST_NAME, PackManifest
from streamer.asr.tokens import TokenTable, read_tokens
from streamer.errors import PackError
from streamer.places import file_at, named, own_data

_EMBEDDED = Path(__file__).resolve().parent.parent / "models"


@dataclass(frozen=True, slots=True)
class ModelPack:
    """A pack whose files are what its manifest says."""

    folder: Path
    """Where it lies."""
    manifest: PackManifest

    @property
    def label(self) -> str:
        """Name and version, for logs and meetings."""
        return f"{self.manifest.name} {self.manifest.version}"

    def path(self, name: str) -> Path:
        """Path of one of its files."""
        return self.folder / name

    def resource(self, role: str) -> Path | None:
        """Path of an optional file by its role (``readings``, ``syllable_lm`` …); None where the pack has none."""
        name = self.manifest.resources.get(role)
        return None if name is None else self.folder / name

    def syllables(self) -> TokenTable:
        """Token table of the acoustic model.

        Raises:
            PackError: the table is malformed.
        """
        return read_tokens(self.path(self.manifest.acoustic.tokens), self.manifest.acoustic.first_id)

    def characters(self) -> TokenTable:
        """Token table of the language stage.

        Raises:
            PackError: the table is malformed.
        """
        return read_tokens(self.path(self.manifest.language.tokens), self.manifest.language.first_id)


def pack_folders() -> tuple[Path, ...]:
    """Where packs are looked for by name: the user's data folder, then those inside the program."""
    return (own_data() / "packs", _EMBEDDED)


def find_pack(reference: str, folders: tuple[Path, ...] | None = None) -> Path:
    """The folder of a pack, given its path or its name.

    Args:
        reference: path of a pack folder, or the name of an installed pack.
        folders: where names are looked for; :func:`pack_folders` if None.

    Raises:
        PackError: there is none, or a folder that may hold it is locked.
    """
    given = named(reference)
    searched = pack_folders() if folders is None else folders
    tried = [given, *(folder / reference for folder in searched if len(given.parts) == 1)]
    try:
        for folder in tried:
            if file_at(folder / MANIFEST_NAME):
                return folder
    except OSError as error:
        raise PackError(f"cannot look for the model pack at {error.filename}: {error.strerror}") from error
    places = ", ".join(str(folder) for folder in searched)
    raise PackError(
        f"no model pack {reference!r}: neither a folder with {MANIFEST_NAME}, nor a name in {places} "
        "(`streamer models list` shows what is installed)"
    )


def installed_packs(folders: tuple[Path, ...] | None = None) -> dict[str, Path]:
    """Folders of all installed packs by name, the one that a name means where several have it."""
    found: dict[str, Path] = {}
    for folder in pack_folders() if folders is None else folders:
        for manifest in sorted(folder.glob(f"*/{MANIFEST_NAME}")):
            found.setdefault(manifest.parent.name, manifest.parent)
    return found


def load_pack(folder: Path) -> ModelPack:
    """Read a pack's manifest and verify every file against it.

    Raises:
        PackError: the manifest is malformed or of another contract, or a file is missing or differs; the message
            says what was expected and what was found.
    """
    manifest = read_manifest(folder / MANIFEST_NAME)
    for key, name in manifest.named_files().items():
        if name not in manifest.files:
            raise PackError(
                f"{folder / MANIFEST_NAME}: {key} = {name!r} is not in [files] (expected its sha256 there; "
                "`streamer models seal` writes it)"
            )
    for name, digest in manifest.files.items():
        _verify_file(folder, name, digest)
    return ModelPack(folder, manifest)


def read_manifest(path: Path) -> PackManifest:
    """Read ``pack.toml`` without looking at the pack's files.

    Raises:
        PackError: it is missing, malformed, or of another contract.
    """
    try:
        tables = tomllib.loads(manifest_text(path))
        manifest = msgspec.convert(tables, PackManifest)
    except OSError as error:
        raise PackError(f"cannot read the manifest {path}: {error.strerror}") from error
    except msgspec.ValidationError as error:
        from streamer.settings.refusals import explained  # noqa: PLC0415 - only where something is wrong

        raise PackError(f"{path}: {explained(str(error), tables, PackManifest)}{_advice(str(error))}") from error
    except (ValueError, RecursionError) as error:  # no UTF-8, no TOML, or an integer of thousands of digits
        raise PackError(f"{path} is not valid UTF-8 TOML: {error}") from error
    if manifest.contract != CONTRACT_VERSION:
        raise PackError(
            f"{path}: the pack follows contract {manifest.contract}, expected {CONTRACT_VERSION} "
            "(another version of streamer made it)"
        )
    return manifest


def _advice(refusal: str) -> str:
    """What to do about a key that there is not: most likely it has gone since another version of streamer wrote it."""
    return " (where another version of streamer wrote this key, delete its line)" if "unknown field" in refusal else ""


def manifest_text(path: Path) -> str:
    """What stands in ``pack.toml``, without the mark with which Windows' Notepad begins.

    Raises:
        OSError: it cannot be read.
        UnicodeDecodeError: it is not UTF-8.
    """
    return path.read_text(encoding="utf-8-sig")


def file_digest(path: Path) -> str:
    """sha256 of a file, in hexadecimal.

    Raises:
        PackError: the file cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise PackError(f"cannot read {path}: {error.strerror}") from error


def existing_file(folder: Path, name: str) -> Path:
    """The path of one of a pack's files; it is not read.

    Raises:
        PackError: it is missing, or lies elsewhere.
    """
    relative = PurePosixPath(name)
    if relative.is_absolute() or ".." in relative.parts:
        raise PackError(f"{folder / MANIFEST_NAME}: [files] names {name!r} (expected a path inside the pack)")
    path = folder / name
    if not path.is_file():
        raise PackError(f"pack {folder}: {name} is missing (expected by [files] of its manifest)")
    return path


def _verify_file(folder: Path, name: str, digest: str) -> None:
    found = file_digest(existing_file(folder, name))
    if found != digest.lower():
        raise PackError(
            f"pack {folder}: {name} does not match its manifest: expected sha256 {digest}, found {found} "
            "(copied incompletely, or changed; after a change of your own run `streamer models seal`)"
        )
